// Failures of edits, each with its cause and what helps.
import { HearthError } from '../../engine/protocol/errors.ts';

/** One factory per case. */
export const editErrors = {
  cannotEdit: (file: string) =>
    new HearthError(
      'badUsage',
      `${file} cannot be changed: it is read-only, or has just changed.`,
      'Copy the code, or choose a file that can be edited.',
    ),
  noText: (file: string) =>
    new HearthError('badUsage', `${file} cannot be opened as text.`, 'Choose a text file.'),
  nothingToChange: (file: string) =>
    new HearthError('badUsage', `${file} has this code already.`, 'There is nothing to apply.'),
  outsideWorkspace: (path: string) =>
    new HearthError(
      'badUsage',
      `"${path}" lies outside the workspace, where Hearth creates no files.`,
      'Choose a path inside an open folder.',
    ),
  badPath: (path: string) =>
    new HearthError(
      'badUsage',
      `"${path}" is no path of a file.`,
      'Name a file inside an open folder, such as src/new.ts.',
    ),
  fileNotCreated: (path: string, detail: string) =>
    new HearthError(
      'fileUnwritable',
      `${path} could not be created: ${detail}`,
      'Check that its folder can be written to, or choose another path.',
    ),
  untrustedTerminal: () =>
    new HearthError(
      'badUsage',
      'The command was not run: this workspace is not trusted, and a command can do anything that you can.',
      'Trust the workspace first, or copy the command and run it yourself.',
    ),
  notShell: (language: string) =>
    new HearthError(
      'badUsage',
      `The code is no shell command, but ${language || 'of no named language'}.`,
      'Copy it to where it belongs.',
    ),
  commandTooLong: (lines: number) =>
    new HearthError(
      'badUsage',
      `The command has ${lines} lines: too many to be shown whole before it runs.`,
      'Make a file of it with "New File", look through it, and run that.',
    ),
  noCommand: () => new HearthError('badUsage', 'The block holds no command.', 'Copy what you need of it.'),
  noEditor: () =>
    new HearthError(
      'badUsage',
      'No editor is open.',
      'Open the file that you want to change, and select what is to change.',
    ),
  editRunning: () =>
    new HearthError(
      'badUsage',
      'Another edit is still being written.',
      'Wait for it, or stop it with Escape in its editor.',
    ),
  textChanged: (file: string) =>
    new HearthError(
      'badUsage',
      `${file} was changed where Hearth was editing it, so it stopped.`,
      'What it had written so far is marked for you to accept or reject.',
    ),
  placeGone: (file: string) =>
    new HearthError(
      'badUsage',
      `The lines that were edited in ${file} are no longer there.`,
      'Select the lines and edit them again.',
    ),
  answerCut: () =>
    new HearthError(
      'badUsage',
      'The model stopped before the end of its answer, so the last lines may be missing.',
      'Look at the changes closely, or select less and try again.',
    ),
  selectionTooLong: (chars: number, maxChars: number) =>
    new HearthError(
      'badUsage',
      `The selection has ${chars} characters; at most ${maxChars} can be edited at once.`,
      'Select less.',
    ),
  noCode: () =>
    new HearthError(
      'badUsage',
      'The model answered without code.',
      'Try again, or describe the change in other words.',
    ),
};
