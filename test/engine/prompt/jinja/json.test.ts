// JSON as Python reads and writes it: keys keep their order, numbers their kind.
import { expect, test } from 'vitest';
import { jsonText, parseJson } from '../../../../engine/prompt/jinja/json.ts';
import { Meter } from '../../../../engine/prompt/jinja/values.ts';

const plain = { itemSeparator: ', ', keySeparator: ': ', ensureAscii: false, sortKeys: false };
const again = (text: string) => jsonText(parseJson(text), plain, new Meter(100_000));

test.each([
  ['{"b": 1, "2": 2, "1": 3}'],
  ['[1.0, 1, -0.0, 1e-07, 1e+16, 12345678901234567890, 0.1]'],
  ['{"__proto__": {"x": null}, "": [[], {}, true, false]}'],
  ['"\\"\\\\\\n\\u0001é😀"'],
  ['[NaN, Infinity, -Infinity]'],
])('%s is written as it was read', text => {
  expect(again(text)).toBe(text);
});

test.each([
  [' [1 ,2 ]\n', '[1, 2]'],
  ['-0', '0'],
  ['1E5', '100000.0'],
  ['1e400', 'Infinity'],
  ['{"a": 1, "b": 2, "a": 3}', '{"a": 3, "b": 2}'],
  ['"\\u00e9\\/"', '"é/"'],
])('%s becomes %s', (text, wanted) => {
  expect(again(text)).toBe(wanted);
});

test.each([
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  '[1 2]',
  "{'a': 1}",
  '{a: 1}',
  '01',
  '+1',
  '1 2',
  '"\n"',
  '"\\x"',
  'nul',
  '[',
  '{"a"}',
])('%j is none', text => {
  expect(() => parseJson(text)).toThrow('no JSON');
});

test('brackets may not nest for ever, nor numbers be endless', () => {
  expect(() => parseJson('['.repeat(100_000))).toThrow('too deep');
  expect(() => parseJson('9'.repeat(100_000))).toThrow('too long a number');
});
