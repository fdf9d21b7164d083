// A failure as plain data, which may cross to the page.
import { fromWire, type HearthErrorName } from '../../../engine/protocol/errors.ts';

export interface ModelProblem {
  code: HearthErrorName;
  message: string;
  remedy: string;
}

/** Whatever was thrown, as a named problem. */
export function problemOf(error: unknown): ModelProblem {
  const { code, message, remedy } = fromWire(error);
  return { code, message, remedy };
}
