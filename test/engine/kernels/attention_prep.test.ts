import { expect, test } from 'vitest';
import { attentionPrep } from '../../../engine/kernels/attention_prep.ts';
import { kvFits, kvRowWords, type KvCache, type KvFormat } from '../../../engine/kernels/kv_cache.ts';
import { attentionPrep as reference } from '../../reference/attention_prep.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { isFullRun } from '../../support/full.ts';
import { describeKernel, type GpuFixture } from '../../support/gpu_fixture.ts';
import { intoPages, nanWord, outOfPages, pagedText, type PagedText } from '../../support/kv_pages.ts';
import { unpackKv } from '../../support/kv_rows.ts';
import { Random } from '../../support/random.ts';
import { spacedRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'the smallest head', count: 1, heads: 1, kvHeads: 1, dim: 4, rotaryDim: 2, start: 0, ropeRow: 0 },
  { name: 'no rotation', count: 2, heads: 2, kvHeads: 1, dim: 8, rotaryDim: 0, start: 3, ropeRow: 1 },
  { name: 'the whole head', count: 3, heads: 3, kvHeads: 3, dim: 12, rotaryDim: 12, start: 0, ropeRow: 2 },
  { name: 'a real layer', count: 2, heads: 16, kvHeads: 2, dim: 256, rotaryDim: 64, start: 5, ropeRow: 4 },
  {
    name: 'groups of 32 that do not fill a word of scales',
    count: 9,
    heads: 2,
    kvHeads: 2,
    dim: 96,
    rotaryDim: 32,
    start: 2,
    ropeRow: 3,
  },
  { name: 'eight rows', count: 8, heads: 4, kvHeads: 2, dim: 68, rotaryDim: 20, start: 1, ropeRow: 0 },
];

const formats: KvFormat[] = ['f32', 'f16', 'q8'];
const cases = formats.flatMap(format =>
  shapes.filter(({ dim }) => kvFits(format, dim)).map(shape => ({ format, ...shape })),
);
/** Each shape and each format once, since every pair compiles anew. */
const someCases = shapes.map((shape, i) => {
  const fitting = formats.filter(format => kvFits(format, shape.dim));
  return { format: fitting[i % fitting.length] as KvFormat, ...shape };
});
/** How far value i may be from what is stored of it: a half is within one step of 2^-10, a code within half a step of its group's scale. */
function storageError(format: KvFormat, values: Float64Array, i: number): number {
  if (format === 'f32') return 0;
  if (format === 'f16') return Math.abs(values[i] as number) * 2 ** -10 + 2 ** -24;
  const group = values.subarray(i - (i % 32), i - (i % 32) + 32);
  // The scale itself is a half.
  return (Math.max(...group.map(Math.abs)) / 127) * (0.5 + 127 * 2 ** -10);
}

/** Rows of queries, keys and values in one tensor, one after another. */
function uploadTogether(f: GpuFixture, parts: Record<'q' | 'k' | 'v', ReturnType<typeof spacedRows>>) {
  const { q, k, v } = parts;
  const tensor = f.upload(Float32Array.from([...q.values, ...k.values, ...v.values]), 'projected');
  const [kAt, vAt] = [q.values.length, q.values.length + k.values.length];
  return {
    q: { tensor, offset: q.offset, stride: q.stride },
    k: { tensor, offset: kAt + k.offset, stride: k.stride },
    v: { tensor, offset: vAt + v.offset, stride: v.stride },
  };
}

/** A cache that has nothing but NaN. */
function emptyCache(f: GpuFixture, format: KvFormat, text: PagedText): KvCache {
  const empty = () =>
    f.upload(
      intoPages(
        text,
        new Uint32Array(text.table.length * text.page.positions * text.positionWords).fill(nanWord),
      ),
    );
  return { format, page: text.page, keys: empty(), values: empty(), table: f.upload(text.table) };
}

