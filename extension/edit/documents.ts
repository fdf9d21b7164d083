// Documents and editors as edits need them: their lines, how they are indented, whether they can be changed, and one way to change them.
import type { DocumentSymbol } from 'vscode';
import {
  commands,
  EndOfLine,
  FilePermission,
  Range,
  TabInputText,
  TabInputTextDiff,
  window,
  workspace,
  type SymbolInformation,
  type TextDocument,
  type TextEditor,
  type Uri,
} from 'vscode';
import { setTimeout as delay } from 'node:timers/promises';
import { isEditedText } from '../text_schemes.ts';
import { editErrors } from './errors.ts';
import type { IndentStyle } from './indentation.ts';
import { type LineEdit, linesOf, textChangeOf } from './lines.ts';
import type { NamedRange } from '../../engine/shared/outline/outline.ts';

/** A language server that is still starting is not waited for longer than this. */
const symbolsWaitMs = 1_500;

/** The lines of a document. */
export function documentLines(document: TextDocument): string[] {
  return linesOf(document.getText());
}

/** The line end that a document has. */
export function eolOf(document: TextDocument): string {
  return document.eol === EndOfLine.CRLF ? '\r\n' : '\n';
}

/** How an editor indents. */
export function styleOfEditor(editor: TextEditor): IndentStyle {
  const { insertSpaces, tabSize } = editor.options;
  return {
    insertSpaces: insertSpaces !== false,
    tabSize: typeof tabSize === 'number' ? tabSize : 4,
  };
}

/** The name of a document for messages. */
export function nameOf(uri: Uri): string {
  return workspace.asRelativePath(uri);
}

/** The editor that the user works in: the active one, or one that is seen while the chat has the focus. */
export function currentEditor(): TextEditor | undefined {
  return [window.activeTextEditor, ...window.visibleTextEditors].find(
    editor => editor && isEditedText(editor.document.uri),
  );
}

/** The files and texts that are open in tabs, that of the current editor first. */
export function openUris(): Uri[] {
  const inTabs = window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) =>
      input instanceof TabInputText ? [input.uri] : input instanceof TabInputTextDiff ? [input.modified] : [],
    ),
  );
  const current = currentEditor();
  const all = [...(current ? [current.document.uri] : []), ...inTabs];
  return all.filter(
    (uri, index) => isEditedText(uri) && all.findIndex(one => one.toString() === uri.toString()) === index,
  );
}

/** Shows a text to be changed; throws when it is none, or cannot be changed. */
export async function openToEdit(uri: Uri): Promise<TextEditor> {
  let editor: TextEditor;
  try {
    editor = await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
  } catch {
    throw editErrors.noText(nameOf(uri));
  }
  await checkWritable(uri);
  return editor;
}

/** Throws for a file that is marked as read-only, or that lies where nothing can be written. */
export async function checkWritable(uri: Uri): Promise<void> {
  if (uri.scheme === 'untitled') return;
  if (!isEditedText(uri) || workspace.fs.isWritableFileSystem(uri.scheme) === false)
    throw editErrors.cannotEdit(nameOf(uri));
  const permissions = await workspace.fs.stat(uri).then(
    stat => stat.permissions ?? 0,
    // Not a file, such as a cell of a notebook, or not there any more: the editor will tell.
    () => 0,
  );
  if (permissions & FilePermission.Readonly) throw editErrors.cannotEdit(nameOf(uri));
}

/** Whether undo stops before and behind what is written: without a stop it belongs to what was written before. */
export interface UndoStops {
  undoStopBefore: boolean;
  undoStopAfter: boolean;
}

/** Makes edits of lines as one step; throws when the editor refuses. */
export async function writeLines(
  editor: TextEditor,
  edits: readonly LineEdit[],
  undo: UndoStops = { undoStopBefore: true, undoStopAfter: true },
): Promise<void> {
  const { document } = editor;
  const lines = documentLines(document);
  const eol = eolOf(document);
  const done = await editor.edit(builder => {
    for (const edit of edits) {
      const { start, end, text } = textChangeOf(edit, lines, eol);
      builder.replace(new Range(start.line, start.character, end.line, end.character), text);
    }
  }, undo);
  if (!done) throw editErrors.cannotEdit(nameOf(document.uri));
}

/** What a language server says that the document defines; undefined where there is none, or it takes too long. */
export async function symbolsOf(document: TextDocument): Promise<NamedRange[] | undefined> {
  const asked = commands.executeCommand<(DocumentSymbol | SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  const symbols = await Promise.race([asked, delay(symbolsWaitMs, undefined, { ref: false })]);
  const ranges = (symbols ?? []).flatMap(flat);
  return ranges.length > 0 ? ranges : undefined;
}

function flat(symbol: DocumentSymbol | SymbolInformation): NamedRange[] {
  const range = 'range' in symbol ? symbol.range : symbol.location.range;
  // Some servers add the parameters to the name.
  const own = {
    name: symbol.name.split('(')[0]?.trim() ?? '',
    start: range.start.line,
    end: range.end.line + 1,
  };
  return [own, ...('children' in symbol ? symbol.children.flatMap(flat) : [])];
}
