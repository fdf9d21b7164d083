// Failures of slash commands, prompt files and commit messages.
import { HearthError } from '../../engine/protocol/errors.ts';

const usage = (message: string, remedy: string): HearthError => new HearthError('badUsage', message, remedy);

/** One factory per case. */
export const promptErrors = {
  unknownCommand: (name: string, known: readonly string[]) =>
    usage(
      `There is no command "/${name}".`,
      `There are: ${known.map(one => `/${one}`).join(', ')}. To send a text that begins with a slash, put a word before it.`,
    ),
  noFile: (name: string) =>
    usage(
      `The command "/${name}" is about code, and no file is open in an editor.`,
      'Open a file, select the code that is meant, and send the command again.',
    ),
  noSelection: (name: string) =>
    usage(
      `The command "/${name}" is about selected code, and nothing is selected.`,
      'Select the code in an editor, and send the command again.',
    ),
  noFolder: (name: string) =>
    usage(
      `The command "/${name}" is about the open folder, and none is open.`,
      'Open a folder, and send the command again.',
    ),
  emptyPrompt: (name: string) =>
    usage(`The prompt file of "/${name}" is empty.`, 'Write into it what the model is to be asked.'),
  noGit: () =>
    usage(
      "The editor's Git support is not there.",
      'Turn on "git.enabled", and enable the built-in extension Git.',
    ),
  noRepository: () =>
    usage('No Git repository is open.', 'Open a folder that is in a Git repository, and try again.'),
  nothingToCommit: () =>
    usage(
      'There is nothing to commit: the repository has no changes that may be shown to the model.',
      'Save your changes, or stage those that the message is to be about.',
    ),
  noCommitMessage: () => usage('The model gave no commit message.', 'Try again, or choose another model.'),
};
