// JSON that comes with a model: parsed into an object or refused with a named error.
import { errors } from '../protocol/errors.ts';
import type { EngineError } from '../protocol/errors.ts';
import { readTextFile } from './ranged_file.ts';

/** Parses text that must be one JSON object; `bad` makes the error from a reason such as "is not JSON". */
export function parseJsonObject(text: string, bad: (why: string) => EngineError): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(`is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('is not a JSON object');
  return value as Record<string, unknown>;
}

/** Reads a JSON object from a file; undefined when there is none. Throws fileUnreadable, badCheckpoint or `bad`. */
export async function readJsonFile(
  path: string,
  maxBytes: number,
  bad: (why: string) => EngineError = why => errors.badCheckpoint(path, `it ${why}`),
): Promise<Record<string, unknown> | undefined> {
  const text = await readTextFile(path, maxBytes);
  return text === undefined ? undefined : parseJsonObject(text, bad);
}
