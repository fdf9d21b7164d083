// Reads what is attached into texts of bounded size, with what the user should know of them.
import { holdsSecret, isSecretPath } from '../../engine/shared/files/secret_files.ts';
import { formatNumber, plural, t } from '../l10n.ts';
import { excerptAround } from '../prompts/excerpt.ts';
import type { EditorFile } from '../prompts/facts.ts';
import { contextErrors } from './errors.ts';
import type { Attachment, ReadAttachment } from './attachment.ts';
import { problemsText } from './problems_text.ts';
import type { ContextSources, NamedSymbol } from './sources.ts';

/** A file that the user has named: some 50,000 tokens, more than most contexts hold. */
export const fileCharsMax = 200_000;
/** All files of a folder. */
export const folderCharsMax = 200_000;

/** What can be read again when the message is sent. */
export type LivePlace = { kind: 'file' | 'folder'; uri: string } | { kind: 'problems' | 'changes' };

/** What is there now. */
export async function readLive(place: LivePlace, sources: ContextSources): Promise<ReadAttachment> {
  switch (place.kind) {
    case 'file':
      return readFile(place.uri, sources);
    case 'folder':
      return readFolder(place.uri, sources);
    case 'problems':
      return readProblems(sources);
    case 'changes':
      return readChanges(sources);
    default:
      return place satisfies never;
  }
}

async function readFile(uri: string, sources: ContextSources): Promise<ReadAttachment> {
  const { path, languageId, text } = await sources.file(uri);
  const excerpt = excerptAround(text, 1, fileCharsMax);
  const { startLine, endLine } = excerpt;
  const notes = secretNotes(path, excerpt.text);
  if (excerpt.cut) notes.push(cutNote(path, startLine, endLine));
  return read(
    {
      kind: excerpt.cut ? 'selection' : 'file',
      name: excerpt.cut ? linesName(path, startLine, endLine) : path,
      uri,
      range: { startLine, endLine },
      languageId,
      text: excerpt.text,
    },
    notes,
  );
}

async function readFolder(uri: string, sources: ContextSources): Promise<ReadAttachment> {
  const { path, files, leftOut } = await sources.folder(uri);
  const missing = [...leftOut];
  const pieces: string[] = [];
  let room = folderCharsMax;
  for (const file of files) {
    const piece = `=== ${file.path} ===\n${file.text.replace(/\n?$/, '\n')}`;
    if (piece.length > room) {
      missing.push(file.path);
      continue;
    }
    pieces.push(piece);
    room -= piece.length;
  }
  if (pieces.length === 0) throw contextErrors.nothingInFolder(path);
  const notes =
    missing.length === 0
      ? []
      : [
          plural(
            missing.length,
            t('Of {0}, 1 file is not given: {1}.', path, listOf(missing)),
            t('Of {0}, {1} files are not given: {2}.', path, formatNumber(missing.length), listOf(missing)),
          ),
        ];
  return read({ kind: 'folder', name: `${path}/`, uri, text: pieces.join('\n') }, notes);
}

function readProblems(sources: ContextSources): ReadAttachment {
  const active = sources.activeFile()?.path;
  const { text, count, left } = problemsText(sources.problems(), active);
  if (count === 0) throw contextErrors.noProblems();
  const notes =
    left > 0
      ? [t('The model gets {0} of {1} problems.', formatNumber(count - left), formatNumber(count))]
      : [];
  return read({ kind: 'problems', name: t('Problems'), uri: '', text }, notes);
}

async function readChanges(sources: ContextSources): Promise<ReadAttachment> {
  const { uri, staged, text, notes } = await sources.changes();
  const name = staged ? t('Staged changes') : t('All changes');
  return read({ kind: 'changes', name, uri, languageId: 'diff', text }, [...notes]);
}

/** What is selected now; it stays what it was when the selection moves on. */
export function readSelection(file: EditorFile | undefined): ReadAttachment {
  if (!file) throw contextErrors.noFile();
  const { uri, path, languageId, selection } = file;
  if (!selection) throw contextErrors.noSelection();
  const { startLine, endLine } = selection;
  const text = selection.text.slice(0, fileCharsMax);
  const notes = secretNotes(path, text);
  if (text.length < selection.text.length) notes.push(t('{0} is long: its end is missing.', path));
  const name = linesName(path, startLine, endLine);
  return read({ kind: 'selection', name, uri, range: { startLine, endLine }, languageId, text }, notes);
}

