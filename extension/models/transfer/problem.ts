// A failure as plain data, which may cross to the page.
import type { HearthErrorName } from '../../../engine/protocol/errors.ts';
import { asKnownError, sayError } from '../../known_error.ts';

export interface ModelProblem {
  code: HearthErrorName;
  message: string;
  remedy: string;
}

/** Whatever was thrown, as a named problem in the user's language. */
export function problemOf(error: unknown): ModelProblem {
  const known = asKnownError(error);
  return { code: known.code, ...sayError(known) };
}
