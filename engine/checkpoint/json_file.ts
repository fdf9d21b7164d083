// JSON that comes with a model: parsed into an object or refused with a named error.
import { errors, reasonOf, type HearthError } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import { readTextFile } from './ranged_file.ts';

/** Configurations nest 4 deep; readers that follow a deeper nest would run out of stack. */
const depthMax = 64;
/** A tokenizer of 250,000 tokens and merges has a million values; each takes far more memory than its text. */
const valuesMax = 4_000_000;

/** Parses text that must be one JSON object; `bad` makes the error from a reason such as "is not JSON". */
export function parseJsonObject(text: string, bad: (why: Phrase) => HearthError): Record<string, unknown> {
  checkSize(text, bad);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(phrase`is not JSON (${reasonOf(cause)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(phrase`is not a JSON object`);
  return value as Record<string, unknown>;
}

/** Counts brackets and commas outside of texts: cheap, and before anything is built. */
function checkSize(text: string, bad: (why: Phrase) => HearthError): void {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') i = endOfString(text, i);
    else if (character === ',') values++;
    else if (character === ']' || character === '}') depth--;
    else if (character === '[' || character === '{') {
      values++;
      if (++depth > depthMax) throw bad(phrase`nests deeper than ${depthMax} levels`);
    }
  }
  if (values > valuesMax) throw bad(phrase`holds more than ${valuesMax} values`);
}

/** Position of the closing quote of the text that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}

/** Reads a JSON object from a file; undefined when there is none. Throws fileUnreadable, badCheckpoint or `bad`. */
export async function readJsonFile(
  path: string,
  maxBytes: number,
  bad: (why: Phrase) => HearthError = why => errors.badCheckpoint(path, phrase`it ${why}`),
): Promise<Record<string, unknown> | undefined> {
  const text = await readTextFile(path, maxBytes);
  return text === undefined ? undefined : parseJsonObject(text, bad);
}
