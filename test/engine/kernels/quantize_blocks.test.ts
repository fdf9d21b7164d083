// Rounding on the device against the reference: the codes are those of the format, the error is no larger, and every stored format
// can be rounded.
import { expect, test } from 'vitest';
import { quantizeBlocks, type QuantizedFormat } from '../../../engine/kernels/quantize_blocks.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { quantizeBlock } from '../../reference/quantize_blocks.ts';
import { halfToNumber } from '../../reference/block.ts';
import { describeKernel, poisonWord, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { uploadMatrix } from '../../support/weights.ts';

const formats: QuantizedFormat[] = ['Q8_0', 'Q4_0'];
const stored: WeightFormat[] = ['F32', 'F16', 'BF16', 'F8_E4M3'];
const codeWords = { Q8_0: 8, Q4_0: 4 };

/** The blocks that the kernel writes from block `first` on, read by the layout of the planes in KERNELS.md. */
async function rounded(
  f: GpuFixture,
  from: Parameters<typeof quantizeBlocks>[1],
  format: QuantizedFormat,
  { count, first }: { count: number; first: number },
) {
  const codes = f.poisonedWords((first + count) * codeWords[format] + 2);
  const scales = f.poisonedWords(Math.ceil((first + count) / 2) + 2);
  await f.run(list => quantizeBlocks(list, from, { format, planes: [codes, scales] }, { count, first }));
  const [codeBytes, scaleWords] = [await f.words(codes), await f.words(scales)];
  const bytes = new Uint8Array(codeBytes.buffer);
  const halves = new Uint16Array(scaleWords.buffer);
  const before = first * codeWords[format];
  expect(
    [...codeBytes.subarray(0, before), ...codeBytes.subarray(-2)].every(word => word === poisonWord),
  ).toBe(true);
  expect(
    [...scaleWords.subarray(0, first / 2), ...scaleWords.subarray(-2)].every(w => w === poisonWord),
  ).toBe(true);
  return Array.from({ length: count }, (_, block) => {
    const at = (first + block) * codeWords[format] * 4;
    const q = Array.from({ length: 32 }, (_, e) => {
      if (format === 'Q8_0') return ((bytes[at + e] as number) << 24) >> 24;
      const byte = bytes[at + (e % 16)] as number;
      return (e < 16 ? byte & 15 : byte >> 4) - 8;
    });
    return { d: halfToNumber(halves[first + block] as number), q };
  });
}

function compare(
  format: QuantizedFormat,
  values: ArrayLike<number>,
  got: Awaited<ReturnType<typeof rounded>>,
): void {
  const x = Array.from(values);
  for (const [block, { d, q }] of got.entries()) {
    const part = x.slice(block * 32, block * 32 + 32);
    const want = quantizeBlock(format, part);
    const error = ({ d, q }: { d: number; q: number[] }) =>
      part.reduce((sum, value, i) => sum + (value - d * (q[i] as number)) ** 2, 0);
    // One step of a half, and what that moves; choices between nearly equal scales may fall otherwise.
    expect(error({ d, q })).toBeLessThanOrEqual(error(want) * 1.01 + 1e-12);
    if (format === 'Q8_0') {
      expect(Math.abs(d - want.d)).toBeLessThanOrEqual(Math.abs(want.d) * 2 ** -10);
      for (const [i, value] of part.entries())
        expect(Math.abs(value - d * (q[i] as number))).toBeLessThanOrEqual(Math.abs(d) * 0.57);
    }
  }
}

describeKernel('quantize_blocks', fixture => {
  test.each(formats.flatMap(format => stored.map(from => ({ format, from }))))(
    'rounds $from to $format as well as the reference',
    async ({ format, from }) => {
      const f = fixture();
      const { w, dense } = uploadMatrix(f, new Random(7), { format: from, rows: 9, columns: 128 });
      const source = { format: from, planes: w.parts[0]?.planes ?? [] };
      compare(format, dense.values, await rounded(f, source, format, { count: 36, first: 6 }));
    },
  );

  test.each(formats)('an odd number of %s blocks leaves what is behind them alone', async format => {
    const f = fixture();
    const x = new Random(3).normal(33 * 32, 0.02);
    const source = { format: 'F32' as const, planes: [f.upload(x)] };
    compare(format, x, await rounded(f, source, format, { count: 33, first: 0 }));
  });

  test.each(formats)('zeros, one spike and tiny values keep their place in %s', async format => {
    const f = fixture();
    const x = new Float32Array(4 * 32);
    x[32 + 5] = -3;
    x.fill(1e-3, 64, 96);
    x.fill(-0.25, 96);
    const got = await rounded(f, { format: 'F32', planes: [f.upload(x)] }, format, { count: 4, first: 0 });
    expect(got[0]).toEqual({ d: 0, q: new Array(32).fill(0) });
    compare(format, x, got);
    expect(got[1]?.q.filter(q => q !== 0)).toHaveLength(1);
  });

  test.each([NaN, Infinity, -Infinity])('%s in a block gives it the scale NaN', async odd => {
    const f = fixture();
    const x = new Random(5).normal(96);
    x[40] = odd;
    for (const format of formats) {
      const got = await rounded(f, { format: 'F32', planes: [f.upload(x)] }, format, { count: 3, first: 0 });
      expect(got.map(({ d }) => Number.isNaN(d))).toEqual([false, true, false]);
    }
  });
});
