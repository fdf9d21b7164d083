import { expect, test } from 'vitest';
import { inEnglish, isPhrase, phrase } from '../../../engine/protocol/phrase.ts';

test('a phrase keeps its text and its values apart', () => {
  expect(phrase`${'a.gguf'} has ${3} tokens.`).toEqual({
    text: '{0} has {1} tokens.',
    values: ['a.gguf', 3],
  });
});

test('in English the values stand in their places, phrases among them too', () => {
  const why = phrase`it ends at byte ${10}`;
  expect(inEnglish(phrase`${'a.gguf'} is damaged: ${why}.`)).toBe('a.gguf is damaged: it ends at byte 10.');
});

test('a value that looks like a place is left alone', () => {
  expect(inEnglish(phrase`${'{1}'} and ${'two'}`)).toBe('{1} and two');
});

test('phrases are told from other values', () => {
  expect([phrase`a`, 'a', undefined, null, new Error('a')].map(isPhrase)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
