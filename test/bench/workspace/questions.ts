// Questions about real TypeScript sources with their right answers, from the TypeScript compiler and its language service: where an
// exported name is defined, which file does what a doc comment says (the comment is taken out of the copy that is asked about), and who calls
// a name. Chosen by a seed; each is asked in English, Korean or Chinese.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export type QuestionKind = 'where' | 'which' | 'who';
export type QuestionLanguage = 'en' | 'ko' | 'zh';

export interface BenchQuestion {
  kind: QuestionKind;
  language: QuestionLanguage;
  text: string;
  /** Paths that are right; one of them is enough. */
  right: string[];
}

export interface QuestionList {
  questions: BenchQuestion[];
  /** The files as they are asked about: without the doc comments that questions were made from. */
  files: { path: string; text: string }[];
}

const templates: Record<QuestionKind, Record<QuestionLanguage, (about: string) => string>> = {
  where: {
    en: name => `Where is ${name} defined?`,
    ko: name => `${name}는 어디에 정의되어 있나요?`,
    zh: name => `${name}在哪里定义？`,
  },
  which: {
    en: does => `Which file does this: ${does}`,
    ko: does => `다음을 하는 파일은 어떤 파일인가요? ${does}`,
    zh: does => `哪个文件做这件事：${does}`,
  },
  who: {
    en: name => `Who calls ${name}?`,
    ko: name => `${name}를 호출하는 곳은 어디인가요?`,
    zh: name => `谁调用了${name}？`,
  },
};

const languages: readonly QuestionLanguage[] = ['en', 'ko', 'zh'];
/** A sentence that says less could be about any file. */
const wordsLeast = 5;
/** A name that more files call is hardly asked about. */
const callingFilesMax = 5;

interface Documented {
  sentence: string;
  path: string;
  start: number;
  end: number;
}

/**
 * `count` lists of `size` questions each, no two of them with the same question; the sources lie in `directory`, at `paths`. Each list has
 * its own copy of the files.
 */
export function questionLists(
  directory: string,
  paths: readonly string[],
  { seed, size, count }: { seed: number; size: number; count: number },
): QuestionList[] {
  const sources = new Map(paths.map(path => [path, readFileSync(join(directory, path), 'utf8')]));
  const random = randomOf(seed);
  const service = serviceOf(directory, sources);
  const program = service.getProgram() as ts.Program;
  const { where, documented, callable } = truths(program, directory, paths);
  const whereLeft = shuffled(where, random);
  const whichLeft = shuffled(documented, random);
  const whoLeft = shuffled(callable, random);
  return Array.from({ length: count }, () => {
    const questions: BenchQuestion[] = [];
    const removed: Documented[] = [];
    while (questions.length < size) {
      const language = languages[questions.length % languages.length] as QuestionLanguage;
      const kind = (['where', 'which', 'who'] as const)[
        Math.floor(questions.length / languages.length) % 3
      ] as QuestionKind;
      const made = { where: nextWhere, which: nextWhich, who: nextWho }[kind](removed);
      questions.push({ kind, language, text: templates[kind][language](made.about), right: made.right });
    }
    return {
      questions,
      files: [...sources].map(([path, text]) => ({
        path,
        text: without(
          text,
          removed.filter(one => one.path === path),
        ),
      })),
    };
  });

  function nextWhere() {
    const { name, path } = whereLeft.pop() ?? tooFew('where');
    return { about: name, right: [path] };
  }
  function nextWhich(removed: Documented[]) {
    const one = whichLeft.pop() ?? tooFew('which');
    removed.push(one);
    return { about: one.sentence, right: [one.path] };
  }
  function nextWho(): { about: string; right: string[] } {
    for (;;) {
      const { name, path, position } = whoLeft.pop() ?? tooFew('who');
      const right = callingFiles(service, directory, path, position, sources);
      if (right.length > 0 && right.length <= callingFilesMax) return { about: name, right };
    }
  }
}

function tooFew(kind: QuestionKind): never {
  throw new Error(`the package has too little for the "${kind}" questions`);
}

function without(text: string, ranges: readonly { start: number; end: number }[]): string {
  let left = text;
  for (const { start, end } of ranges.toSorted((a, b) => b.start - a.start))
    left = left.slice(0, start) + left.slice(end);
  return left;
}

