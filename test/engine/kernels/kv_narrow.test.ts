import { expect, test } from 'vitest';
import { kvRowWords } from '../../../engine/kernels/kv_cache.ts';
import { kvNarrow } from '../../../engine/kernels/kv_narrow.ts';
import { kvNarrow as reference } from '../../reference/kv_narrow.ts';
import { describeKernel, poisonWord } from '../../support/gpu_fixture.ts';
import { codesApart, packKv } from '../../support/kv_rows.ts';
import { Random } from '../../support/random.ts';

/** A text in pages of halves, and the pages of its codes among them; what a page is for is told by the tables alone. */
function paged(halves: Uint32Array, { heads, dim }: { heads: number; dim: number }) {
  const [halfWords, codeWords] = [heads * kvRowWords('f16', dim), heads * kvRowWords('q8', dim)];
  const positions = halves.length / halfWords;
  const [halfPage, codePage] = [128, 256];
  const words = Math.max(halfPage * halfWords, codePage * codeWords) + 8;
  const counts = [Math.ceil(positions / halfPage), Math.ceil(positions / codePage)] as const;
  const [from, to] = counts.map((count, which) =>
    Array.from({ length: count }, (_, i) => 2 * (count - i) - which),
  ) as [number[], number[]];
  const cache = new Uint32Array((2 * counts[0] + 1) * words).fill(poisonWord);
  for (const [i, page] of from.entries())
    cache.set(halves.subarray(i * halfPage * halfWords, (i + 1) * halfPage * halfWords), page * words);
  return {
    cache,
    tables: Uint32Array.from([...from, ...to]),
    sizes: {
      positions,
      heads,
      dim,
      page: { words, halves: halfPage, codes: codePage },
      codesFrom: from.length,
    },
    /** The codes of a cache, and whether all else is as it was. */
    codesOf(after: Uint32Array): { codes: Uint32Array; restIsSame: boolean } {
      const codes = new Uint32Array(positions * codeWords);
      const rest = after.slice();
      for (const [i, page] of to.entries()) {
        const count = Math.min(codePage * codeWords, codes.length - i * codePage * codeWords);
        codes.set(after.subarray(page * words, page * words + count), i * codePage * codeWords);
        rest.fill(poisonWord, page * words, page * words + count);
      }
      return { codes, restIsSame: rest.every((word, i) => word === cache[i]) };
    },
  };
}

describeKernel('kv_narrow', fixture => {
  test.each([
    { name: 'one row of a real head', positions: 1, heads: 1, dim: 256 },
    { name: 'an odd number of groups, two heads', positions: 137, heads: 2, dim: 96 },
    { name: 'more rows than one line of workgroups', positions: 1025, heads: 2, dim: 32 },
  ])('writes the codes that a cache in 8 bits would hold: $name', async ({ positions, heads, dim }) => {
    const f = fixture();
    const halves = packKv('f16', new Random(dim + positions).normal(positions * heads * dim, 3), dim);
    const { cache, tables, sizes, codesOf } = paged(halves, { heads, dim });
    const device = { cache: f.upload(cache), tables: f.upload(tables) };
    await f.run(list => kvNarrow(list, device, sizes));
    const { codes, restIsSame } = codesOf(await f.words(device.cache));
    const apart = codesApart(codes, reference(halves, dim), dim);
    expect(apart.sameScales).toBe(true);
    expect(apart.codes).toBeLessThanOrEqual(1);
    expect(restIsSame).toBe(true);
  });

  test('what is not finite becomes a group that is NaN', async () => {
    const f = fixture();
    const halves = packKv(
      'f16',
      Float32Array.from({ length: 64 }, (_, i) => (i === 40 ? NaN : 1)),
      64,
    );
    const { cache, tables, sizes, codesOf } = paged(halves, { heads: 1, dim: 64 });
    const device = { cache: f.upload(cache), tables: f.upload(tables) };
    await f.run(list => kvNarrow(list, device, sizes));
    const scales = codesOf(await f.words(device.cache)).codes[16] as number;
    expect(scales >>> 16).toBe(0x7e00);
    expect(scales & 0x7c00).not.toBe(0x7c00);
  });
});
