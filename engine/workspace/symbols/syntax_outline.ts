// A file's definitions from its syntax tree. A tree is walked from its root through what can hold definitions, never into the bodies of
// functions, so that deep nesting costs nothing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as TreeSitter from '@vscode/tree-sitter-wasm';
import { type Definition, type DefinitionKind, definitionsMax, signatureOf } from './definition.ts';
import { type Language, languageOf } from './languages.ts';

const requireHere = createRequire(import.meta.url);

/** A file of this many characters is data or minified, however it ends. */
const parsedCharsMax = 1_000_000;
/** A file that takes longer is not read by its grammar. */
const parseMsMax = 2_000;
/** How deep definitions may lie in each other, wrappers counted. */
const depthMax = 64;
/** Nodes of one file that are looked at. */
const nodesMax = 200_000;

/** Parsers by grammar, each made when the first file needs it. */
export class SyntaxOutlines {
  #library: Promise<typeof TreeSitter> | undefined;
  readonly #parsers = new Map<string, Promise<TreeSitter.Parser>>();

  /** The file's definitions, nested; undefined where no grammar reads it, or not in time. Rejects when the grammar cannot be loaded. */
  async of(path: string, text: string): Promise<Definition[] | undefined> {
    const language = languageOf(path);
    if (!language || text.length > parsedCharsMax) return undefined;
    const parser = await this.#parserOf(language.grammar);
    const until = performance.now() + parseMsMax;
    const tree = parser.parse(text, null, { progressCallback: () => performance.now() > until });
    if (!tree) {
      parser.reset();
      return undefined;
    }
    try {
      return definitionsOf(tree.rootNode, language, text.split('\n'), path);
    } finally {
      tree.delete();
    }
  }

