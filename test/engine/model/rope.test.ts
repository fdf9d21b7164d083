import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import type { RopeScaling } from '../../../engine/model/config/config.ts';
import { ropeFrequencies, ropeTable } from '../../../engine/model/layers/rope.ts';
import { fixtureJson, fixturePath, openExpected } from '../../support/golden.ts';

interface ReferenceTable {
  rope_theta: number;
  factor: number;
  original_max_position_embeddings: number;
  rotary_dim: number;
  attention_factor: number;
  inv_freq: number[];
  positions: number[];
  cos: number[][];
  sin: number[][];
}

const yarn = (factor: number, originalContext: number, extra: Partial<RopeScaling> = {}): RopeScaling => ({
  factor,
  originalContext,
  betaFast: 32,
  betaSlow: 1,
  truncate: true,
  ...extra,
});
const worst = (a: ArrayLike<number>, b: ArrayLike<number>, relative = false) =>
  Array.from(a, (x, i) => Math.abs(x - b[i]!) / (relative ? Math.abs(b[i]!) : 1)).reduce(
    (x, y) => Math.max(x, y),
    0,
  );

describe('the released sizes', () => {
  const tables = Object.entries(fixtureJson<Record<string, ReferenceTable>>('tables', 'rope.json'));

  test.each(tables)('%s agree with the reference', (_name, table) => {
    const scaling =
      table.factor === 1 ? undefined : yarn(table.factor, table.original_max_position_embeddings);
    const settings = { rotaryDim: table.rotary_dim, ropeTheta: table.rope_theta, ropeScaling: scaling };
    const { inverse, factor } = ropeFrequencies(settings);
    expect(inverse.length).toBe(table.rotary_dim / 2);
    // One unit in the last place of float32 is 1.2e-7 relative at most; the stretched ones are a sum of two.
    expect(worst(inverse, table.inv_freq, true)).toBeLessThan(2.5e-7);
    expect(factor).toBeCloseTo(table.attention_factor, 12);
    for (const [row, position] of table.positions.entries()) {
      const pairs = ropeTable(settings, position, 1);
      const cos = Array.from({ length: inverse.length }, (_, i) => pairs[2 * i]!);
      const sin = Array.from({ length: inverse.length }, (_, i) => pairs[2 * i + 1]!);
      // A frequency one unit off moves the angle by position * frequency * 2.4e-7, plus one rounding.
      for (const [i, frequency] of inverse.entries()) {
        const tolerance = (3e-7 + position * frequency * 2.5e-7) * factor;
        expect(Math.abs(cos[i]! - table.cos[row]![i]!)).toBeLessThan(tolerance);
        expect(Math.abs(sin[i]! - table.sin[row]![i]!)).toBeLessThan(tolerance);
      }
    }
  });
});

describe('the fixtures', () => {
  test.each([
    ['default', ''],
    ['realdims', ''],
    ['tied_nonorm', ''],
    ['yarn', ''],
    ['qwen35_dense', ''],
    ['qwen35_moe', ''],
    ['gguf_next', 'model.gguf'],
    ['gguf_legacy', 'model.gguf'],
    ['gguf_35moe', 'model.gguf'],
    ['gguf_q4km', 'model.gguf'],
  ])('%s has the expected frequencies and factor', async (name, file) => {
    const model = await openCheckpoint(fixturePath(name, file));
    const { inverse, factor } = ropeFrequencies(readModelConfig(model));
    await model.close();
    const expected = await openExpected(fixturePath(name, 'expected.safetensors'));
    const { values, shape } = await expected.read('rope.inv_freq');
    await expected.close();
    expect(inverse.length).toBe(shape[0]);
    expect(worst(inverse, values, true)).toBeLessThan(2.5e-7);
    const manifest = fixtureJson<{ rope_attention_factor: number }>(name, 'manifest.json');
    expect(factor).toBeCloseTo(manifest.rope_attention_factor, 12);
  });
});

describe('YaRN', () => {
  const base = { rotaryDim: 64, ropeTheta: 1e7 };
  const at = (scaling: RopeScaling) => ropeFrequencies({ ...base, ropeScaling: scaling });

  test('keeps fast frequencies, divides slow ones and blends between, at the documented places', () => {
    const { inverse, factor } = at(yarn(4, 262144));
    const plain = ropeFrequencies({ ...base, ropeScaling: undefined }).inverse;
    expect(inverse[14]).toBeCloseTo(8.6596434e-4, 10);
    expect(inverse[18]).toBeCloseTo(7.2173869e-5, 10);
    expect(inverse[22]).toBeCloseTo(3.849816e-6, 12);
    expect(inverse[13]).toBe(plain[13]);
    expect(inverse[31]).toBe(plain[31]! / 4);
    expect(factor).toBeCloseTo(1.1386294, 7);
  });

  test('takes its factor from attentionFactor, else from the mscale pair, else from the stretch', () => {
    expect(at(yarn(4, 262144, { attentionFactor: 1.5, mscale: 1, mscaleAllDim: 1 })).factor).toBe(1.5);
    expect(at(yarn(4, 262144, { mscale: 1, mscaleAllDim: 0.5 })).factor).toBeCloseTo(
      1.1386294361 / 1.069314718,
      8,
    );
    expect(at(yarn(4, 262144, { mscale: 2 })).factor).toBeCloseTo(1.1386294361, 8);
  });

  test('without truncation the ramp starts and ends between dimensions', () => {
    expect(at(yarn(4, 262144, { truncate: false })).inverse[15]).not.toBe(at(yarn(4, 262144)).inverse[15]);
  });

  test('a ramp of no width is a step, not a division by zero', () => {
    const { inverse } = at(yarn(4, 262144, { betaFast: 1e-9, betaSlow: 1e-9 }));
    expect(Array.from(inverse).every(Number.isFinite)).toBe(true);
  });
});

test('rows of a table do not depend on where the table starts', () => {
  const settings = { rotaryDim: 8, ropeTheta: 1e4, ropeScaling: undefined };
  const whole = ropeTable(settings, 0, 70);
  expect(whole.length).toBe(70 * 4 * 2);
  expect(Array.from(ropeTable(settings, 64, 6))).toEqual(Array.from(whole.subarray(64 * 8)));
  expect(Array.from(whole.subarray(0, 8))).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
});
