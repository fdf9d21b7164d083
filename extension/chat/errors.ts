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
  sourceGone: (name: string, cause: unknown) =>
    new HearthError(
      'badUsage',
      `${name} cannot be opened any more.`,
      'It may have been moved or deleted since the answer.',
      { cause },
    ),
  noConversation: () =>
    new HearthError(
      'badUsage',
      'The conversation can no longer be read.',
      'Another window may have deleted it. The log names its file if that is damaged.',
    ),
};
