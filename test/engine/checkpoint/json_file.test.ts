// JSON that comes with a model: what would cost too much to build or to follow is refused before it is parsed.
import { expect, test } from 'vitest';
import { parseJsonObject } from '../../../engine/checkpoint/json_file.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const parse = (text: string) => parseJsonObject(text, why => errors.badCheckpoint('x', why));
const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

test('objects are parsed, with brackets, commas and quotes inside texts', () => {
  const value = { 'a[{,"\\': ['[[[', '\\"', '\\\\', { b: null }], c: 1.5 };
  expect(parse(JSON.stringify(value))).toEqual(value);
  expect(parse(JSON.stringify({ a: '['.repeat(1000) }))).toHaveProperty('a');
});

test.each([
  ['not JSON at all', '{"a":NaN}', 'is not JSON'],
  ['a text without end', '{"a":"', 'is not JSON'],
  ['a text that ends in a backslash', '{"a":"\\', 'is not JSON'],
  ['a list', '[]', 'not a JSON object'],
  ['nothing', 'null', 'not a JSON object'],
  ['a deep nest', nested(65), 'nests deeper than 64'],
  ['a nest without end', '['.repeat(1_000_000), 'nests deeper than 64'],
  ['very many values', `{"a":[${'0,'.repeat(4_000_001)}0]}`, 'holds more than 4000000 values'],
])('%s is a named error', async (_, text, why) => {
  const error = await hearthErrorOf(() => parse(text));
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain(why);
});

test('a nest as deep as is allowed is parsed', () => {
  expect(parse(nested(64))).toHaveProperty('a');
});
