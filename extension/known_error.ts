// Gives whatever was caught a code, a message and a remedy, so that it can be logged and shown. No vscode.
import { EngineError, errors } from '../engine/protocol/errors.ts';

/** The error itself when it is one of ours; anything else becomes `internal`, with the original as its cause. */
export function asKnownError(error: unknown): EngineError {
  return error instanceof EngineError ? error : errors.internal(error);
}
