// The reference decoder of the storage formats against the blocks and values stored with the fixtures. No GPU here.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { weightFormats, type WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { blockFormats } from '../../../engine/checkpoint/quant.ts';
import { halfToNumber } from '../../reference/block.ts';
import { blockSize, decodeBlocks, e4m3ToNumber } from '../../reference/weight_formats.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { fixturePath, openExpected } from '../../support/golden.ts';

const formats = Object.keys(weightFormats) as WeightFormat[];
const plain: WeightFormat[] = ['F32', 'F16', 'BF16', 'F8_E4M3'];

let quants: Awaited<ReturnType<typeof openExpected>>;
beforeAll(async () => {
  quants = await openExpected(fixturePath('quants', 'quants.safetensors'));
});
afterAll(() => quants.close());

test.each(formats.filter(format => !plain.includes(format)))(
  '%s blocks decode to the stored values',
  async format => {
    const raw = new Uint8Array((await quants.read(`${format}.raw`)).values.buffer);
    const { values } = await quants.read(`${format}.f32`);
    expectClose(Float32Array.from(decodeBlocks(format, raw)), values, tolerances.exact);
  },
);

test('plain formats decode by their bits', () => {
  const bytes = (...words: number[]) => new Uint8Array(new Uint16Array(words).buffer);
  expect([...decodeBlocks('F32', bytes(0x0000, 0xbfc0))]).toEqual([-1.5]);
  expect([...decodeBlocks('BF16', bytes(0xbfc0, 0x3f80))]).toEqual([-1.5, 1]);
  expect([...decodeBlocks('F16', bytes(0xbe00, 0x0001, 0x7bff, 0x8000))]).toEqual([
    -1.5,
    2 ** -24,
    65504,
    -0,
  ]);
  expect([halfToNumber(0x7c00), halfToNumber(0xfc00), halfToNumber(0x7e00)]).toEqual([
    Infinity,
    -Infinity,
    NaN,
  ]);
});

test('FP8 codes decode as the format says: zeros, subnormals, the largest value and NaN', () => {
  expect([0x00, 0x80, 0x01, 0x07, 0x87, 0x08, 0x38, 0xb9, 0x7e, 0xfe, 0x7f, 0xff].map(e4m3ToNumber)).toEqual([
    0,
    -0,
    2 ** -9,
    7 * 2 ** -9,
    -7 * 2 ** -9,
    2 ** -6,
    1,
    -1.125,
    448,
    -448,
    NaN,
    NaN,
  ]);
});

// FP8 codes and their scales lie apart in a checkpoint.
test.each(formats.filter(format => format !== 'F8_E4M3'))(
  '%s blocks have the size the checkpoint reader expects',
  format => {
    const { elements, bytes } = blockSize(format);
    expect({ elements, bytes }).toEqual({
      elements: blockFormats[format].elements,
      bytes: blockFormats[format].bytes,
    });
  },
);
