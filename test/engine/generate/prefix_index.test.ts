// What a prompt can reuse, settled by ids and positions alone.
import { expect, test } from 'vitest';
import { bestFor, giverAmong, HeldText, oldestOf } from '../../../engine/generate/prefix_index.ts';

/** A text of so many ids, all `id`, with snapshots at these positions. */
function heldText(id: number, length: number, snapshotsAt: readonly number[] = [], lastUsed = 0) {
  const held = new HeldText<{ position: number; byteLength: number }>();
  held.ids.push(...Array<number>(length).fill(id));
  for (const position of snapshotsAt) held.add({ position, byteLength: 10 });
  held.lastUsed = lastUsed;
  return held;
}
const idsOf = (id: number, length: number) => Array<number>(length).fill(id);

test('a longer prompt goes on from the end, any other from the last snapshot before it differs', () => {
  const held = heldText(1, 10, [8, 4]);
  expect(held.reusable(idsOf(1, 11))).toEqual({ reuse: 10 });
  expect(held.reusable([...idsOf(1, 9), 2])).toMatchObject({ reuse: 8, snapshot: { position: 8 } });
  // One id is always left to read.
  expect(held.reusable(idsOf(1, 8))).toMatchObject({ reuse: 4 });
  expect(held.reusable(idsOf(1, 3))).toEqual({ reuse: 0 });
  // Unless what follows it is known.
  expect(held.reusable(idsOf(1, 10), { whole: true })).toEqual({ reuse: 10 });
  expect(held.reusable(idsOf(1, 10))).toMatchObject({ reuse: 8 });
  expect([7, 8, 10].map(length => held.holds(idsOf(1, length)))).toEqual([false, true, true]);
});

test('cutting a text gives back the snapshots behind the cut', () => {
  const held = heldText(1, 10, [4, 8]);
  expect(held.cutTo(5).map(({ position }) => position)).toEqual([8]);
  expect([held.ids.length, held.snapshotBytes]).toEqual([5, 10]);
});

test('the longest prefix is taken unless too much of another text goes for it', () => {
  const [short, long] = [{ held: heldText(1, 20, [5]) }, { held: heldText(1, 900, [6]) }];
  expect(bestFor([short, long], [...idsOf(1, 10), 2], { ahead: false, whole: false })).toBeUndefined();
  expect(bestFor([short], [...idsOf(1, 10), 2], { ahead: false, whole: false })).toMatchObject({
    holder: short,
    reuse: 5,
  });
  expect(bestFor([short, long], idsOf(1, 901), { ahead: false, whole: false })).toMatchObject({
    holder: long,
    reuse: 900,
  });
  // Read ahead, nothing of a conversation may go.
  expect(bestFor([short], [...idsOf(1, 10), 2], { ahead: true, whole: false })).toBeUndefined();
  short.held.ahead = true;
  expect(bestFor([short], [...idsOf(1, 10), 2], { ahead: true, whole: false })).toMatchObject({
    holder: short,
  });
});

test('what was read ahead gives a snapshot first, down to one, then the text used longest ago', () => {
  const old = { held: heldText(1, 20, [5], 1) };
  const ahead = { held: heldText(2, 20, [5, 9], 2) };
  ahead.held.ahead = true;
  expect(oldestOf([ahead, old])).toBe(old);
  expect(giverAmong([old, ahead])).toBe(ahead);
  ahead.held.thin();
  expect(giverAmong([ahead, old])).toBe(old);
});
