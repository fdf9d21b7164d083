import { expect, test } from 'vitest';
import { kvRowWords } from '../../../engine/kernels/kv_cache.ts';
import { kvNarrow } from '../../../engine/kernels/kv_narrow.ts';
import { kvNarrow as reference } from '../../reference/kv_narrow.ts';
import { describeKernel, poisonWord } from '../../support/gpu_fixture.ts';
import { codesApart, packKv } from '../../support/kv_rows.ts';
import { Random } from '../../support/random.ts';

describeKernel('kv_narrow', fixture => {
  test.each([
    { name: 'one row of a real head', rows: 1, dim: 256 },
    { name: 'an odd number of groups', rows: 37, dim: 96 },
    { name: 'more rows than one line of workgroups', rows: 2049, dim: 32 },
  ])('writes the codes that a cache in 8 bits would hold: $name', async ({ rows, dim }) => {
    const f = fixture();
    const halves = packKv('f16', new Random(dim + rows).normal(rows * dim, 3), dim);
    const words = kvRowWords('q8', dim);
    const to = f.poisonedWords((rows + 1) * words);
    // A row more, which must be left alone.
    const from = f.upload(Uint32Array.from([...halves, ...halves.slice(0, kvRowWords('f16', dim))]));
    await f.run(list => kvNarrow(list, { from, to }, { rows, dim }));
    const got = await f.words(to);
    const want = reference(halves, dim);
    const apart = codesApart(got.slice(0, want.length), want, dim);
    expect(apart.sameScales).toBe(true);
    expect(apart.codes).toBeLessThanOrEqual(1);
    expect([...got.slice(want.length)]).toEqual(Array.from({ length: words }, () => poisonWord));
  });

  test('what is not finite becomes a group that is NaN', async () => {
    const f = fixture();
    const halves = packKv(
      'f16',
      Float32Array.from({ length: 64 }, (_, i) => (i === 40 ? NaN : 1)),
      64,
    );
    const to = f.poisonedWords(kvRowWords('q8', 64));
    await f.run(list => kvNarrow(list, { from: f.upload(halves), to }, { rows: 1, dim: 64 }));
    const scales = (await f.words(to))[16] as number;
    expect(scales >>> 16).toBe(0x7e00);
    expect(scales & 0x7c00).not.toBe(0x7c00);
  });
});
