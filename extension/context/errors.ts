// Why something cannot come with a question.
import { HearthError } from '../../engine/protocol/errors.ts';
import { phrase, type Phrase } from '../../engine/protocol/phrase.ts';

const wontAttach = (message: Phrase, remedy: Phrase, cause?: unknown): HearthError =>
  new HearthError('badUsage', message, remedy, { cause });

/** One factory per case. */
export const contextErrors = {
  outside: (name: string) =>
    wontAttach(
      phrase`${name} is outside the open folders.`,
      phrase`Open it in an editor, or drop it into the chat from the desktop.`,
    ),
  gone: (name: string, cause: unknown) =>
    wontAttach(
      phrase`${name} cannot be read.`,
      phrase`It may have been moved or deleted. Remove it from the message, or attach it again.`,
      cause,
    ),
  unreadable: (name: string) =>
    wontAttach(
      phrase`${name} cannot be read: it may be a folder.`,
      phrase`Drop the files in it, or open the folder in the editor and attach it from there.`,
    ),
  notText: (name: string) =>
    wontAttach(
      phrase`${name} is not a text file.`,
      phrase`Attach text files only; for one that is not UTF-8, set "files.encoding".`,
    ),
  tooLarge: (name: string, maxKB: number) =>
    wontAttach(
      phrase`${name} is larger than ${maxKB} KB.`,
      phrase`Select the part that matters and attach the selection.`,
    ),
  nothingInFolder: (name: string) =>
    wontAttach(
      phrase`No file in ${name} can be attached: it is empty, or all that is in it is ignored, secret or no text.`,
      phrase`Attach the file that you mean by its own name.`,
    ),
  doesNotFit: (size: {
    overTokens: number;
    contextTokens: number;
    answerTokens: number;
    longest: string;
    longestTokens: number;
  }) =>
    new HearthError(
      'contextFull',
      phrase`The message is ${size.overTokens} tokens too long: the context has ${size.contextTokens}, and ${size.answerTokens} are kept for the answer. The longest thing in it is ${size.longest} with ${size.longestTokens} tokens.`,
      phrase`Remove something from the message, or attach only the lines that matter.`,
    ),
  /** Nothing is attached. */
  isTooLong: (size: {
    overTokens: number;
    contextTokens: number;
    answerTokens: number;
    useWorkspace: boolean;
  }) =>
    new HearthError(
      'contextFull',
      phrase`The message is ${size.overTokens} tokens too long: the context has ${size.contextTokens}, and ${size.answerTokens} are kept for the answer.`,
      size.useWorkspace
        ? phrase`Shorten it, or ask without the whole workspace.`
        : phrase`Shorten it, or put the text into a file of the workspace.`,
    ),
  noFile: () => wontAttach(phrase`No file is open in an editor.`, phrase`Open the file that you mean.`),
  noSelection: () =>
    wontAttach(phrase`Nothing is selected in the editor.`, phrase`Select the lines that you mean.`),
  noProblems: () =>
    wontAttach(
      phrase`The editor reports no problems.`,
      phrase`Open the file that you mean: some languages are checked only while a file is open.`,
    ),
  noTerminal: () =>
    wontAttach(phrase`No terminal is open.`, phrase`Run the command in the editor's own terminal.`),
  silentTerminal: (name: string) =>
    wontAttach(
      phrase`What the terminal "${name}" says cannot be read: no command has run in it since Hearth was started, or its shell has no shell integration.`,
      phrase`Run the command again, or copy the text from the terminal and paste it here.`,
    ),
  unseenPicture: (name: string, why: 'unusedVision' | 'noVision' | 'unknown') =>
    wontAttach(
      {
        unusedVision: phrase`The picture ${name} cannot be sent: Hearth cannot use this model's vision part yet.`,
        noVision: phrase`The picture ${name} cannot be sent: this model cannot see pictures.`,
        unknown: phrase`The picture ${name} cannot be sent: Hearth cannot show pictures to a model yet.`,
      }[why],
      phrase`Remove the picture from the message, and describe what it shows in words.`,
    ),
};