/** The lines of a symbol as they are now. */
export async function readSymbol(symbol: NamedSymbol, sources: ContextSources): Promise<ReadAttachment> {
  const { path, languageId, text } = await sources.file(symbol.uri);
  const lines = text.split('\n');
  const startLine = Math.min(symbol.startLine, lines.length);
  const endLine = Math.min(Math.max(symbol.endLine, startLine), lines.length);
  const piece = lines.slice(startLine - 1, endLine).join('\n');
  const name = `${symbol.name} (${linesName(path, startLine, endLine)})`;
  const range = { startLine, endLine };
  const notes = secretNotes(path, piece);
  if (piece.length > fileCharsMax) notes.push(t('{0} is long: its end is missing.', symbol.name));
  return read(
    { kind: 'symbol', name, uri: symbol.uri, range, languageId, text: piece.slice(0, fileCharsMax) },
    notes,
  );
}

/** The last command of the terminal with what it said. */
export function readTerminal(sources: ContextSources): ReadAttachment {
  const { name, command, output, cut, exitCode } = sources.terminal();
  const ended = exitCode === undefined ? '' : `\n(exit code ${exitCode})`;
  return read(
    {
      kind: 'terminal',
      name: `${name}: ${shortened(command)}`,
      uri: '',
      text: `$ ${command}\n${output}${ended}`,
    },
    cut ? [t('The beginning of what "{0}" said is missing: it is too long.', shortened(command))] : [],
  );
}

/** A text from the clipboard. */
export function readPaste(text: string): ReadAttachment {
  const lines = text.split('\n').length;
  const name = plural(lines, t('Pasted text, 1 line'), t('Pasted text, {0} lines', formatNumber(lines)));
  return read({ kind: 'paste', name, uri: '', text }, []);
}

/** A file that is only known by its name, as one from the desktop. */
export function readContent(name: string, text: string): ReadAttachment {
  const excerpt = excerptAround(text, 1, fileCharsMax);
  const { startLine, endLine } = excerpt;
  const notes = secretNotes(name, excerpt.text);
  if (excerpt.cut) notes.push(cutNote(name, startLine, endLine));
  return read({ kind: 'file', name, uri: '', text: excerpt.text }, notes);
}

/** What of the file in the editor comes along without being asked for: the selection, else what is around the cursor. */
export function readAround(file: EditorFile, charsMax: number): ReadAttachment {
  const { uri, path, languageId, selection } = file;
  const chosen = selection && selection.text.length <= charsMax ? selection : undefined;
  const excerpt = excerptAround(file.text, selection?.startLine ?? file.cursorLine, charsMax);
  const { startLine, endLine, text } = chosen ?? excerpt;
  const isWhole = !chosen && !excerpt.cut;
  return read(
    {
      kind: isWhole ? 'file' : 'selection',
      name: isWhole ? path : linesName(path, startLine, endLine),
      uri,
      range: { startLine, endLine },
      languageId,
      text,
    },
    chosen || isWhole ? [] : [cutNote(path, startLine, endLine)],
  );
}

function read(part: Omit<Attachment, 'type' | 'byUser'> & { text: string }, notes: string[]): ReadAttachment {
  return { attachment: { type: 'attachment', ...part, byUser: true }, notes };
}

/** What the user has attached is sent, but not without a word. */
function secretNotes(path: string, text: string): string[] {
  return isSecretPath(path) || holdsSecret(text) ? [t('{0} may hold secrets.', path)] : [];
}

function cutNote(path: string, startLine: number, endLine: number): string {
  return t(
    '{0} is long: the model gets lines {1} to {2}.',
    path,
    formatNumber(startLine),
    formatNumber(endLine),
  );
}

function linesName(path: string, startLine: number, endLine: number): string {
  return startLine === endLine ? `${path}:${startLine}` : `${path}:${startLine}-${endLine}`;
}

function shortened(command: string): string {
  const [line = ''] = command.split('\n', 1);
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

const namesMax = 5;
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, namesMax).join(', ');
  return names.length > namesMax ? `${shown} …` : shown;
}
