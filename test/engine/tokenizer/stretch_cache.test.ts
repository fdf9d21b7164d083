// The cache of encoded texts: hits, and a bound.
import { expect, test } from 'vitest';
import { StretchCache } from '../../../engine/tokenizer/stretch_cache.ts';

function countingCache(): { cache: StretchCache; encoded: string[] } {
  const encoded: string[] = [];
  const cache = new StretchCache(text => {
    encoded.push(text.slice(0, 1));
    return [text.length];
  });
  return { cache, encoded };
}

test('a text is encoded once', () => {
  const { cache, encoded } = countingCache();
  expect(cache.encode('abc')).toEqual([3]);
  expect(cache.encode('ab' + 'c')).toEqual([3]);
  expect(cache.encode('')).toEqual([]);
  expect(encoded).toEqual(['a']);
});

test('what was used longest ago goes first when there is too much', () => {
  const { cache, encoded } = countingCache();
  const third = (letter: string) => letter.repeat(1_500_000);
  for (const letter of ['a', 'b', 'a', 'c', 'a', 'b']) cache.encode(third(letter));
  expect(encoded).toEqual(['a', 'b', 'c', 'b']);
});

test('a text larger than the cache is encoded and not kept', () => {
  const { cache, encoded } = countingCache();
  const huge = 'h'.repeat(5_000_000);
  expect(cache.encode(huge)).toEqual([5_000_000]);
  cache.encode(huge);
  cache.encode('x');
  cache.encode('x');
  expect(encoded).toEqual(['h', 'h', 'x']);
});
