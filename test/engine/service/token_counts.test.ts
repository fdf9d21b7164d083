// Counting texts slice by slice: the same number as at once, once for each text, and others get their turn meanwhile.
import { beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { loadText } from '../../../engine/service/loaded.ts';
import { TokenCounts } from '../../../engine/service/token_counts.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

let tokenizer: TextTokenizer;
beforeAll(async () => {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  ({ tokenizer } = await loadText(checkpoint));
  await checkpoint.close();
});

const code = 'function add(a, b) {\n  return a + b;\n}\n\n\t// naïve 円周率 😀\r\n\r\nconst x = 1;\n';

test.each([
  ['nothing', ''],
  ['a control token', '<|im_end|> is text'],
  ['much code', code.repeat(1_000)],
  ['blank lines and indents', `\n\n  ${code}`.repeat(1_000)],
])('as many tokens as at once: %s', async (_name, text) => {
  expect(await new TokenCounts(tokenizer).of(text)).toBe(tokenizer.encode(text, { special: false }).length);
});

test('a line longer than a slice has hardly more than at once', async () => {
  const line = 'one two three '.repeat(10_000);
  const atOnce = tokenizer.encode(line, { special: false }).length;
  const counted = await new TokenCounts(tokenizer).of(line);
  expect(counted).toBeGreaterThanOrEqual(atOnce);
  expect(counted - atOnce).toBeLessThan(2 * Math.ceil(line.length / 16_384));
});

test('a text is counted once, in slices between which others have their turn', async () => {
  const lengths: number[] = [];
  const counts = new TokenCounts({
    count: text => {
      lengths.push(text.length);
      return 1;
    },
  });
  const long = code.repeat(1_000);
  const counting = counts.of(long);
  await new Promise(resolve => setImmediate(resolve));
  const counted = lengths.length;
  const tokens = await counting;
  expect(counted).toBeLessThan(tokens);
  expect(tokens).toBe(lengths.length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(16_384);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(long.length);
  await counts.of(long);
  expect(lengths).toHaveLength(tokens);
});
