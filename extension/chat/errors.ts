// Failures of a chat that never reach the engine.
import { HearthError } from '../../engine/protocol/errors.ts';

/** One factory per case. */
export const chatErrors = {
  messageTooLong: (chars: number, maxChars: number) =>
    new HearthError(
      'messageTooLong',
      `The message has ${chars} characters; at most ${maxChars} can be sent.`,
      'Shorten it, or put the text into a file of the workspace.',
    ),
};
