// A value out of a file as a message shows it: short, on one line, whatever the value is. String() and JSON.stringify
// fail on some: objects with a toString of their own, nests deeper than the stack.
import { phrase, type PhraseValue } from '../protocol/phrase.ts';

const charsMax = 80;

/** What stands in the file, as JSON where it is short enough; lists and objects by their size. */
export function describeValue(value: unknown): PhraseValue {
  if (value === undefined) return phrase`missing`;
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : (flat(value) ?? phrase`a list of ${value.length}`);
  if (typeof value === 'object' && value !== null)
    return phrase`an object with ${Object.keys(value).length} fields`;
  return String(value);
}

/** A text in quotes, cut where it is too long; what would break a line is escaped. */
export function quoted(text: string): PhraseValue {
  return text.length <= charsMax
    ? JSON.stringify(text)
    : phrase`${JSON.stringify(text.slice(0, charsMax))}… (${text.length} characters)`;
}

/** A short list of plain values. */
function flat(list: readonly unknown[]): string | undefined {
  if (list.length > 8 || list.some(isLong)) return undefined;
  const items = list.map(item => (typeof item === 'string' ? JSON.stringify(item) : String(item)));
  const text = `[${items.join(', ')}]`;
  return text.length <= charsMax ? text : undefined;
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' ? value.length > charsMax : typeof value === 'object' && value !== null;
}
