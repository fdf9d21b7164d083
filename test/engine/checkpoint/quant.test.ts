import { describe, expect, test } from 'vitest';
import type { StorageType } from '../../../engine/shared/architecture/storage_types.ts';
import {
  blockFormats,
  byteLength,
  rowsAreWholeBlocks,
  storageTypeOfGguf,
} from '../../../engine/checkpoint/quant.ts';
import type { BlockFormat, BlockLayout } from '../../../engine/checkpoint/quant.ts';
import { RangedFile } from '../../../engine/checkpoint/ranged_file.ts';
import { readSafetensorsHeader } from '../../../engine/checkpoint/safetensors.ts';
import { fixturePath } from '../../support/golden.ts';

const types = Object.entries(blockFormats) as [StorageType, BlockFormat][];
const withLayout = types.filter(([, format]) => format.layout);

/** Element e of a block, by the layout facts alone. */
function decode(layout: BlockLayout, block: DataView, e: number): number {
  const { scale, minimumOffset, highBitsOffset, quantOffset, quantBits, bias, table } = layout;
  const d =
    scale.encoding === 'f16'
      ? block.getFloat16(scale.offset, true)
      : 2 ** (block.getUint8(scale.offset) - 128);
  const byte = block.getUint8(quantOffset + (e % 16));
  let q = quantBits === 8 ? block.getInt8(quantOffset + e) : e < 16 ? byte & 15 : byte >> 4;
  if (highBitsOffset !== undefined) q |= ((block.getUint32(highBitsOffset, true) >>> e) & 1) << 4;
  const scaled = d * (table ? table[q]! : q - bias);
  return Math.fround(minimumOffset === undefined ? scaled : scaled + block.getFloat16(minimumOffset, true));
}

describe('block formats', () => {
  test('every type with a layout is a block of 32, and the seven known ones have one', () => {
    expect(withLayout.map(([type]) => type).sort()).toEqual(
      ['IQ4_NL', 'MXFP4', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0'].sort(),
    );
    for (const [, format] of withLayout) expect(format.elements).toBe(32);
  });

  test.each(withLayout)(
    '%s blocks decoded by their layout give the reference values',
    async (type, format) => {
      const file = await RangedFile.open(fixturePath('quants', 'quants.safetensors'));
      const entries = new Map((await readSafetensorsHeader(file)).map(entry => [entry.name, entry]));
      const raw = entries.get(`${type}.raw`)!;
      const bytes = new Uint8Array(raw.byteLength);
      await file.read(raw.position, bytes);
      const wanted = entries.get(`${type}.f32`)!;
      const expected = new Float32Array(wanted.byteLength / 4);
      await file.read(wanted.position, new Uint8Array(expected.buffer));
      await file.close();

      expect(raw.shape.at(-1)).toBe(format.bytes);
      const values = Array.from(expected, (_, index) => {
        const block = Math.floor(index / 32);
        return decode(
          format.layout!,
          new DataView(bytes.buffer, block * format.bytes, format.bytes),
          index % 32,
        );
      });
      expect(values).toEqual(Array.from(expected));
    },
  );

  test.each(['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'IQ4_XS'] as const)(
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
    expect(storageTypeOfGguf(16)).toBeUndefined();
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
