// Values out of files are described on one short line, whatever they are.
import { inEnglish, phrase } from '../../../engine/protocol/phrase.ts';
import { expect, test } from 'vitest';
import { quoted, describeValue } from '../../../engine/checkpoint/describe_value.ts';

const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown;

test.each<[unknown, string]>([
  [undefined, 'missing'],
  [null, 'null'],
  [5, '5'],
  [NaN, 'NaN'],
  [2n ** 64n, '18446744073709551616'],
  ['a\nb', '"a\\nb"'],
  [[], '[]'],
  [[1, 'a', null], '[1, "a", null]'],
  [[1, [2]], 'a list of 2'],
  [Array.from({ length: 9 }, () => 1), 'a list of 9'],
  [{}, 'an object with 0 fields'],
  [JSON.parse('{"toString":1,"valueOf":2}'), 'an object with 2 fields'],
  [Object.create(null), 'an object with 0 fields'],
  [deep, 'a list of 1'],
])('value %# is described as it is, or by its size', (value, text) => {
  expect(inEnglish(phrase`${describeValue(value)}`)).toBe(text);
});

test('a long text is cut, and says how long it is', () => {
  expect(inEnglish(phrase`${quoted('x'.repeat(5000))}`)).toBe(`"${'x'.repeat(80)}"… (5000 characters)`);
  expect(describeValue(['x'.repeat(5000)])).toEqual(phrase`a list of ${1}`);
});
