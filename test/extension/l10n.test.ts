import { afterEach, expect, test } from 'vitest';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { sayError } from '../../extension/known_error.ts';
import { plural, say, setTexts, t, texts } from '../../extension/l10n.ts';

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

test('a phrase is said in the language, and so are the phrases in it', () => {
  const why = phrase`it ends at byte ${10}`;
  setTexts('de', {
    '{0} is damaged: {1}.': '{0} ist beschädigt: {1}.',
    'it ends at byte {0}': 'sie endet bei Byte {0}',
  });
  expect(say(phrase`${'a.gguf'} is damaged: ${why}.`)).toBe('a.gguf ist beschädigt: sie endet bei Byte 10.');
});

test('an error is told in the language, while its message stays English', () => {
  setTexts('de', { 'No model is loaded.': 'Es ist kein Modell geladen.' });
  const error = errors.noModel();
  expect(sayError(error)).toEqual({ message: 'Es ist kein Modell geladen.', remedy: error.remedy });
  expect(error.message).toBe('No model is loaded.');
  expect(sayError(errors.badUsage(phrase`Why.`)).remedy).toBe('');
});
