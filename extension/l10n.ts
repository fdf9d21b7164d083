// The texts that the user sees, in the language of the editor. The English text is the key of its translations (extension/l10n/).
import { config, t } from '@vscode/l10n';
import type { Phrase, PhraseValue } from '../engine/protocol/phrase.ts';

export { t };

/** Translations by their English texts, and their language. */
export interface Texts {
  language: string;
  bundle: Record<string, string>;
}

const english: Texts = { language: 'en', bundle: {} };
let current = english;
const numberFormats = new Map<number, Intl.NumberFormat>();

/** Takes the editor's language and its translations, at activation; in a language without translations all is English. */
export function setTexts(language: string, bundle: Record<string, string> | undefined): void {
  current = bundle ? { language, bundle } : english;
  config({ contents: current.bundle });
  numberFormats.clear();
}

/** What was set last, for the page. */
export function texts(): Texts {
  return current;
}

/** A phrase in the user's language. */
export function say({ text, values }: Phrase): string {
  return t(text, ...values.map(valueText));
}

function valueText(value: PhraseValue): string {
  if (typeof value === 'object') return say(value);
  return typeof value === 'number' ? formatNumber(value) : value;
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
    numberFormats.set(fractionDigits, (format = new Intl.NumberFormat(current.language, digits)));
  }
  return format.format(value);
}

/** The translation of a text that comes in a file of the package; scripts/l10n.mjs knows these texts, too. */
export const translated = (text: string): string => say({ text, values: [] });
