// The texts that the user sees, in the language of the editor. The English text is the key of its translations (extension/l10n/).
import { config, t } from '@vscode/l10n';
import type { Phrase } from '../engine/protocol/phrase.ts';

export { t };

/** Translations by their English texts, and their language. */
export interface Texts {
  language: string;
  bundle: Record<string, string>;
}

const english: Texts = { language: 'en', bundle: {} };
let current = english;

/** Takes the editor's language and its translations, at activation; in a language without translations all is English. */
export function setTexts(language: string, bundle: Record<string, string> | undefined): void {
  current = bundle ? { language, bundle } : english;
  config({ contents: current.bundle });
}

/** What was set last, for the page. */
export function texts(): Texts {
  return current;
}

/** A phrase in the user's language. */
export function say({ text, values }: Phrase): string {
  return t(text, ...values.map(value => (typeof value === 'object' ? say(value) : value)));
}

/** Chooses between two whole sentences by a number; a language without plurals has the same for both. */
export function plural(value: number, one: string, many: string): string {
  return value === 1 ? one : many;
}
