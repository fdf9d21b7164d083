// What the chat does in editors: copy, open a source or a link.
import { env, Range, Selection, TextEditorRevealType, Uri, window, workspace, type TextEditor } from 'vscode';
import { openNotebookAt } from '../paths/notebook_place.ts';
import { chatErrors } from './errors.ts';

/** Puts code on the clipboard. */
export async function copyCode(code: string): Promise<void> {
  await env.clipboard.writeText(code);
}

/** Opens a source of an answer with its lines in view and selected; lines are 1-based and inclusive. */
export async function openSource(uri: string, startLine: number, endLine: number): Promise<void> {
  const file = Uri.parse(uri, true);
  let editor: TextEditor;
  try {
    // The editor remembers a file for some minutes after it was deleted, and would show that.
    await workspace.fs.stat(file);
    if (await openNotebookAt(file, startLine)) return;
    editor = await window.showTextDocument(file, { preview: true });
  } catch (error) {
    throw chatErrors.sourceGone(workspace.asRelativePath(file), error);
  }
  const lastLine = editor.document.lineCount - 1;
  const start = Math.min(startLine - 1, lastLine);
  const end = Math.min(Math.max(startLine, endLine) - 1, lastLine);
  const range = new Range(start, 0, end, editor.document.lineAt(end).text.length);
  editor.selection = new Selection(range.end, range.start);
  editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Opens a web link in the browser; the editor asks the user first where it does not know the site. */
export async function openLink(href: string): Promise<void> {
  await env.openExternal(Uri.parse(href, true));
}