/** What can be asked about, in the order of the paths. */
function truths(program: ts.Program, directory: string, paths: readonly string[]) {
  const definedIn = new Map<string, Set<string>>();
  const positions: { name: string; path: string; position: number; isFunction: boolean }[] = [];
  const sentences = new Map<string, Documented[]>();
  for (const path of paths) {
    const file = program.getSourceFile(join(directory, path));
    if (!file) continue;
    const visit = (node: ts.Node, exported: boolean): void => {
      const named = (node as { name?: ts.Node }).name;
      if (named && ts.isIdentifier(named) && isDefinition(node)) {
        const seen = definedIn.get(named.text) ?? new Set();
        definedIn.set(named.text, seen.add(path));
        if (exported)
          positions.push({
            name: named.text,
            path,
            position: named.getStart(file),
            isFunction: ts.isFunctionDeclaration(node),
          });
      }
      for (const doc of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
        const sentence = firstSentence(ts.getTextOfJSDocComment(doc.comment) ?? '');
        if (sentence.split(/\s+/).length < wordsLeast || !(named || ts.isVariableStatement(node))) continue;
        const known = sentences.get(sentence) ?? [];
        sentences.set(sentence, [...known, { sentence, path, start: doc.getStart(file), end: doc.end }]);
      }
    };
    for (const statement of file.statements) {
      const exported =
        ts.canHaveModifiers(statement) &&
        (ts.getModifiers(statement) ?? []).some(one => one.kind === ts.SyntaxKind.ExportKeyword);
      visit(statement, exported);
      if (ts.isVariableStatement(statement))
        for (const one of statement.declarationList.declarations) visit(one, exported);
      if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement))
        for (const member of statement.members) visit(member, false);
    }
  }
  const isTest = (path: string) => /(?:^|\/)tests?\/|\.(?:test|spec|bench)\./.test(path);
  // What is defined twice, has no one answer; tests are not asked about.
  const once = positions.filter(
    ({ name, path }) => name.length > 3 && definedIn.get(name)?.size === 1 && !isTest(path),
  );
  return {
    where: once,
    documented: [...sentences.values()].flatMap(all =>
      all.length === 1 && !isTest((all[0] as Documented).path) ? all : [],
    ),
    callable: once.filter(({ isFunction }) => isFunction),
  };
}

function isDefinition(node: ts.Node): boolean {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isVariableDeclaration(node)
  );
}

function firstSentence(comment: string): string {
  const [paragraph = ''] = comment.split(/\n\s*\n/);
  const plain = paragraph
    .replace(/\{@link\s+([^}|\s]+)[^}]*\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
  return (/^.*?[.!?](?=\s|$)/.exec(plain)?.[0] ?? plain).slice(0, 300);
}

/** Files in which the name at the position is called. */
function callingFiles(
  service: ts.LanguageService,
  directory: string,
  path: string,
  position: number,
  sources: ReadonlyMap<string, string>,
): string[] {
  const program = service.getProgram() as ts.Program;
  const found = new Set<string>();
  for (const { references } of service.findReferences(join(directory, path), position) ?? [])
    for (const { fileName, textSpan, isDefinition: defines } of references) {
      const file = program.getSourceFile(fileName);
      const inside = fileName.slice(directory.length + 1);
      if (!file || defines || !sources.has(inside)) continue;
      let node = tokenAt(file, textSpan.start);
      if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) node = node.parent;
      if (ts.isCallExpression(node.parent) && node.parent.expression === node) found.add(inside);
    }
  return [...found].sort();
}

function tokenAt(file: ts.SourceFile, position: number): ts.Node {
  let node: ts.Node = file;
  for (;;) {
    const inner: ts.Node | undefined = node
      .getChildren(file)
      .find(child => child.getStart(file) <= position && position < child.end);
    if (!inner) return node;
    node = inner;
  }
}

function serviceOf(directory: string, sources: ReadonlyMap<string, string>): ts.LanguageService {
  const names = [...sources.keys()].map(path => join(directory, path));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noLib: true,
    types: [],
  };
  return ts.createLanguageService({
    getScriptFileNames: () => names,
    getScriptVersion: () => '1',
    getScriptSnapshot: name => {
      const text = sources.get(name.slice(directory.length + 1)) ?? ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => directory,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  });
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const list = [...all];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

/** Numbers from 0 to 1 (mulberry32), which the lists were drawn with: another generator would draw other questions. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
