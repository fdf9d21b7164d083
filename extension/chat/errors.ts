// Failures of the chat that the engine has no part in.
import { HearthError, whyOf } from '../../engine/protocol/errors.ts';
import { phrase, type PhraseValue } from '../../engine/protocol/phrase.ts';

/** One factory per case. */
export const chatErrors = {
  messageTooLong: (chars: number, maxChars: number) =>
    new HearthError(
      'messageTooLong',
      phrase`The message has ${chars} characters; at most ${maxChars} can be sent.`,
      phrase`Shorten it, or put the text into a file of the workspace.`,
    ),
  answerRunning: () =>
    new HearthError(
      'badUsage',
      phrase`An answer is still running.`,
      phrase`Wait until it has ended, or stop it; then try again.`,
    ),
  askedElsewhere: () =>
    new HearthError(
      'badUsage',
      phrase`Another window has asked this question already.`,
      phrase`The conversation is shown as that window has left it.`,
    ),
  nothingToExport: () =>
    new HearthError('badUsage', phrase`There is nothing to export yet.`, phrase`Ask something first.`),
  historyUnwritable: (folder: string, cause: unknown) =>
    new HearthError(
      (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'diskFull' : 'fileUnwritable',
      phrase`The conversation cannot be saved in ${folder}: ${whyOf(cause)}`,
      phrase`Free some space, or allow writing to that folder. Until then the conversation is kept in this window, and saving is tried again.`,
      { cause },
    ),
  badImport: (file: string, why: PhraseValue) =>
    new HearthError(
      'badUsage',
      phrase`${file} holds no conversation of Hearth: ${why}`,
      phrase`Choose a JSON file that Hearth has exported.`,
    ),
  sourceGone: (name: string, cause: unknown) =>
    new HearthError(
      'badUsage',
      phrase`${name} cannot be opened any more.`,
      phrase`It may have been moved or deleted since the answer.`,
      { cause },
    ),
  noConversation: () =>
    new HearthError(
      'badUsage',
      phrase`The conversation can no longer be read.`,
      phrase`Another window may have deleted it. The log names its file if that is damaged.`,
    ),
};
