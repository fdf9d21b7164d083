// What is said to the user, so that it can be said in another language: English text with places for values. Pure.

/** `{0}`, `{1}` … in the text stand for the values. */
export interface Phrase {
  readonly text: string;
  readonly values: readonly PhraseValue[];
}
export type PhraseValue = string | number | Phrase;

/** Makes a phrase of a template literal: phrase`It has ${count} tokens.` */
export function phrase(parts: TemplateStringsArray, ...values: PhraseValue[]): Phrase {
  return { text: parts.reduce((text, part, index) => `${text}{${index - 1}}${part}`), values };
}

/** Whether a value is a phrase. */
export function isPhrase(value: unknown): value is Phrase {
  return typeof value === 'object' && value !== null && 'text' in value && 'values' in value;
}

/** The phrase in English, for logs and the command line. */
export function inEnglish({ text, values }: Phrase): string {
  return text.replace(/\{(\d+)\}/g, (place, index) => {
    const value = values[Number(index)];
    return value === undefined ? place : typeof value === 'object' ? inEnglish(value) : String(value);
  });
}
