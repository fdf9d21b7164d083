import { beforeEach, describe, expect, test } from 'vitest';
import { CompletionCache, type Place } from '../../../extension/completion/cache.ts';
import { at } from '../../support/cursor.ts';

const place = (text: string, more: Partial<Place> = {}): Place => ({
  documentId: 'd',
  context: at(text),
  multiline: false,
  ...more,
});
let cache: CompletionCache;
beforeEach(() => {
  cache = new CompletionCache();
  cache.put(place('x = |;'), 'hello(world)');
});

describe('completion cache', () => {
  test('answers at the same place', () => {
    expect(cache.find(place('x = |;'))).toBe('hello(world)');
  });

  test('narrows while the user types along, and finds the whole again after going back', () => {
    expect(cache.find(place('x = h|;'))).toBe('ello(world)');
    expect(cache.find(place('x = hello(|;'))).toBe('world)');
    expect(cache.find(place('x = |;'))).toBe('hello(world)');
  });

  test('has nothing when the user types something else, or all of it', () => {
    expect(cache.find(place('x = j|;'))).toBeUndefined();
    expect(cache.find(place('x = hello(world)|;'))).toBeUndefined();
    expect(cache.find(place('x =|;'))).toBeUndefined();
  });

  test('has nothing in another document or with other text after the cursor', () => {
    expect(cache.find(place('x = |;', { documentId: 'e' }))).toBeUndefined();
    expect(cache.find(place('x = |,'))).toBeUndefined();
  });

  test('prefers the answer given nearest to the cursor', () => {
    cache.put(place('x = h|;'), 'ey()');
    expect(cache.find(place('x = h|;'))).toBe('ey()');
  });

  test('never gives a line where a block is wanted, but a block that is typed along anywhere', () => {
    expect(cache.find(place('x = |;', { multiline: true }))).toBeUndefined();
    cache.put(place('{\n|', { multiline: true }), 'a();\nb();');
    expect(cache.find(place('{\na|'))).toBe('();\nb();');
    expect(cache.find(place('{\n|'))).toBeUndefined();
  });

  test('forgets the least recently used', () => {
    for (let index = 0; index < 99; index += 1) cache.put(place(`${index}|`), 'y');
    expect(cache.find(place('x = |;'))).toBe('hello(world)');
    for (let index = 100; index < 199; index += 1) cache.put(place(`${index}|`), 'y');
    expect(cache.find(place('x = |;'))).toBe('hello(world)');
    expect(cache.find(place('0|'))).toBeUndefined();
    cache.clear();
    expect(cache.find(place('x = |;'))).toBeUndefined();
  });
});
