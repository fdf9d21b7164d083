// The texts and numbers that the user sees, in the language of the editor. The English text is the key of its translations, which
// come with the page (extension/chat/html.ts).
import { config, t } from '@vscode/l10n';

export { t };

let language = 'en';
const numberFormats = new Map<number, Intl.NumberFormat>();

/** Reads the page's translations and language; before it all is English. */
export function readTexts(page: Document): void {
  config({ contents: page.getElementById('l10n')?.textContent ?? '{}' });
  language = page.documentElement.lang;
  numberFormats.clear();
}

/** Chooses between two whole sentences by a number; a language without plurals has the same for both. */
export function plural(value: number, one: string, many: string): string {
  return value === 1 ? one : many;
}

/** A number as people write it: 12345.6 as "12,346", or as "12.345,6" in German and with one digit after the point. */
export function formatNumber(value: number, fractionDigits = 0): string {
  let format = numberFormats.get(fractionDigits);
  if (!format) {
    const digits = { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits };
    numberFormats.set(fractionDigits, (format = new Intl.NumberFormat(language, digits)));
  }
  return format.format(value);
}
