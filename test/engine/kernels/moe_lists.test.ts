import { expect, test } from 'vitest';
import { moeLists, tileCountMax } from '../../../engine/kernels/moe_lists.ts';
import { moeLists as reference } from '../../reference/moe_lists.ts';
import { describeKernel, poisonWord } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

const repeated = (count: number, expert: number) => new Array<number>(count).fill(expert);
const cases = [
  { name: 'one entry', ids: [2], experts: 4, tileRows: 1 },
  { name: 'one entry for the only expert', ids: [0], experts: 1, tileRows: 8 },
  {
    name: 'a token of a real model',
    ids: [511, 3, 77, 0, 12, 300, 299, 42, 64, 63],
    experts: 512,
    tileRows: 1,
  },
  { name: 'all entries on one expert', ids: repeated(21, 5), experts: 8, tileRows: 8 },
  {
    name: '7, 8 and 9 entries',
    ids: [...repeated(7, 0), ...repeated(9, 1), ...repeated(8, 3)],
    experts: 5,
    tileRows: 8,
  },
  { name: 'a batch over 512 experts', ids: [...new Random(5).ints(640, 512)], experts: 512, tileRows: 8 },
  { name: 'a batch over 513 experts', ids: [...new Random(7).ints(700, 513)], experts: 513, tileRows: 16 },
  { name: 'a batch over 1024 experts', ids: [...new Random(8).ints(333, 1024)], experts: 1024, tileRows: 16 },
  {
    name: 'few experts over several rounds of all lanes',
    ids: [...new Random(9).ints(777, 2)].map(id => id * 2),
    experts: 4,
    tileRows: 32,
  },
  { name: 'a batch over few experts', ids: [...new Random(6).ints(127, 3)], experts: 3, tileRows: 8 },
];

describeKernel('moe_lists', fixture => {
  test.each(cases)(
    'sorts entries by expert and cuts them into tiles: $name',
    async ({ ids, experts, tileRows }) => {
      const f = fixture();
      const tileCount = tileCountMax(ids.length, experts, tileRows);
      const order = f.poisonedWords(ids.length + 1, 'order');
      const tiles = f.poisonedWords((tileCount + 1) * 4, 'tiles');
      const launches = f.launches([1, 2, 3, 4, 5, 6, poisonWord]);
      const lists = { order, tiles, launches, tileRows, tileCount, tilesUsual: tileCount };
      const outputGroups = [3, 70_000] as const;
      // Rows of `used` slots that count and one that does not; weights that nobody reads.
      const used = ids.length % 3 === 0 ? 3 : 1;
      const choice = Uint32Array.from(
        ids.flatMap((id, i) => [id, poisonWord, ...(i % used === used - 1 ? [experts, poisonWord] : [])]),
      );
      await f.run(list =>
        moeLists(list, f.upload(choice), lists, {
          entries: ids.length,
          experts,
          used,
          slots: used + 1,
          outputGroups,
        }),
      );
      const want = reference(ids, { experts, tileRows, tileCount, outputGroups });
      expect(want.tiles.length / 4, 'tiles fit the upper bound').toBe(tileCount);
      expect([...(await f.words(order))]).toEqual([...want.order, poisonWord]);
      expect([...(await f.words(launches))]).toEqual([...want.launches, poisonWord]);
      expect([...(await f.words(tiles))]).toEqual([...want.tiles, ...repeated(4, poisonWord)]);
    },
  );
});
