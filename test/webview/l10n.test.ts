import { afterEach, expect, test } from 'vitest';
import { formatNumber, readTexts, t } from '../../webview/l10n.ts';

/** As much of a document as is read. */
function page(language: string, bundle: unknown): Document {
  return {
    documentElement: { lang: language },
    getElementById: (id: string) => (id === 'l10n' ? { textContent: JSON.stringify(bundle) } : null),
  } as unknown as Document;
}

afterEach(() => readTexts(page('en', {})));

test('texts and numbers are those of the page', () => {
  expect([t('Stop'), formatNumber(12345.6), formatNumber(0.25, 1)]).toEqual(['Stop', '12,346', '0.3']);
  readTexts(page('de', { Stop: 'Stopp' }));
  expect([t('Stop'), formatNumber(12345.6), formatNumber(0.25, 1)]).toEqual(['Stopp', '12.346', '0,3']);
});
