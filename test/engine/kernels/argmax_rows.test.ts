import { expect, test } from 'vitest';
import { argmaxRows, noPick } from '../../../engine/kernels/argmax_rows.ts';
import { candidateWords } from '../../../engine/kernels/candidates.ts';
import { noRing } from '../../../engine/kernels/matvec.ts';
import { argmaxRows as reference } from '../../reference/argmax_rows.ts';
import { describeKernel, poisonWord, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

async function picks(f: GpuFixture, rows: readonly (readonly number[])[]): Promise<number[]> {
  const [count, width] = [rows.length, rows[0]?.length ?? 0];
  const ids = f.poisonedWords(count + 1, 'ids');
  await f.run(list =>
    argmaxRows(
      list,
      { x: f.upload(Float32Array.from(rows.flat())), found: f.poisonedWords(count * candidateWords) },
      ids,
      { count, width, ring: noRing },
    ),
  );
  const got = [...(await f.words(ids))];
  expect(got.pop(), 'the word after the last').toBe(poisonWord);
  return got;
}

describeKernel('argmax_rows', fixture => {
  test.each([1, 2, 7, 64, 65, 1000, 8193])('finds the largest of %i values', async width => {
    const random = new Random(width);
    const x = random.normal(3 * width);
    const rows = [0, 1, 2].map(t => [...x.subarray(t * width, (t + 1) * width)]);
    expect(await picks(fixture(), rows)).toEqual(reference(x, { count: 3, width }));
  });

  test('gives the name of an index, and no pick none', async () => {
    const f = fixture();
    const [count, width] = [3, 5];
    const x = f.upload(Float32Array.of(1, 9, 2, 3, 4, 1, 1, 1, 1, 7, 0, NaN, 0, 0, 0));
    const names = f.upload(Uint32Array.of(100, 200, 300, 400, 500));
    const ids = f.poisonedWords(count, 'ids');
    const found = f.poisonedWords(count * candidateWords);
    await f.run(list => argmaxRows(list, { x, found }, ids, { count, width, ring: noRing, names }));
    expect([...(await f.words(ids))]).toEqual([200, 500, noPick]);
  });

  test('on a tie the lower index wins, wherever the lanes meet', async () => {
    const row = new Array<number>(200).fill(0);
    row[130] = row[67] = row[199] = 5;
    expect(await picks(fixture(), [row, new Array<number>(200).fill(-1)])).toEqual([67, 0]);
  });

  test('minus infinity loses, and wins nowhere', async () => {
    const row = new Array<number>(70).fill(-Infinity);
    row[69] = -3e38;
    expect(await picks(fixture(), [row, new Array<number>(70).fill(-Infinity)])).toEqual([69, noPick]);
  });

  test('a row with NaN or infinity on top has no pick', async () => {
    const ok = [1, 2, 3];
    expect(await picks(fixture(), [[1, NaN, 9], ok, [Infinity, 1, 2]])).toEqual([noPick, 2, noPick]);
  });

  test('picks go round a ring', async () => {
    const f = fixture();
    const ids = f.poisonedWords(4, 'ids');
    const x = f.upload(Float32Array.from([0, 1, 1, 0, 0, 1]));
    await f.run(list =>
      argmaxRows(list, { x, found: f.poisonedWords(3 * candidateWords) }, ids, {
        count: 3,
        width: 2,
        ring: { row: 6, mask: 3 },
      }),
    );
    expect([...(await f.words(ids))]).toEqual([1, poisonWord, 1, 0]);
  });
});
