// Opens a notebook at the cell that a line of its text belongs to, as the model was shown it.
import { NotebookRange, window, workspace, type Uri } from 'vscode';
import { decodeText } from '../../engine/shared/files/file_checks.ts';
import { cellAtLine, isNotebookPath, notebookText } from '../../engine/shared/files/notebook.ts';

/** False, with nothing opened, when the file is no notebook. Throws what the editor throws. */
export async function openNotebookAt(uri: Uri, line: number): Promise<boolean> {
  if (!isNotebookPath(uri.path)) return false;
  const json = decodeText(await workspace.fs.readFile(uri));
  const text = json === undefined ? undefined : notebookText(json);
  if (text === undefined) return false;
  const cell = (cellAtLine(text, line) ?? 1) - 1;
  await window.showNotebookDocument(await workspace.openNotebookDocument(uri), {
    preview: true,
    selections: [new NotebookRange(cell, cell + 1)],
  });
  return true;
}
