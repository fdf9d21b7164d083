// Words as terms: whole and in parts, in any script, whatever their endings.
import { expect, test } from 'vitest';
import { identifierTerms, stem, termsOfWord, wordsIn } from '../../../../engine/workspace/symbols/terms.ts';

test('identifiers are found whole and by their parts', () => {
  expect(identifierTerms('parseHTTPHeader max_token_count $el x2y')).toEqual([
    'parsehttpheader',
    'parse',
    'http',
    'header',
    'max_token_count',
    'max',
    'token',
    'count',
    '$el',
    'el',
    'x2y',
  ]);
});

test('a script without spaces is found by every two neighbours, and a name before its particle by itself', () => {
  expect(identifierTerms('寻路服务')).toEqual(['寻路服务', '寻路', '路服', '服务']);
  expect(identifierTerms('parseConfig는')).toEqual(['parseconfig는', 'parse', 'config']);
  expect(identifierTerms('Queue를')).toEqual(['queue를', 'queue']);
  // Composed and decomposed letters are the same.
  expect(identifierTerms('카페'.normalize('NFD'))).toEqual(['카페', '카페']);
});

test.each([
  ['caches', 'cach'],
  ['cached', 'cach'],
  ['caching', 'cach'],
  ['cache', 'cach'],
  ['queries', 'queri'],
  ['query', 'queri'],
  ['running', 'run'],
  ['boxes', 'box'],
  ['class', 'class'],
  ['status', 'status'],
  ['string', 'string'],
  ['bed', 'bed'],
])('%s is found as %s', (word, term) => expect(stem(word)).toBe(term));

test('words end where they end, and a word of thousands of letters is none', () => {
  expect([...wordsIn('a_b(cd)')]).toEqual([
    ['a_b', 3],
    ['cd', 6],
  ]);
  expect([...wordsIn(`x ${'a'.repeat(5_000)} y`)].map(([word]) => word)).toEqual(['x', 'y']);
  expect(termsOfWord('TileManagers')).toEqual(['tilemanager', 'til', 'manager']);
});
