import { expect, test } from 'vitest';
import { estimateTokens } from '../../../extension/context/tokens.ts';

test('a guess by the script', () => {
  expect(estimateTokens('')).toBe(0);
  expect(estimateTokens('const x = 1;')).toBe(3);
  expect(estimateTokens('안녕하세요')).toBe(5);
});
