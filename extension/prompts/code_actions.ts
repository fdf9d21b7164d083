// Questions in the light bulb: explain and fix the problems at the cursor, document and test the symbol or the selection. They are
// commands of the editor's menu as well; each opens the chat and asks there.
import {
  CodeActionKind,
  CodeActionTriggerKind,
  commands,
  CodeAction,
  languages,
  Range,
  SymbolKind,
  type CodeActionContext,
  type CodeActionProvider,
  type Disposable,
  type DocumentSymbol,
  type SymbolInformation,
  type TextDocument,
} from 'vscode';
import { t } from '../l10n.ts';
import { isUsersText } from '../text_schemes.ts';
import { fileWithProblems, fileWithSelection, type PathOf } from './editor_files.ts';
import type { EditorFile } from './facts.ts';

/** What an action is about: a part of a file, or problems in it. */
type CodeTarget =
  | { document: TextDocument; range: Range }
  | { document: TextDocument; problems: CodeActionContext['diagnostics'] };

/** Kinds of symbols that it makes sense to document or to test. */
const documented = new Set([
  SymbolKind.Class,
  SymbolKind.Method,
  SymbolKind.Constructor,
  SymbolKind.Function,
  SymbolKind.Interface,
  SymbolKind.Enum,
  SymbolKind.Struct,
  SymbolKind.Module,
  SymbolKind.Namespace,
]);
const symbolKind = CodeActionKind.RefactorRewrite.append('hearth');

/** Offers the actions in all files, until disposed. */
export function registerCodeActions(isEnabled: () => boolean): Disposable {
  const provider: CodeActionProvider = {
    provideCodeActions: async (document, range, context, token) => {
      if (!isEnabled() || !isUsersText(document.uri)) return [];
      const actions = wants(context, CodeActionKind.QuickFix)
        ? problemActions(document, context.diagnostics)
        : [];
      // A light bulb at every word would be in the way: these come when they are asked for.
      const asked = context.triggerKind === CodeActionTriggerKind.Invoke && wants(context, symbolKind);
      const target = asked ? await symbolAt(document, range) : undefined;
      if (target && !token.isCancellationRequested) actions.push(...symbolActions(document, target));
      return actions;
    },
  };
  return languages.registerCodeActionsProvider('*', provider, {
    providedCodeActionKinds: [CodeActionKind.QuickFix, symbolKind],
  });
}

/** The file that a command of ours was called on by an action; undefined where it was called in another way. */
export function fileOfTarget(target: unknown, pathOf: PathOf): EditorFile | undefined {
  if (!isTarget(target)) return undefined;
  return 'problems' in target
    ? fileWithProblems(target.document, pathOf, target.problems)
    : fileWithSelection(target.document, pathOf, target.range);
}

/** Menus call a command with the uri of the file, other extensions with anything. */
function isTarget(value: unknown): value is CodeTarget {
  if (typeof value !== 'object' || value === null || !('document' in value)) return false;
  return 'problems' in value
    ? Array.isArray(value.problems)
    : 'range' in value && value.range instanceof Range;
}

function wants({ only }: CodeActionContext, kind: CodeActionKind): boolean {
  return only === undefined || only.contains(kind);
}

function problemActions(document: TextDocument, problems: CodeActionContext['diagnostics']): CodeAction[] {
  if (problems.length === 0) return [];
  const target: CodeTarget = { document, problems };
  return [
    action(t('Fix with Hearth'), 'hearth.fix', CodeActionKind.QuickFix, target),
    action(t('Explain with Hearth'), 'hearth.explain', CodeActionKind.QuickFix, target),
  ].map(made => Object.assign(made, { diagnostics: [...problems] }));
}

function symbolActions(document: TextDocument, range: Range): CodeAction[] {
  const target: CodeTarget = { document, range };
  return [
    action(t('Document with Hearth'), 'hearth.document', symbolKind, target),
    action(t('Write Tests with Hearth'), 'hearth.writeTests', symbolKind, target),
  ];
}

function action(title: string, command: string, kind: CodeActionKind, target: CodeTarget): CodeAction {
  const made = new CodeAction(title, kind);
  made.command = { title, command, arguments: [target] };
  return made;
}

/** The selection, or the innermost symbol around the cursor that can be documented. */
async function symbolAt(document: TextDocument, range: Range): Promise<Range | undefined> {
  if (!range.isEmpty) return range;
  const symbols = await commands.executeCommand<(DocumentSymbol | SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  let found: Range | undefined;
  for (let level = symbols ?? []; level.length > 0;) {
    const around = level.filter(symbol => rangeOf(symbol).contains(range));
    const inner = around.filter(({ kind }) => documented.has(kind)).map(rangeOf);
    // Symbols without a tree lie side by side; the smallest is the innermost.
    found = inner.toSorted((one, other) => (one.contains(other) ? 1 : -1))[0] ?? found;
    level = around.flatMap(symbol => ('children' in symbol ? symbol.children : []));
  }
  return found;
}

function rangeOf(symbol: DocumentSymbol | SymbolInformation): Range {
  return 'location' in symbol ? symbol.location.range : symbol.range;
}
