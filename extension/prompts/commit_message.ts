// The button of the Source Control view that writes a commit message, and its way back.
import { commands, ProgressLocation, Uri, window } from 'vscode';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import { commitQuestionInStyle } from './commit_prompt.ts';
import { writeCommitMessage, type CommitWriterDeps } from './commit_writer.ts';
import { findRepository, readNewFile } from './git.ts';
import { changesOf, subjectsOf, type GitRepository } from './repository_changes.ts';

/** True while a message is being written: the button is one that stops then. */
const runningContext = 'hearth.commitMessageRunning';

interface Replaced {
  repository: GitRepository;
  text: string;
}

export class CommitMessages implements Disposable {
  #running: CancellationTokenSource | undefined;
  #replaced: Replaced | undefined;

  constructor(private readonly deps: CommitWriterDeps) {}

  /** Writes the message for a repository; `from` is what the editor hands to a command of the Source Control view. */
  async write(from?: unknown): Promise<void> {
    if (this.#running) return;
    const source = (this.#running = new CancellationTokenSource());
    try {
      await commands.executeCommand('setContext', runningContext, true);
      await window.withProgress(
        { location: ProgressLocation.SourceControl, title: t('Hearth writes a commit message') },
        () => this.#write(rootOf(from), source),
      );
    } finally {
      this.#running = undefined;
      source.dispose();
      await commands.executeCommand('setContext', runningContext, false);
    }
  }

  /** Ends the writing; the box is as it was before. */
  stop(): void {
    this.#running?.cancel();
  }

  /** Puts back what a message has taken the place of; what is there now takes its turn. */
  restore(): void {
    if (!this.#replaced) {
      window.setStatusBarMessage(t('Hearth: no commit message has been replaced'), 4000);
      return;
    }
    const { repository, text } = this.#replaced;
    this.#replaced = { repository, text: repository.inputBox.value };
    repository.inputBox.value = text;
  }

  dispose(): void {
    this.stop();
  }

  async #write(root: Uri | undefined, source: CancellationTokenSource): Promise<void> {
    const repository = await findRepository(root);
    if (!repository) return;
    const [changes, subjects] = await Promise.all([
      changesOf(repository, readNewFile),
      subjectsOf(repository),
    ]);
    const question = `${commitQuestionInStyle(subjects)}\n\nThe changes:\n\n${changes.text}`;
    const { end, before } = await writeCommitMessage(this.deps, repository.inputBox, question, source.token);
    if (end !== 'written') return;
    this.#replaced = { repository, text: before };
    this.#tell(before, changes.notes);
  }

  /** What the user should know: what the model did not see, and how to get back what was in the box. */
  #tell(before: string, notes: readonly string[]): void {
    const restore = t('Restore Previous Message');
    const sentences = [...(before.trim() === '' ? [] : [t('The commit message was replaced.')]), ...notes];
    if (sentences.length === 0) return;
    const buttons = before.trim() === '' ? [] : [restore];
    void window.showInformationMessage(`Hearth: ${sentences.join(' ')}`, ...buttons).then(choice => {
      if (choice === restore) this.restore();
    });
  }
}

/** The folder of a source control, or the folder itself where a caller names one. */
function rootOf(from: unknown): Uri | undefined {
  if (from instanceof Uri) return from;
  const root = typeof from === 'object' && from !== null && 'rootUri' in from ? from.rootUri : undefined;
  return root instanceof Uri ? root : undefined;
}
