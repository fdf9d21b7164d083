// What the model reads of a file: its text in whatever encoding it has, and of a notebook its cells.
import { decodeText, mayBeText, plainLines } from './file_checks.ts';
import { isNotebookPath, notebookText } from './notebook.ts';

/** Text of bytes that are neither UTF-8 nor UTF-16 with a mark, by the encoding that the user has set. */
export type Decode = (path: string, bytes: Uint8Array) => Promise<string>;

/** Undefined when the encoding is not known; without `decode` nobody knows more than the bytes say. */
export async function textOf(path: string, bytes: Uint8Array, decode?: Decode): Promise<string | undefined> {
  let text = decodeText(bytes);
  if (text === undefined && decode && mayBeText(bytes)) {
    const decoded = await decode(path, bytes);
    // The mark of what could not be decoded.
    if (!decoded.includes('\uFFFD')) text = plainLines(decoded);
  }
  return text !== undefined && isNotebookPath(path) ? (notebookText(text) ?? text) : text;
}
