// What is held of texts, settled by ids and positions alone.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstToGo, leastMissed, PrefixIndex, type Mark } from '../../../engine/generate/prefix_index.ts';

const at = (position: number, lastUsed = 0, ahead = false) => ({ position, lastUsed, ahead });
const positionsOf = (marks: readonly Mark<unknown>[]) => marks.map(({ position }) => position);

test('texts that begin alike share what is held along their beginning', () => {
  const index = new PrefixIndex<string>();
  index.add([1, 2, 3, 4, 5], 'one', at(5));
  index.add([1, 2, 3, 4, 5], 'one, early', at(3));
  index.add([1, 2, 3, 9, 9, 9], 'other', at(6));
  const found = index.match([1, 2, 3, 9, 9, 9, 7]);
  expect(found.common).toBe(6);
  expect(found.marks.map(({ state }) => state)).toEqual(['one, early', 'other']);
  // Left in the middle of a run.
  expect(index.match([1, 2, 3, 4, 8])).toMatchObject({ common: 4, marks: [{ state: 'one, early' }] });
  expect(index.match([7])).toEqual({ common: 0, marks: [] });
});

test('what was known only for a state that is gone is forgotten', () => {
  const index = new PrefixIndex<string>();
  const long = index.add([1, 2, 3, 4, 5], 'long', at(5));
  const branch = index.add([1, 2, 8], 'branch', at(3));
  const early = index.add([1, 2, 3], 'early', at(1));
  index.remove(long);
  expect(index.match([1, 2, 3, 4]).common).toBe(2);
  index.remove(branch);
  expect(index.match([1, 2, 3, 4]).common).toBe(1);
  index.remove(early);
  index.remove(early);
  expect([index.match([1]).common, [...index.marks]]).toEqual([0, []]);
});

const text = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 8 });

test('whatever is added and removed, a match is what a list of all texts would say', () => {
  const step = fc.record({ ids: text, cut: fc.nat(7), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), text, (steps, asked) => {
      const index = new PrefixIndex<number[]>();
      const held: Mark<number[]>[] = [];
      for (const { ids, cut, remove } of steps) {
        const victim = remove ? held.splice(cut % Math.max(1, held.length), 1)[0] : undefined;
        if (victim) index.remove(victim);
        else {
          const position = 1 + (cut % ids.length);
          held.push(index.add(ids, ids.slice(0, position), at(position)));
        }
        const commonWith = (other: readonly number[]) => {
          const end = other.findIndex((id, i) => id !== asked[i]);
          return end < 0 ? other.length : end;
        };
        const found = index.match(asked);
        expect(found.common).toBe(Math.max(0, ...held.map(({ state }) => commonWith(state))));
        const along = held.filter(({ state }) => commonWith(state) === state.length);
        expect(new Set(found.marks)).toEqual(new Set(along));
        expect(positionsOf(found.marks)).toEqual(positionsOf(found.marks).toSorted((a, b) => a - b));
        expect(new Set(index.marks)).toEqual(new Set(held));
      }
    }),
  );
});

/** Marks at these positions, the pinned one among them. */
function marksAt(positions: number[], { pinned = 0, lastUsed = 0, ahead = false } = {}): Mark<null>[] {
  return positions.map(position => ({ position, state: null, pinned: position === pinned, ahead, lastUsed }));
}

test('the state is missed least whose neighbours are closest together for its distance from the end', () => {
  expect(leastMissed(marksAt([16, 32, 48, 64, 80]))?.position).toBe(16);
  expect(leastMissed(marksAt([10, 11, 60, 80]))?.position).toBe(11 - 1);
  expect(leastMissed(marksAt([16, 32, 48], { pinned: 16 }))?.position).toBe(32);
  // The newest goes before the pinned one, and that at last.
  expect(leastMissed(marksAt([16, 48], { pinned: 16 }))?.position).toBe(48);
  expect(leastMissed(marksAt([16], { pinned: 16 }))?.position).toBe(16);
  expect(leastMissed([])).toBeUndefined();
});

test('what was read ahead gives a state first, down to one, then the text used longest ago', () => {
  const old = marksAt([5], { lastUsed: 1 });
  const ahead = marksAt([5, 9], { lastUsed: 2, ahead: true });
  const goes = firstToGo([...old, ...ahead]);
  expect(ahead).toContain(goes);
  expect(firstToGo([...old, ...ahead.filter(mark => mark !== goes)])).toBe(old[0]);
  expect(firstToGo([])).toBeUndefined();
});
