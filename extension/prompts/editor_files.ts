// What the editor shows, as plain values for questions about it.
import {
  DiagnosticSeverity,
  languages,
  Range,
  window,
  type Diagnostic,
  type TextDocument,
  type Uri,
} from 'vscode';
import { isUsersText } from '../text_schemes.ts';
import type { EditorFile, Problem } from './facts.ts';

/** Lines shown above and below a place that is asked about without a selection. */
const marginLines = 10;

export type PathOf = (uri: Uri) => string | undefined;

/** The file in the editor that was used last, with its selection and problems; undefined when none is open. */
export function activeFile(pathOf: PathOf): EditorFile | undefined {
  const editor = [window.activeTextEditor, ...window.visibleTextEditors].find(
    shown => shown && isUsersText(shown.document.uri),
  );
  if (!editor) return undefined;
  const { document, selection } = editor;
  return fileOf(document, pathOf, {
    cursorLine: selection.active.line + 1,
    selected: selection.isEmpty ? undefined : selection,
    problems: languages.getDiagnostics(document.uri),
  });
}

/** A file as if a part of it were selected. */
export function fileWithSelection(document: TextDocument, pathOf: PathOf, selected: Range): EditorFile {
  return fileOf(document, pathOf, {
    cursorLine: selected.start.line + 1,
    selected,
    problems: languages.getDiagnostics(document.uri),
  });
}

/** A file as if the lines around some problems were selected, with these problems only. */
export function fileWithProblems(
  document: TextDocument,
  pathOf: PathOf,
  problems: readonly Diagnostic[],
): EditorFile {
  const lines = problems.flatMap(({ range }) => [range.start.line, range.end.line]);
  const first = Math.max(0, Math.min(...lines) - marginLines);
  const last = Math.min(document.lineCount - 1, Math.max(...lines) + marginLines);
  const selected = new Range(first, 0, last, document.lineAt(last).text.length);
  return fileOf(document, pathOf, { cursorLine: Math.min(...lines) + 1, selected, problems });
}

function fileOf(
  document: TextDocument,
  pathOf: PathOf,
  at: { cursorLine: number; selected: Range | undefined; problems: readonly Diagnostic[] },
): EditorFile {
  const { uri, languageId } = document;
  const { selected } = at;
  return {
    uri: uri.toString(),
    path: pathOf(uri) ?? uri.fsPath,
    fsPath: uri.fsPath,
    languageId,
    text: document.getText(),
    cursorLine: at.cursorLine,
    selection: selected && {
      text: document.getText(selected),
      startLine: selected.start.line + 1,
      endLine: lastLineOf(selected) + 1,
    },
    problems: at.problems.map(problemOf),
  };
}

/** A selection that ends at the start of a line does not reach into it. */
function lastLineOf({ start, end }: Range): number {
  return end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
}

const severities: Record<DiagnosticSeverity, Problem['severity']> = {
  [DiagnosticSeverity.Error]: 'error',
  [DiagnosticSeverity.Warning]: 'warning',
  [DiagnosticSeverity.Information]: 'information',
  [DiagnosticSeverity.Hint]: 'hint',
};

/** A problem as plain values. */
export function problemOf({ severity, message, source, code, range }: Diagnostic): Problem {
  const value = typeof code === 'object' ? code.value : code;
  return {
    severity: severities[severity],
    message,
    source,
    code: value === undefined ? undefined : String(value),
    startLine: range.start.line + 1,
    endLine: range.end.line + 1,
  };
}
