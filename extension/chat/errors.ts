// Failures of the chat that the engine has no part in.
import { HearthError, reasonOf } from '../../engine/protocol/errors.ts';

/** One factory per case. */
export const chatErrors = {
  messageTooLong: (chars: number, maxChars: number) =>
    new HearthError(
      'messageTooLong',
      `The message has ${chars} characters; at most ${maxChars} can be sent.`,
      'Shorten it, or put the text into a file of the workspace.',
    ),
  answerRunning: () =>
    new HearthError(
      'badUsage',
      'An answer is still running.',
      'Wait until it has ended, or stop it; then try again.',
    ),
  nothingToExport: () =>
    new HearthError('badUsage', 'There is nothing to export yet.', 'Ask something first.'),
  historyUnwritable: (folder: string, cause: unknown) =>
    new HearthError(
      (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'diskFull' : 'fileUnwritable',
      `The conversation cannot be saved in ${folder}: ${reasonOf(cause)}`,
      'Free some space, or allow writing to that folder. Until then the conversation is kept in this window, and saving is tried again.',
      { cause },
    ),
  badImport: (file: string, why: string) =>
    new HearthError(
      'badUsage',
      `${file} holds no conversation of Hearth: ${why}`,
      'Choose a JSON file that Hearth has exported.',
    ),
  noConversation: () =>
    new HearthError(
      'badUsage',
      'The conversation can no longer be read.',
      'Another window may have deleted it. The log names its file if that is damaged.',
    ),
};