  #parserOf(grammar: string): Promise<TreeSitter.Parser> {
    let parser = this.#parsers.get(grammar);
    if (!parser) {
      parser = this.#open(grammar);
      this.#parsers.set(grammar, parser);
    }
    return parser;
  }

  async #open(grammar: string): Promise<TreeSitter.Parser> {
    this.#library ??= openLibrary();
    const { Language: Grammars, Parser: Parsers } = await this.#library;
    const file = requireHere.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`);
    const loaded: TreeSitter.Language = await Grammars.load(readFileSync(file));
    return new Parsers().setLanguage(loaded);
  }
}

async function openLibrary(): Promise<typeof TreeSitter> {
  const library = requireHere('@vscode/tree-sitter-wasm') as typeof TreeSitter;
  await library.Parser.init();
  return library;
}

function definitionsOf(
  root: TreeSitter.Node,
  language: Language,
  lines: string[],
  path: string,
): Definition[] {
  let nodesLeft = nodesMax;
  let definitionsLeft = definitionsMax;
  const listed = exportedByList(lines);
  const visit = (
    parent: TreeSitter.Node,
    wrapper: TreeSitter.Node | undefined,
    depth: number,
    into: Definition[],
  ): void => {
    if (depth > depthMax) return;
    for (const node of parent.namedChildren) {
      if (!node || nodesLeft-- <= 0 || definitionsLeft <= 0) return;
      const kind = language.definitions.get(node.type);
      const name = kind && nameOf(node);
      if (kind && name) {
        const definition = definitionOf(node, kind, name, wrapper);
        definition.exported = isExported(path, definition, listed);
        into.push(definition);
        definitionsLeft--;
        if (holdsMembers.has(kind))
          for (const body of bodiesOf(node)) visit(body, undefined, depth + 1, definition.members);
      } else if (language.wrappers.has(node.type))
        // Only what opens a statement is part of the definition; a body is not.
        visit(node, isBody.test(node.type) ? undefined : (wrapper ?? node), depth + 1, into);
    }
  };
  const found: Definition[] = [];
  visit(root, undefined, 0, found);
  return found;
}

const holdsMembers: ReadonlySet<DefinitionKind> = new Set(['class', 'interface', 'enum', 'module', 'type']);
const isBody = /body|block|list|^object_type$|^ERROR$|^preproc_|^compound_statement$/;

function bodiesOf(node: TreeSitter.Node): TreeSitter.Node[] {
  const body = node.childForFieldName('body') ?? node.childForFieldName('value');
  if (body) return [body];
  return node.namedChildren.filter(
    (child): child is TreeSitter.Node => child !== null && isBody.test(child.type),
  );
}

function definitionOf(
  node: TreeSitter.Node,
  kind: DefinitionKind,
  name: string,
  wrapper: TreeSitter.Node | undefined,
): Definition {
  const outer = wrapper ?? node;
  const value = node.childForFieldName('value');
  const isFunction = value !== null && /function|arrow|lambda|closure/.test(value.type);
  const body = node.childForFieldName('body') ?? (isFunction ? value.childForFieldName('body') : value);
  const line = node.startPosition.row;
  const last = lastRowOf(outer);
  return {
    name,
    kind: kind === 'variable' && isFunction ? 'function' : kind,
    startLine: rowWithComments(outer) + 1,
    line: line + 1,
    endLine: last + 1,
    signature: signatureOf(
      body && body.startIndex > outer.startIndex
        ? outer.text.slice(0, Math.min(body.startIndex - outer.startIndex, 1_000))
        : outer.text.slice(0, 1_000),
    ).replace(/\s*[={]\s*$/, ''),
    exported: true,
    members: [],
  };
}

/** The row where the comments and attributes begin that stand right above a node. */
function rowWithComments(node: TreeSitter.Node): number {
  let first = node.startPosition.row;
  for (let before = node.previousSibling; before; before = before.previousSibling) {
    if (!/comment|decorator|attribute/.test(before.type) || lastRowOf(before) !== first - 1) break;
    // One behind code of the line above belongs to that code.
    if (before.previousSibling && lastRowOf(before.previousSibling) === before.startPosition.row) break;
    first = before.startPosition.row;
  }
  return first;
}

/** Some nodes end with the line end behind them. */
function lastRowOf(node: TreeSitter.Node): number {
  const { row, column } = node.endPosition;
  return column === 0 && row > node.startPosition.row ? row - 1 : row;
}

/** The name that a node defines; of a C declarator the innermost one. Undefined when it defines none. */
function nameOf(node: TreeSitter.Node): string | undefined {
  const named =
    node.childForFieldName('name') ??
    (node.type === 'impl_item' ? node.childForFieldName('type') : null) ??
    (node.type === 'assignment' ? constantOf(node.childForFieldName('left')) : null) ??
    (/^(rule_set|const_element)$/.test(node.type) ? (node.namedChildren[0] ?? null) : null) ??
    (node.type === 'field_definition' ? node.childForFieldName('property') : null) ??
    declaredBy(node);
  if (!named) return undefined;
  const text = named.text.replace(/^["'#]|["']$/g, '');
  return text.length > 0 && text.length <= 200 && !/[\n{[]/.test(text) ? text : undefined;
}

/** What is assigned to, if it is a plain name. */
function constantOf(left: TreeSitter.Node | null): TreeSitter.Node | null {
  return left && /^(identifier|constant)$/.test(left.type) ? left : null;
}

function declaredBy(node: TreeSitter.Node): TreeSitter.Node | null {
  if (!/^(function_definition|declaration|field_declaration|type_definition)$/.test(node.type)) return null;
  let declarator = node.childForFieldName('declarator');
  let isFunction = node.type === 'type_definition';
  for (let depth = 0; declarator && depth < 16; depth++) {
    isFunction ||= declarator.type === 'function_declarator';
    const inner = declarator.childForFieldName('declarator');
    if (!inner) break;
    declarator = inner;
  }
  if (!declarator || !isFunction) return null;
  return declarator.childForFieldName('name') ?? declarator;
}

/** Names in `export { … }` are found by their text; see isExported. */
function exportedByList(lines: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = 0; i < lines.length; i++) {
    if (!/^export\s*(?:type\s*)?\{/.test(lines[i] as string)) continue;
    for (let j = i; j < Math.min(lines.length, i + 200); j++) {
      for (const [name] of (lines[j] as string).matchAll(/[\w$]+/g)) names.add(name);
      if ((lines[j] as string).includes('}')) break;
    }
  }
  return names;
}

function isExported(path: string, { name, signature }: Definition, listed: ReadonlySet<string>): boolean {
  if (/\.(?:[cm]?[jt]sx?)$/i.test(path)) return /^(?:@\S+ )*export\b/.test(signature) || listed.has(name);
  if (/\.pyw?i?$/i.test(path)) return !name.startsWith('_');
  if (/\.go$/i.test(path)) return /^\p{Lu}/u.test(name);
  if (/\.rs$/i.test(path)) return /\bpub\b/.test(signature);
  if (/\.(?:java|cs|php)$/i.test(path)) return !/\bprivate\b/.test(signature);
  return true;
}
