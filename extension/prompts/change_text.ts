// The changes of a repository as a text of bounded size: every file is named, the largest pieces are cut, and files that may hold secrets
// are not shown. Pure.
import { parsePatch, type StructuredPatch } from 'diff';
import { holdsSecret, isSecretPath } from '../../engine/shared/files/secret_files.ts';

export interface ChangeText {
  /** Empty when there is nothing that may be shown. */
  text: string;
  /** Files that are not shown whole. */
  cut: string[];
  /** Files that may hold secrets. */
  secret: string[];
}
/** A file that Git does not know yet. */
export interface NewFile {
  path: string;
  /** Undefined when it is no text or too large. */
  text?: string;
}

/** All changes together. */
export const changeCharsMax = 24_000;
/** Pieces that are shown at all, so that a share of the room is enough to say something. */
const piecesMax = 200;
/** Files that are named; further ones are counted. */
const filesMax = 200;

interface FileChange {
  path: string;
  /** What it was called before. */
  oldPath?: string;
  head: string;
  pieces: string[];
}

/** Makes the text from what `git diff` printed and from files that it does not name. */
export function changeText(
  diff: string,
  newFiles: readonly NewFile[] = [],
  charsMax = changeCharsMax,
): ChangeText {
  const { plain, conflicts } = withoutConflicts(diff);
  const all: FileChange[] = [
    ...conflicts.map(path => ({ path, head: `${path} (in conflict)`, pieces: [] })),
    ...parsePatch(plain).map(changeOf),
    ...newFiles.map(changeOfNew),
  ].filter(({ path }) => path !== '');
  const hidden = new Set(all.filter(mayHoldSecrets));
  const open = all.filter(change => !hidden.has(change));
  const named = open.slice(0, filesMax);
  const heads = named.reduce((sum, { head }) => sum + head.length + 2, 0);
  const shownPieces = named.flatMap(({ pieces }) => pieces).slice(0, piecesMax);
  const share = fairShare(
    shownPieces.map(piece => piece.length),
    charsMax - heads,
  );
  const cut: string[] = [];
  let left = piecesMax;
  const texts = named.map(({ path, head, pieces }) => {
    const shown = pieces.slice(0, left).map(piece => cutAtLine(piece, share));
    left -= shown.length;
    if (shown.length < pieces.length || shown.some((piece, index) => piece !== pieces[index])) cut.push(path);
    const missing = pieces.length - shown.length;
    return [head, ...shown, ...(missing > 0 ? [`(${missing} more pieces are left out)`] : [])].join('\n');
  });
  if (open.length > named.length) {
    texts.push(`(and ${open.length - named.length} more files)`);
    cut.push(...open.slice(filesMax).map(({ path }) => path));
  }
  return { text: texts.join('\n\n'), cut, secret: [...hidden].map(({ path }) => path) };
}

/** The size that pieces are cut to so that all fit; small ones stay whole, and what they leave goes to the others. */
function fairShare(sizes: readonly number[], room: number): number {
  let rest = Math.max(room, 0);
  for (const [index, size] of sizes.toSorted((one, other) => one - other).entries()) {
    const share = rest / (sizes.length - index);
    if (size > share) return Math.floor(share);
    rest -= size;
  }
  return Infinity;
}

function cutAtLine(piece: string, charsMax: number): string {
  if (piece.length <= charsMax) return piece;
  const end = piece.lastIndexOf('\n', charsMax);
  const given = piece.slice(0, end > 0 ? end : charsMax);
  const missing = piece.slice(given.length).split('\n').length - 1;
  return `${given}\n(${missing > 0 ? `${missing} more lines are` : 'the rest is'} left out)`;
}

function changeOf(patch: StructuredPatch): FileChange {
  const before = nameOf(patch.oldFileName);
  const after = nameOf(patch.newFileName);
  const path = after || before;
  const how = patch.isBinary ? `${fateOf(patch)}, binary` : fateOf(patch);
  const pieces = patch.hunks.map(({ newStart, lines }) => [`@@ line ${newStart} @@`, ...lines].join('\n'));
  return { path, oldPath: before, head: `${path} (${how})`, pieces };
}

/** What became of the file. */
function fateOf({ oldFileName, newFileName, oldMode, newMode, ...patch }: StructuredPatch): string {
  const [before, after] = [nameOf(oldFileName), nameOf(newFileName)];
  if (patch.isCreate || before === '') return 'new';
  if (patch.isDelete || after === '') return 'deleted';
  if (before !== after) return `${patch.isCopy ? 'copied' : 'renamed'} from ${before}`;
  return newMode !== undefined && newMode !== oldMode ? 'mode changed' : 'changed';
}

/** A file that had the name of a secret is one, whatever it is called now; so is one in whose changes a secret stands. */
function mayHoldSecrets({ path, oldPath = '', pieces }: FileChange): boolean {
  return isSecretPath(path) || isSecretPath(oldPath) || pieces.some(piece => holdsSecret(unmarked(piece)));
}

/** Without the signs before lines of a change, behind which some secrets would not be known. */
function unmarked(piece: string): string {
  return piece.replace(/^[-+ ]/gm, '');
}

function changeOfNew({ path, text }: NewFile): FileChange {
  const pieces = text === undefined || text === '' ? [] : [text.replace(/\n$/, '').replace(/^/gm, '+')];
  return { path, head: `${path} (new${text === undefined ? ', not text or too large' : ''})`, pieces };
}

/** Without the letter that Git puts before names; empty for the side that is not there. */
function nameOf(name: string | undefined): string {
  return name === undefined || name === '/dev/null' ? '' : name.replace(/^[a-z]\//, '');
}

/** Files with conflicts have a form of their own, which compares more than two versions. */
function withoutConflicts(diff: string): { plain: string; conflicts: string[] } {
  const conflicts: string[] = [];
  // A file in conflict that was not looked at yet is a line by itself; lines of changes never begin with a star.
  const listed = diff.replace(/^\* Unmerged path (.*)\n?/gm, (_line, path: string) => {
    conflicts.push(path);
    return '';
  });
  const sections = listed.split(/^(?=diff --(?:git|cc|combined) )/m).filter(section => {
    const path = /^diff --(?:cc|combined) (.*)/.exec(section)?.[1];
    if (path !== undefined) conflicts.push(path);
    return path === undefined;
  });
  return { plain: sections.join(''), conflicts };
}
