// A set of byte ranges: which parts of a file are there. Ends are not included. Pure.

export interface ByteRange {
  start: number;
  end: number;
}

/** Sorted, apart from each other. */
export type ByteRanges = readonly ByteRange[];

/** The set with one more range. */
export function addRange(ranges: ByteRanges, added: ByteRange): ByteRange[] {
  if (added.end <= added.start) return [...ranges];
  const before = ranges.filter(({ end }) => end < added.start);
  const after = ranges.filter(({ start }) => start > added.end);
  const touching = ranges.filter(({ start, end }) => end >= added.start && start <= added.end);
  const merged = {
    start: Math.min(added.start, ...touching.map(({ start }) => start)),
    end: Math.max(added.end, ...touching.map(({ end }) => end)),
  };
  return [...before, merged, ...after];
}

/** What is missing of `bytes`, in pieces of at most `pieceBytes`. */
export function missingPieces(ranges: ByteRanges, bytes: number, pieceBytes: number): ByteRange[] {
  const pieces: ByteRange[] = [];
  let at = 0;
  for (const { start, end } of [...ranges, { start: bytes, end: bytes }]) {
    for (; at < start; at = Math.min(at + pieceBytes, start))
      pieces.push({ start: at, end: Math.min(at + pieceBytes, start) });
    at = Math.max(at, end);
  }
  return pieces;
}

export function countBytes(ranges: ByteRanges): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
