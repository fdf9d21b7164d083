import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  countParameters,
  projectionBytes,
  stateBytes,
  weightBytes,
} from '../../../../engine/shared/architecture/footprint.ts';
import { parseCatalogue } from '../../../../engine/shared/architecture/catalogue.ts';
import type { ModelShape } from '../../../../engine/shared/architecture/shape.ts';

const path = new URL('../../../../media/catalogue.json', import.meta.url);
const catalogue = parseCatalogue(readFileSync(path, 'utf8'), 'catalogue.json');

function shapeOf(id: string): ModelShape {
  const entry = catalogue.find(one => one.id === id);
  if (!entry) throw new Error(`no ${id} in the catalogue`);
  return entry.shape;
}
const instruct = shapeOf('qwen3-next-80b-a3b-instruct');

describe('arithmetic of models', () => {
  test('counts the published number of parameters of the 80B model, in all and for one token', () => {
    expect(countParameters(instruct)).toEqual({
      total: 79_674_391_296,
      experts: 77_309_411_328,
      active: 3_563_764_480,
    });
  });

  test('counts two bytes for every weight of BF16', () => {
    expect(weightBytes(instruct, 'BF16')).toEqual({ total: 159_348_782_592, perToken: 7_127_528_960 });
  });

  test('knows the size of the published Q4_K_M file, whose layers are of mixed types', () => {
    const { total, perToken } = weightBytes(instruct, 'Q4_K_M') ?? { total: 0, perToken: 0 };
    expect((total / 1e9).toFixed(3)).toBe('48.405');
    expect((perToken / 1e9).toFixed(2)).toBe('2.34');
  });

  // The table counts routers in the type of the file; files keep them in F32, which is 0.2 GB more.
  test.each([
    ['Q8_0', 84.65],
    ['Q6_K', 65.36],
    ['Q5_K', 54.78],
    ['Q4_K', 44.82],
    ['MXFP4', 42.33],
    ['IQ4_XS', 42.33],
  ])('comes within the routers of the table for %s', (quantization, gigabytes) => {
    const total = weightBytes(instruct, quantization)?.total ?? 0;
    const routers = 48 * (512 + 1) * 2048 * 4;
    expect(total).toBeGreaterThan(gigabytes * 1e9 - 5e6);
    expect(total).toBeLessThan(gigabytes * 1e9 + routers + 30e6);
  });

  test('knows no size for a mix it does not know', () => {
    expect(weightBytes(instruct, 'UD-Q4_K_XL')).toBeUndefined();
    expect(weightBytes(instruct, 'toString')).toBeUndefined();
  });

  test.each([
    ['qwen3-next-80b-a3b-instruct', 75_497_472],
    ['qwen3.5-0.8b', 18_874_368],
    ['qwen3.5-2b', 18_874_368],
    ['qwen3.5-4b', 50_331_648],
    ['qwen3.5-9b', 50_331_648],
    ['qwen3.5-35b-a3b', 62_914_560],
  ])('keeps for %s %i bytes of state', (id, state) => {
    expect(stateBytes(shapeOf(id))).toBe(state);
  });

  test('counts what goes into the DeltaNet layers for one position', () => {
    // 36 layers, 12,288 outputs of in_proj_qkvz and 64 of in_proj_ba.
    expect(projectionBytes(instruct)).toBe(36 * 12_352 * 4);
  });

  test('counts the block for multi-token prediction where the files have one, but not for a token', () => {
    const drafting = { ...instruct, mtpLayers: 1 };
    const { total, active } = countParameters(drafting);
    expect(total).toBe(81_324_862_720);
    expect(active).toBe(3_563_764_480);
    expect(weightBytes(drafting, 'BF16')?.total).toBe(2 * 81_324_862_720);
    // Its experts are experts: all but 37 million of its weights are MXFP4.
    const added =
      (weightBytes(drafting, 'MXFP4_MOE')?.total ?? 0) - (weightBytes(instruct, 'MXFP4_MOE')?.total ?? 0);
    expect(added).toBeGreaterThan((1_610_612_736 * 17) / 32);
    expect(added).toBeLessThan((1_610_612_736 * 17) / 32 + 46e6);
  });

  test('counts the active parameters of the 35B model', () => {
    expect((countParameters(shapeOf('qwen3.5-35b-a3b')).active / 1e9).toFixed(2)).toBe('2.95');
  });

  test('reads a tied embedding for every token, and one that is only a table for none', () => {
    const untied = countParameters({ ...instruct, tied: false });
    const tied = countParameters({ ...instruct, tied: true });
    expect(untied.total - tied.total).toBe(311_164_928);
    expect(tied.active).toBe(untied.active);
  });
});
