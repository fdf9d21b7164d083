import { describe, expect, test } from 'vitest';
import type { StorageType } from '../../../engine/shared/architecture/storage_types.ts';
import {
  blockFormats,
  byteLength,
  rowsAreWholeBlocks,
  storageTypeOfGguf,
} from '../../../engine/checkpoint/quant.ts';
import type { BlockFormat } from '../../../engine/checkpoint/quant.ts';
import { RangedFile } from '../../../engine/checkpoint/ranged_file.ts';
import { readSafetensorsHeader } from '../../../engine/checkpoint/safetensors.ts';
import { fixturePath } from '../../support/golden.ts';

const types = Object.entries(blockFormats) as [StorageType, BlockFormat][];

describe('block formats', () => {
  test.each(types.flatMap(([type, { elements }]) => (elements > 1 ? [type] : [])))(
    '%s blocks have the size of the reference blocks',
    async type => {
      const file = await RangedFile.open(fixturePath('quants', 'quants.safetensors'));
      const entries = new Map((await readSafetensorsHeader(file)).map(entry => [entry.name, entry]));
      await file.close();
      expect(entries.get(`${type}.raw`)!.shape.at(-1)).toBe(blockFormats[type].bytes);
      expect(entries.get(`${type}.f32`)!.shape.at(-1)).toBe(blockFormats[type].elements);
    },
  );

  test('type numbers are unique and lead back to their type', () => {
    const numbered = types.filter(([, { ggufId }]) => ggufId !== undefined);
    for (const [type, { ggufId }] of numbered) expect(storageTypeOfGguf(ggufId as number)).toBe(type);
    expect(types.filter(one => !numbered.includes(one)).map(([type]) => type)).toEqual(['F8_E4M3']);
    expect(storageTypeOfGguf(4)).toBeUndefined();
  });

  test('byte lengths count whole blocks along the rows', () => {
    expect(byteLength('F32', [3, 5])).toBe(60);
    expect(byteLength('BF16', [])).toBe(2);
    expect(byteLength('Q8_0', [2, 3, 64])).toBe(2 * 3 * 2 * 34);
    expect(byteLength('Q4_K', [512, 512, 2048])).toBe(301_989_888);
    expect(rowsAreWholeBlocks('Q8_0', [64, 33])).toBe(false);
    expect(rowsAreWholeBlocks('Q4_K', [4, 512])).toBe(true);
    expect(rowsAreWholeBlocks('F16', [7])).toBe(true);
  });
});
