// Code put at the cursor, indented as the place is, as one step of undo.
import { Range, window, type TextEditor } from 'vscode';
import { checkWritable, documentLines, eolOf, nameOf, styleOfEditor } from './documents.ts';
import { editErrors } from './errors.ts';
import { reindent } from './reindent.ts';

/** Puts the code in place of each selection, and goes there. */
export async function insertAtCursor(editor: TextEditor, code: string): Promise<void> {
  const { document, selections } = editor;
  await checkWritable(document.uri);
  const lines = documentLines(document);
  const place = { lines, style: styleOfEditor(editor), eol: eolOf(document) };
  const done = await editor.edit(edit => {
    for (const { start, end } of selections)
      edit.replace(new Range(start, end), reindent(code, { ...place, start, end }));
  });
  if (!done) throw editErrors.cannotEdit(nameOf(document.uri));
  await window.showTextDocument(document, { viewColumn: editor.viewColumn });
}
