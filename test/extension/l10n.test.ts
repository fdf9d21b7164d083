import { afterEach, expect, test } from 'vitest';
import { plural, setTexts, t, texts } from '../../extension/l10n.ts';

afterEach(() => setTexts('en', undefined));

test('a text is English until there are translations, and English again without', () => {
  expect(t('Read {0} of {1}', 1, 2)).toBe('Read 1 of 2');
  setTexts('de', { 'Read {0} of {1}': '{0} von {1} gelesen' });
  expect(t('Read {0} of {1}', 1, 2)).toBe('1 von 2 gelesen');
  expect(t('Unknown')).toBe('Unknown');
  expect(texts().language).toBe('de');
  setTexts('fr', undefined);
  expect(t('Read {0} of {1}', 1, 2)).toBe('Read 1 of 2');
  expect(texts()).toEqual({ language: 'en', bundle: {} });
});

test('a parameter is put in as it is', () => {
  expect(t('{0} and {1}', '{1}', 'two')).toBe('{1} and two');
});

test('one thing has a sentence of its own', () => {
  expect([0, 1, 2].map(value => plural(value, 'one', 'many'))).toEqual(['many', 'one', 'many']);
});
