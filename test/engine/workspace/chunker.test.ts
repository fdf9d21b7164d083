import { expect, test } from 'vitest';
import { chunk } from '../../../engine/workspace/chunker.ts';

test('passages cover every line once', () => {
  const text = Array.from({ length: 200 }, (_, i) =>
    i % 9 === 0 ? '' : i % 30 === 1 ? `function f${i}() {` : `  line ${i}`,
  ).join('\n');
  const passages = chunk('a.ts', text);
  expect(passages[0]?.startLine).toBe(1);
  for (const [i, passage] of passages.slice(1).entries())
    expect(passage.startLine).toBe(passages[i]!.endLine + 1);
  expect(passages.at(-1)?.endLine).toBe(200);
  expect(Math.max(...passages.map(p => p.endLine - p.startLine + 1))).toBeLessThanOrEqual(60);
  expect(passages.map(p => p.text).join('\n')).toBe(text);
  expect(chunk('empty', '')).toEqual([]);
});
