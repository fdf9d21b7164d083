// A block of code that is a diff: "+" and "-" lines with the lines around them. Line numbers and counts, which models get wrong, are not
// looked at; the place of each piece is found by its text. Pure.
import { isBlank } from '../../engine/shared/outline/indent.ts';
import { type LineEdit, withoutBlankEnds } from './lines.ts';
import { regionOf } from './region.ts';

interface Piece {
  before: string[];
  after: string[];
}

/** True when the block is a diff: named so, or every line begins as one of a diff. */
export function isPatch(language: string, lines: readonly string[]): boolean {
  if (language === 'diff' || language === 'patch') return lines.some(line => /^[+-]/.test(line));
  return (
    lines.some(line => /^@@ .*@@/.test(line)) &&
    lines.every(line => isBlank(line) || /^[ +\-@\\]|^diff |^index /.test(line))
  );
}

/** The path of the file that a diff changes, from its header. */
export function pathOfPatch(lines: readonly string[]): string | undefined {
  const named =
    lines.find(line => /^\+\+\+ (?!\/dev\/null)/.test(line)) ??
    lines.find(line => /^--- (?!\/dev\/null)/.test(line));
  return named
    ?.slice(4)
    .split('\t')[0]
    ?.trim()
    .replace(/^[ab]\//, '');
}

/** The edits of the diff; undefined when a piece of it is not in the text. */
export function placePatch(patch: readonly string[], original: readonly string[]): LineEdit[] | undefined {
  const edits: LineEdit[] = [];
  let position = 0;
  for (const { before, after } of piecesOf(patch)) {
    const start = exactPlace(before, original, position) ?? exactPlace(before, original, 0);
    if (start !== undefined) {
      edits.push({ start, end: start + before.length, lines: after });
      position = start + before.length;
      continue;
    }
    const region = regionOf(withoutBlankEnds(before), original);
    if (!region || before.length === 0) return undefined;
    edits.push({ start: region.start, end: region.end, lines: withoutBlankEnds(after) });
    position = region.end;
  }
  const inOrder = edits.toSorted((a, b) => a.start - b.start);
  const overlap = inOrder.some((edit, index) => edit.start < (inOrder[index - 1]?.end ?? 0));
  return inOrder.length > 0 && !overlap ? inOrder : undefined;
}

function piecesOf(patch: readonly string[]): Piece[] {
  const pieces: Piece[] = [{ before: [], after: [] }];
  for (const line of patch) {
    const piece = pieces.at(-1);
    if (!piece || /^(?:\+\+\+ |--- |diff |index |\\ )/.test(line)) continue;
    if (line.startsWith('@@')) {
      pieces.push({ before: [], after: [] });
      continue;
    }
    const text = line.slice(1);
    if (line.startsWith('+')) piece.after.push(text);
    else if (line.startsWith('-')) piece.before.push(text);
    else {
      // A line of context; an empty one often lacks its space.
      piece.before.push(text);
      piece.after.push(text);
    }
  }
  return pieces.filter(({ before, after }) => [...before, ...after].some(line => !isBlank(line)));
}

/** Where these lines stand, but for white space at their ends; an empty file takes lines that have nothing before them. */
function exactPlace(
  before: readonly string[],
  original: readonly string[],
  from: number,
): number | undefined {
  if (before.length === 0) return original.every(isBlank) ? 0 : undefined;
  for (let start = from; start + before.length <= original.length; start++)
    if (before.every((line, index) => line.trimEnd() === original[start + index]?.trimEnd())) return start;
  return undefined;
}
