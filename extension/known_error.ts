// Gives whatever was caught a code, a message and a remedy, so that it can be logged and shown. No vscode.
import { HearthError, errors } from '../engine/protocol/errors.ts';

/** The error itself when it is one of ours; anything else becomes `internal`, with the original as its cause. */
export function asKnownError(error: unknown): HearthError {
  return error instanceof HearthError ? error : errors.internal(error);
}
