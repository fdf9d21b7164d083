// How many letters two names differ by.
import { expect, test } from 'vitest';
import { editsAllowed, editsBetween } from '../../../../engine/shared/names/edit_distance.ts';

test.each([
  ['order', 'order', 2, 0],
  ['ordr', 'order', 2, 1],
  ['ordre', 'order', 2, 2],
  ['order', 'prices', 2, undefined],
  ['a', 'abcd', 2, undefined],
])('from %s to %s within %i', (one, other, max, edits) => {
  expect(editsBetween(one, other, max)).toBe(edits);
});

test.each([
  ['add', 0],
  ['push', 1],
  ['orderTotal', 2],
  ['aVeryLongNameOfAFunction', 2],
])('%s may differ by %i', (name, edits) => {
  expect(editsAllowed(name)).toBe(edits);
});
