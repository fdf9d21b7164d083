// What the view of the context says of each file.
import { expect, test } from 'vitest';
import type { WorkspaceStatus } from '../../../../engine/protocol/workspace.ts';
import { phrase } from '../../../../engine/protocol/phrase.ts';
import { contextMap, totalsText, type MapFacts } from '../../../../extension/workspace/map/context_map.ts';

const status: WorkspaceStatus = {
  workspace: 'file:///demo',
  fileCount: 7,
  included: [
    { path: 'small.ts', tokens: 10 },
    { path: 'new.ts', tokens: 5, appended: true },
    { path: 'large.ts', tokens: 2_000 },
  ],
  leftOut: [
    { path: 'big.ts', reason: phrase`does not fit (${9} tokens)` },
    { path: 'shown.ts', reason: phrase`does not fit (${8} tokens)`, inMap: true },
    { path: 'named.ts', reason: phrase`does not fit (${7} tokens)`, inMap: true },
    { path: '.env', reason: phrase`may hold secrets`, by: 'secrets' },
    { path: 'gone.ts', reason: phrase`you have left it out`, by: 'user' },
    { path: '…', reason: phrase`${3} more files were skipped`, files: 3 },
  ],
  mapTokens: 12,
  blockTokens: 2_015,
  budgetTokens: 4_096,
};
const facts: MapFacts = {
  status,
  ignored: ['dist/'],
  choiceOf: path => (path === 'small.ts' ? 'pinned' : path === 'gone.ts' ? 'leftOut' : undefined),
  excerpts: new Set(['shown.ts', 'small.ts']),
};

test('every file is in one group, with its tokens or the reason', () => {
  const groups = contextMap(facts);
  expect(groups.map(({ state, rows, more }) => [state, rows.map(({ path }) => path), more])).toEqual([
    ['whole', ['large.ts', 'small.ts'], 0],
    ['appended', ['new.ts'], 0],
    ['excerpt', ['shown.ts'], 0],
    ['mapped', ['named.ts'], 0],
    ['out', ['big.ts'], 3],
    ['secrets', ['.env'], 0],
    ['leftOut', ['gone.ts'], 0],
    ['ignored', ['dist/'], 0],
  ]);
  expect(groups[0]?.rows.map(({ detail, choice }) => [detail, choice])).toEqual([
    ['2,000 tokens', undefined],
    ['10 tokens', 'pinned'],
  ]);
  expect(groups.map(({ detail }) => detail)).toEqual(['', '', '', '12 tokens', '', '', '', '']);
  expect(groups[4]?.rows[0]?.detail).toBe('does not fit (9 tokens)');
});

test('a group without files is not shown', () => {
  const groups = contextMap({ ...facts, status: { ...status, leftOut: [] }, ignored: [] });
  expect(groups.map(({ state }) => state)).toEqual(['whole', 'appended']);
});

test('the totals say how much room is taken and what the last prompt reused', () => {
  expect(totalsText(status, undefined, 0)).toBe('2,015 of 4,096 tokens');
  expect(totalsText(status, undefined, 2_600_000)).toBe('2,015 of 4,096 tokens; 3 MB on the disk');
  expect(totalsText(status, { promptTokens: 200, reusedTokens: 199 }, 0)).toBe(
    '2,015 of 4,096 tokens; 99 % of the last prompt had been read before',
  );
  expect(totalsText(status, { promptTokens: 0, reusedTokens: 0 }, 0)).toBe('2,015 of 4,096 tokens');
});
