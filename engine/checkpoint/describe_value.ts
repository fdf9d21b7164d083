// A value out of a file as it is describeValue in a message: short, on one line, whatever the value is. String() and JSON.stringify
// fail on some: objects with a toString of their own, nests deeper than the stack.

const charsMax = 80;

/** What stands in the file, as JSON where it is short enough; lists and objects by their size. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : (flat(value) ?? `a list of ${value.length}`);
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).length} fields`;
  return String(value);
}

/** A text in quotes, cut where it is too long; what would break a line is escaped. */
export function quoted(text: string): string {
  return text.length <= charsMax
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, charsMax))}… (${text.length} characters)`;
}

/** A short list of plain values. */
function flat(list: readonly unknown[]): string | undefined {
  if (list.length > 8 || list.some(item => typeof item === 'object' && item !== null)) return undefined;
  const text = `[${list.map(describeValue).join(', ')}]`;
  return text.length <= charsMax ? text : undefined;
}
