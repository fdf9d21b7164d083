import { expect, test } from 'vitest';
import { filesSeenText, seenByAll, shownRows } from '../../../extension/workspace/files_seen.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';

test.each([
  [{ whole: 10, excerpts: 0, leftOut: 0 }, '10 files, all seen whole'],
  [{ whole: 1, excerpts: undefined, leftOut: 0 }, '1 file, seen whole'],
  [{ whole: 37, excerpts: 0, leftOut: 1434 }, '1,471 files: 37 seen whole, 1,434 not at all'],
  [{ whole: 37, excerpts: 3, leftOut: 434 }, '471 files: 37 seen whole, 3 in excerpts, 431 not at all'],
  [{ whole: 37, excerpts: undefined, leftOut: 434 }, '471 files: 37 seen whole, 434 in part or not at all'],
  [{ whole: 0, excerpts: 1, leftOut: 1 }, '1 file, seen in excerpts'],
  [{ whole: 0, excerpts: 0, leftOut: 1 }, '1 file, not seen'],
  [{ whole: 0, excerpts: undefined, leftOut: 1 }, '1 file, seen in part or not at all'],
  [{ whole: undefined, excerpts: undefined, leftOut: 1 }, '1 file not seen whole'],
  [{ whole: undefined, excerpts: undefined, leftOut: 7 }, '7 files not seen whole'],
])('%o is said as "%s"', (seen, text) => {
  expect(filesSeenText(seen)).toBe(text);
});

test('files without a name are counted', () => {
  const leftOut = [
    { path: 'a', reason: phrase`too large` },
    { path: '…', reason: phrase`${40} more files were skipped`, files: 40 },
  ];
  const status = {
    workspace: '',
    fileCount: 1,
    included: [{ path: 'b', tokens: 1 }],
    leftOut,
    blockTokens: 1,
    budgetTokens: 1,
  };
  expect(seenByAll(status)).toEqual({ whole: 1, excerpts: undefined, leftOut: 41 });
});

test('rows are bounded, and one that was seen in part is never among those without room', () => {
  const rows = Array.from({ length: 300 }, (_, index) => ({ path: `${index}`, reason: 'no room' }));
  const { leftOut, leftOutMore } = shownRows([...rows, { path: 'z', reason: 'no room', excerpt: true }]);
  expect(leftOut).toHaveLength(200);
  expect(leftOut[0]).toEqual({ path: 'z', reason: 'seen in excerpts: no room' });
  expect(leftOutMore).toBe(101);
});
