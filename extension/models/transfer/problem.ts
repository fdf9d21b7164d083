// A failure as plain data, which may cross to the page.
import type { HearthErrorName } from '../../../engine/protocol/errors.ts';
import { asKnownError } from '../../known_error.ts';

export interface ModelProblem {
  code: HearthErrorName;
  message: string;
  remedy: string;
}

/** Whatever was thrown, as a named problem. */
export function problemOf(error: unknown): ModelProblem {
  const { code, message, remedy } = asKnownError(error);
  return { code, message, remedy };
}
