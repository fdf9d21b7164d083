import { expect, test } from 'vitest';
import { expectClose } from '../support/all_close.ts';
import { describeKernel } from '../support/gpu_fixture.ts';
import { Random } from '../support/random.ts';
import {
  plainMultiplyAdd,
  plainProduct,
  plainRead,
  plainWords,
  type CodeBits,
  type PlainProduct,
} from './plain_kernels.ts';
import { toHalf } from './random_blocks.ts';

/** Random codes as the kernel lays them out, and the weights they stand for, [M, K]. */
function randomWeights(p: PlainProduct, random: Random) {
  const sizes = plainWords(p);
  const codes = new Uint32Array(sizes.codes);
  const scales = new Uint16Array(Math.max(4, sizes.scales * 2)).fill(toHalf(0.25));
  const dense = new Float32Array(p.outputs * p.columns);
  const perWord = 32 / p.bits;
  for (let m = 0; m < p.outputs; m++)
    for (let k = 0; k < p.columns; k++) {
      const word = Math.floor(k / perWord) * p.outputs + m;
      const shift = (k % perWord) * p.bits;
      const [code, value] = randomCode(p.bits, random);
      codes[word] = ((codes[word] as number) | (code << shift)) >>> 0;
      dense[m * p.columns + k] = value;
    }
  return { codes, scales: new Uint32Array(scales.buffer), dense };
}

function randomCode(bits: CodeBits, random: Random): [code: number, value: number] {
  const small = random.int(256) - 128;
  switch (bits) {
    case 4:
      return [small & 15, ((small & 15) - 8) / 4];
    case 8:
      return [small & 255, small / 4];
    case 16: {
      const value = (random.int(1024) + 1) / 64;
      return [toHalf(value), value];
    }
    case 32:
      return [new Uint32Array(Float32Array.of(small).buffer)[0] as number, small];
  }
}

describeKernel('the yardstick kernels', (fixture, { software }) => {
  // Every pipeline costs a compilation; the lanes of a GPU change nothing in how weights are unpacked.
  const shapes = ([4, 8, 16, 32] as const).flatMap(bits =>
    software ? [1, 16].map(rows => ({ bits, rows })) : bits === 8 ? [{ bits, rows: 16 }] : [],
  );
  test.each(shapes)(
    'the product of $rows rows with weights of $bits bits is right',
    async ({ bits, rows }) => {
      const f = fixture();
      const lanes = software ? 8 : 64;
      const shuffle = software && f.gpu.subgroupLanes === 8;
      const p: PlainProduct = { bits, rows, outputs: 4 * lanes, columns: 64, lanes, shuffle };
      const random = new Random(bits + rows);
      const w = randomWeights(p, random);
      const x = random.uniform(rows * p.columns);
      const tensors = {
        codes: f.upload(Uint32Array.of(...new Array<number>(w.codes.length).fill(0), ...w.codes)),
        scales: f.upload(Uint32Array.of(...new Array<number>(plainWords(p).scales).fill(0), ...w.scales)),
        x: f.upload(x),
        y: f.poisoned(rows * p.outputs),
      };
      await f.run(list => list.dispatch(plainProduct(p, { ...tensors, copy: 1 })));
      const product = new Float64Array(rows * p.outputs).map((_, i) => {
        const [t, m] = [Math.floor(i / p.outputs), i % p.outputs];
        let sum = 0;
        for (let k = 0; k < p.columns; k++)
          sum += (w.dense[m * p.columns + k] as number) * (x[t * p.columns + k] as number);
        return sum;
      });
      expectClose(await f.floats(tensors.y), product, {
        absolute: 1e-3,
        relative: 1e-5,
        reason: 'f32 sums of values up to 128',
      });
    },
  );

  test('the reading kernel reads every word once', async () => {
    const f = fixture();
    const data = f.upload(new Random(1).ints(2 * 64 * 64 * 4, 2 ** 32));
    const out = f.poisonedWords(2 * 64);
    const dispatch = plainRead(data, out, software ? 8 : 64);
    expect(dispatch.bytes).toBe(data.byteLength);
    await f.run(list => list.dispatch(dispatch));
    const xor = (words: Uint32Array) => words.reduce((a, b) => a ^ b, 0);
    expect(xor((await f.words(out)).subarray(0, dispatch.bytes / 16 / 64))).toBe(xor(await f.words(data)));
  });

  test('the multiply-add kernel computes all its chains', async () => {
    const f = fixture();
    const lanes = software ? 8 : 64;
    const out = f.poisoned(lanes);
    await f.run(list => list.dispatch(plainMultiplyAdd(out, lanes, 1)));
    const value = [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, i) => sum + 4 * i * 0.999 ** 512, 0);
    expect((await f.floats(out))[0]).toBeCloseTo(value, 1);
  });
});
