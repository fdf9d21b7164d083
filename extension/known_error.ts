// Gives whatever was caught a code, a message and a remedy, so that it can be logged and shown. No vscode.
import { HearthError, errors } from '../engine/protocol/errors.ts';
import { say } from './l10n.ts';

/** The error itself when it is one of ours; anything else becomes `internal`, with the original as its cause. */
export function asKnownError(error: unknown): HearthError {
  return error instanceof HearthError ? error : errors.internal(error);
}

/** Cause and remedy of a failure in the user's language; the remedy is empty where there is none. */
export function sayError({ phrases }: HearthError): { message: string; remedy: string } {
  return { message: say(phrases.message), remedy: phrases.remedy ? say(phrases.remedy) : '' };
}