describeKernel('attention_prep', (fixture, { software }) => {
  test.each(isFullRun || software ? cases : someCases)(
    'norms, rotates and appends in $format: $name',
    async ({ format, ...shape }) => {
      const f = fixture();
      const { count, heads, kvHeads, dim, rotaryDim, start, ropeRow } = shape;
      const random = new Random(count * dim);
      const width = 2 * heads * dim;
      // Between the queries lie the gates, which nobody may read here.
      const queries = random.normal(count * width).map((v, i) => (i % (2 * dim) < dim ? v : NaN));
      const q = spacedRows({ count, width, offset: 3, stride: width + 2 }, queries);
      const kv = (offset: number) =>
        spacedRows(
          { count, width: kvHeads * dim, offset, stride: kvHeads * dim + 5 },
          random.normal(count * kvHeads * dim),
        );
      const [k, v] = [kv(7), kv(1)];
      const gains = random.uniform(2 * dim, 2);
      const angles = random.uniform(((ropeRow + count) * rotaryDim) / 2, 100);
      const rope = new Float32Array(Math.max(2, 2 * angles.length)).fill(NaN);
      angles.forEach((angle, i) => rope.set([Math.cos(angle), Math.sin(angle)], 2 * i));
      const cacheRows = start + count + 1;
      const text = pagedText(cacheRows, kvHeads * kvRowWords(format, dim));
      const to = { q: f.poisoned((count + 1) * heads * dim, 'q'), cache: emptyCache(f, format, text) };
      const options = { ...shape, eps: 1e-6 };
      await f.run(list =>
        attentionPrep(
          list,
          {
            ...uploadTogether(f, { q, k, v }),
            gains: f.upload(gains),
            rope: f.upload(rope),
          },
          to,
          options,
        ),
      );
      const want = reference({ q, k, v, gains, rope }, options);
      const inCache = (values: Float64Array) => {
        const cache = new Float64Array(cacheRows * kvHeads * dim).fill(NaN);
        cache.set(values, start * kvHeads * dim);
        return cache;
      };
      const after = new Array<number>(heads * dim).fill(NaN);
      expectClose(await f.floats(to.q), [...want.q, ...after], tolerances.elementwise, 'q');
      const { absolute, relative } = tolerances.elementwise;
      for (const part of ['keys', 'values'] as const) {
        const { words, restIsNaN } = outOfPages(text, await f.words(to.cache[part]));
        expect(restIsNaN, part).toBe(true);
        const got = unpackKv(format, words, dim).subarray(0, cacheRows * kvHeads * dim);
        const wanted = inCache(want[part]);
        const exact = part === 'values' && format === 'f32';
        for (let i = 0; i < wanted.length; i++) {
          const value = wanted[i] as number;
          const rounding = storageError(format, wanted, i);
          const allowed = exact ? 0 : absolute + relative * Math.abs(value) + rounding;
          if (Number.isNaN(value)) expect(got[i], `${part}[${i}]`).toBeNaN();
          else expect(Math.abs((got[i] as number) - value), `${part}[${i}]`).toBeLessThanOrEqual(allowed);
        }
      }
    },
  );

  test('with no query heads only keys and values are made', async () => {
    const f = fixture();
    const input = { tensor: f.upload(new Float32Array(8).fill(2)), offset: 0, stride: 8 };
    const text = pagedText(1, 8);
    const cache = emptyCache(f, 'f32', text);
    const q = f.poisoned(8);
    await f.run(list =>
      attentionPrep(
        list,
        {
          q: input,
          k: input,
          v: input,
          gains: f.upload(new Float32Array(16).fill(1)),
          rope: f.upload(new Float32Array(2)),
        },
        { q, cache },
        { count: 1, start: 0, ropeRow: 0, heads: 0, kvHeads: 1, dim: 8, rotaryDim: 0, eps: 0 },
      ),
    );
    expectClose(await f.floats(q), new Array<number>(8).fill(NaN), tolerances.exact);
    const stored = async (part: 'keys' | 'values') => {
      const { words, restIsNaN } = outOfPages(text, await f.words(cache[part]));
      expect(restIsNaN).toBe(true);
      return new Float32Array(words.buffer).subarray(0, 9);
    };
    expectClose(await stored('keys'), [...new Array<number>(8).fill(1), NaN], tolerances.elementwise);
    expectClose(await stored('values'), [...new Array<number>(8).fill(2), NaN], tolerances.exact);
  });

  test('halves that are too large become the largest half, and a group of zeros stays zeros in 8 bits', async () => {
    const f = fixture();
    // As wide as in the next test, which runs the same pipelines.
    const dim = 96;
    const values = new Float32Array(dim).fill(0);
    const stored = async (format: KvFormat) => {
      const v = { tensor: f.upload(values), offset: 0, stride: dim };
      const text = pagedText(1, kvRowWords(format, dim));
      const cache = emptyCache(f, format, text);
      await f.run(list =>
        attentionPrep(
          list,
          {
            q: v,
            k: v,
            v,
            gains: f.upload(new Float32Array(2 * dim).fill(1)),
            rope: f.upload(new Float32Array(2)),
          },
          { q: f.poisoned(dim), cache },
          { count: 1, start: 0, ropeRow: 0, heads: 0, kvHeads: 1, dim, rotaryDim: 0, eps: 1 },
        ),
      );
      const { words } = outOfPages(text, await f.words(cache.values));
      return [...unpackKv(format, words, dim).subarray(0, dim)];
    };
    expect(await stored('q8')).toEqual(new Array<number>(dim).fill(0));
    values[3] = -1e9;
    expect((await stored('f16'))[3]).toBe(-65504);
  });

  test.each([NaN, Infinity, -Infinity])(
    '%d in a key or a value is no number in any format, and spoils nothing else',
    async broken => {
      const f = fixture();
      const dim = 96;
      const random = new Random(dim);
      // Two rows; the second one is broken, in the second of three groups of 32.
      const input = random.normal(2 * dim);
      const at = dim + 45;
      input[at] = broken;
      const rows = { tensor: f.upload(Float32Array.from(input)), offset: 0, stride: dim };
      for (const format of formats) {
        const text = pagedText(2, kvRowWords(format, dim));
        const cache = emptyCache(f, format, text);
        await f.run(list =>
          attentionPrep(
            list,
            {
              q: rows,
              k: rows,
              v: rows,
              gains: f.upload(new Float32Array(2 * dim).fill(1)),
              rope: f.upload(new Float32Array(2)),
            },
            { q: f.poisoned(dim), cache },
            { count: 2, start: 0, ropeRow: 0, heads: 0, kvHeads: 1, dim, rotaryDim: 0, eps: 1e-6 },
          ),
        );
        const stored = async (part: 'keys' | 'values') =>
          unpackKv(format, outOfPages(text, await f.words(cache[part])).words, dim).subarray(0, 2 * dim);
        const keys = await stored('keys');
        expect([...keys.subarray(0, dim)].every(Number.isFinite), `${format} keys`).toBe(true);
        if (format !== 'f32' || Number.isNaN(broken)) expect(keys[at], `${format} key`).toBeNaN();
        const values = await stored('values');
        if (format === 'f32') {
          expect(values[at]).toBe(broken);
          continue;
        }
        for (const [i, value] of values.entries()) {
          const lost = format === 'f16' ? i === at : Math.floor(i / 32) === Math.floor(at / 32);
          const what = `${format} value ${i}`;
          if (lost) expect(value, what).toBeNaN();
          else expect(Math.abs(value - (input[i] as number)), what).toBeLessThanOrEqual(0.02);
        }
      }
    },
  );
});
