// Failures of slash commands, prompt files and commit messages.
import { HearthError } from '../../engine/protocol/errors.ts';
import { phrase, type Phrase } from '../../engine/protocol/phrase.ts';

const usage = (message: Phrase, remedy: Phrase): HearthError => new HearthError('badUsage', message, remedy);

/** One factory per case. */
export const promptErrors = {
  unknownCommand: (name: string, known: readonly string[]) =>
    usage(
      phrase`There is no command "/${name}".`,
      phrase`There are: ${known.map(one => `/${one}`).join(', ')}. To send a text that begins with a slash, put a word before it.`,
    ),
  noFile: (name: string) =>
    usage(
      phrase`The command "/${name}" is about code, and no file is open in an editor.`,
      phrase`Open a file, select the code that is meant, and send the command again.`,
    ),
  noSelection: (name: string) =>
    usage(
      phrase`The command "/${name}" is about selected code, and nothing is selected.`,
      phrase`Select the code in an editor, and send the command again.`,
    ),
  noFolder: (name: string) =>
    usage(
      phrase`The command "/${name}" is about the open folder, and none is open.`,
      phrase`Open a folder, and send the command again.`,
    ),
  emptyPrompt: (name: string) =>
    usage(
      phrase`The prompt file of "/${name}" is empty.`,
      phrase`Write into it what the model is to be asked.`,
    ),
  noGit: () =>
    usage(
      phrase`The editor's Git support is not there.`,
      phrase`Turn on "git.enabled", and enable the built-in extension Git.`,
    ),
  noRepository: () =>
    usage(
      phrase`No Git repository is open.`,
      phrase`Open a folder that is in a Git repository, and try again.`,
    ),
  nothingToCommit: () =>
    usage(
      phrase`There is nothing to commit: the repository has no changes that may be shown to the model.`,
      phrase`Save your changes, or stage those that the message is to be about.`,
    ),
  noCommitMessage: () =>
    usage(phrase`The model gave no commit message.`, phrase`Try again, or choose another model.`),
};
