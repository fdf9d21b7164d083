// The sums that the self-check compares with, by the reference decoders. `npx vitest run PATH --update` writes them anew.
import { expect, test } from 'vitest';
import { knownBlocks, patterns } from '../../../engine/check/known_sums.ts';
import { weightFormats, type WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { blockSize, decodeBlocks } from '../../reference/weight_formats.ts';
import { Random } from '../../support/random.ts';
import { randomBlocks } from '../../support/weights.ts';

const formats = Object.keys(weightFormats) as WeightFormat[];
const [blockCount, patternCount, patternLength] = [8, 4, 256];

test('the stored blocks, patterns and sums are what the reference decoders make', async () => {
  const random = new Random(2026);
  const made = Array.from({ length: patternCount }, () => pattern(random));
  const lines = formats.map(format => `  ${JSON.stringify(format)}: ${JSON.stringify(known(format, made))}`);
  const text = `{\n "patterns": [\n${made.map(values => `  ${JSON.stringify(values)}`).join(',\n')}\n ],\n "formats": {\n${lines.join(',\n')}\n }\n}\n`;
  await expect(text).toMatchFileSnapshot('../../../engine/check/known_sums.json');
});

test('blocks differ, sums are well away from zero, and every 16 activations have one mean square', () => {
  for (const format of formats) {
    const { sums, bytes, elements } = knownBlocks(format);
    expect(new Set(sums.flat()).size, format).toBe(blockCount * patternCount);
    expect(bytes.length % blockCount, format).toBe(0);
    expect(patternLength % elements, format).toBe(0);
    expect(Math.max(...sums.flat().map(Math.abs)), format).toBeGreaterThan(0.5);
  }
  for (const values of patterns)
    for (let at = 0; at < patternLength; at += 16)
      expect(values.subarray(at, at + 16).reduce((sum, value) => sum + value * value, 0)).toBe(23.375);
});

/** 1/8 … 16/8 in any order, with any signs, again and again. */
function pattern(random: Random): number[] {
  const values: number[] = [];
  while (values.length < patternLength) {
    const left = Array.from({ length: 16 }, (_, i) => (i + 1) / 8);
    while (left.length > 0)
      values.push((random.int(2) * 2 - 1) * left.splice(random.int(left.length), 1)[0]!);
  }
  return values;
}

function known(format: WeightFormat, made: readonly number[][]) {
  const elements = Math.max(16, blockSize(format).elements);
  const perBlock = elements / blockSize(format).elements;
  const raw = randomBlocks(format, blockCount * perBlock, new Random(formats.indexOf(format) + 1));
  const values = decodeBlocks(format, raw);
  const sums = Array.from({ length: blockCount }, (_, block) =>
    made.map(one => {
      let sum = 0;
      for (let e = 0; e < elements; e++) sum += values[block * elements + e]! * one[e]!;
      return sum;
    }),
  );
  return { elements, bytes: Buffer.from(raw).toString('base64'), sums };
}
