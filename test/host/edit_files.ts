// Files and editors for the suites about edits.
import assert from 'node:assert/strict';
import {
  commands,
  EndOfLine,
  Position,
  Selection,
  Uri,
  window,
  workspace,
  type CodeLens,
  type TextDocument,
  type TextEditor,
} from 'vscode';

/** The folder that the suites make their files in. */
export function inFolder(path: string): Uri {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'no folder is open');
  return Uri.joinPath(folder, ...path.split('/'));
}

/** Writes a file and shows it. */
export async function shown(path: string, text: string): Promise<TextEditor> {
  const uri = inFolder(path);
  await workspace.fs.writeFile(uri, Buffer.from(text));
  return window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
}

/** Puts the cursor, or a selection. */
export function select(
  editor: TextEditor,
  line: number,
  character: number,
  end = new Position(line, character),
): void {
  editor.selection = new Selection(new Position(line, character), end);
}

/** The text with '\n' for every line end. */
export function textOf({ document }: { document: TextDocument }): string {
  return document.getText().replaceAll('\r\n', '\n');
}

export const isCrlf = ({ eol }: TextDocument): boolean => eol === EndOfLine.CRLF;

/** The titles of the lenses of a document, by line. */
export async function lensesOf(document: TextDocument): Promise<Map<number, string[]>> {
  const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
  const byLine = new Map<number, string[]>();
  for (const { range, command } of lenses)
    byLine.set(range.start.line, [...(byLine.get(range.start.line) ?? []), command?.title ?? '']);
  return byLine;
}

/** Closes all editors; what is not saved is dropped. */
export async function closeAll(): Promise<void> {
  while (window.activeTextEditor) {
    await window.showTextDocument(window.activeTextEditor.document);
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await commands.executeCommand('workbench.action.closeAllEditors');
}
