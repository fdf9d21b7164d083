// Failures of edits, each with its cause and what helps.
import { HearthError } from '../../engine/protocol/errors.ts';
import { phrase, type PhraseValue } from '../../engine/protocol/phrase.ts';

/** One factory per case. */
export const editErrors = {
  cannotEdit: (file: string) =>
    new HearthError(
      'badUsage',
      phrase`${file} cannot be changed: it is read-only, or has just changed.`,
      phrase`Copy the code, or choose a file that can be edited.`,
    ),
  noText: (file: string) =>
    new HearthError('badUsage', phrase`${file} cannot be opened as text.`, phrase`Choose a text file.`),
  nothingToChange: (file: string) =>
    new HearthError('badUsage', phrase`${file} has this code already.`, phrase`There is nothing to apply.`),
  outsideWorkspace: (path: string) =>
    new HearthError(
      'badUsage',
      phrase`"${path}" lies outside the workspace, where Hearth creates no files.`,
      phrase`Choose a path inside an open folder.`,
    ),
  badPath: (path: string) =>
    new HearthError(
      'badUsage',
      phrase`"${path}" is no path of a file.`,
      phrase`Name a file inside an open folder, such as src/new.ts.`,
    ),
  fileNotCreated: (path: string, detail: PhraseValue) =>
    new HearthError(
      'fileUnwritable',
      phrase`${path} could not be created: ${detail}`,
      phrase`Check that its folder can be written to, or choose another path.`,
    ),
  untrustedTerminal: () =>
    new HearthError(
      'badUsage',
      phrase`The command was not run: this workspace is not trusted, and a command can do anything that you can.`,
      phrase`Trust the workspace first, or copy the command and run it yourself.`,
    ),
  notShell: (language: string) =>
    new HearthError(
      'badUsage',
      language === ''
        ? phrase`The code is no shell command.`
        : phrase`The code is no shell command, but ${language}.`,
      phrase`Copy it to where it belongs.`,
    ),
  commandTooLong: (lines: number) =>
    new HearthError(
      'badUsage',
      phrase`The command has ${lines} lines: too many to be shown whole before it runs.`,
      phrase`Make a file of it with "New File", look through it, and run that.`,
    ),
  noCommand: () =>
    new HearthError('badUsage', phrase`The block holds no command.`, phrase`Copy what you need of it.`),
  noEditor: () =>
    new HearthError(
      'badUsage',
      phrase`No editor is open.`,
      phrase`Open the file that you want to change, and select what is to change.`,
    ),
  editRunning: () =>
    new HearthError(
      'badUsage',
      phrase`Another edit is still being written.`,
      phrase`Wait for it, or stop it with Escape in its editor.`,
    ),
  textChanged: (file: string) =>
    new HearthError(
      'badUsage',
      phrase`${file} was changed where Hearth was editing it, so it stopped.`,
      phrase`What it had written so far is marked for you to accept or reject.`,
    ),
  placeGone: (file: string) =>
    new HearthError(
      'badUsage',
      phrase`The lines that were edited in ${file} are no longer there.`,
      phrase`Select the lines and edit them again.`,
    ),
  answerCut: () =>
    new HearthError(
      'badUsage',
      phrase`The model stopped before the end of its answer, so the last lines may be missing.`,
      phrase`Look at the changes closely, or select less and try again.`,
    ),
  selectionTooLong: (chars: number, maxChars: number) =>
    new HearthError(
      'badUsage',
      phrase`The selection has ${chars} characters; at most ${maxChars} can be edited at once.`,
      phrase`Select less.`,
    ),
  noCode: () =>
    new HearthError(
      'badUsage',
      phrase`The model answered without code.`,
      phrase`Try again, or describe the change in other words.`,
    ),
};
