// Puts together what belongs to commands, prompt files, rules and commit messages.
import type { ExtensionContext } from 'vscode';
import type { Config } from '../config.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { Log } from '../log.ts';
import { fileOfTarget, registerCodeActions } from './code_actions.ts';
import { CommitMessages } from './commit_message.ts';
import type { CommitWriterDeps } from './commit_writer.ts';
import { activeFile, type PathOf } from './editor_files.ts';
import { editorSources } from './editor_sources.ts';
import type { EditorFile } from './facts.ts';
import { PromptFolders } from './prompt_folders.ts';
import { Slash } from './slash.ts';

export interface PromptsDeps extends CommitWriterDeps {
  context: Pick<ExtensionContext, 'globalStorageUri'>;
  config: Pick<Config, 'settings'>;
  pathOf: PathOf;
  showError(error: unknown): void;
  log: Log;
}
export interface Prompts extends Disposable {
  slash: Slash;
  commits: CommitMessages;
  /** The file that a command about code is about: that of the action that called it, else the one in the editor. */
  fileOf(target: unknown): EditorFile | undefined;
}

/** Everything of this folder; the code actions are registered until it is disposed. */
export function createPrompts({ context, config, pathOf, showError, log, ...writer }: PromptsDeps): Prompts {
  const store = new DisposableStore();
  const folders = store.add(new PromptFolders({ globalStorageUri: context.globalStorageUri, pathOf, log }));
  const useRules = (): boolean => config.settings['chat.useInstructionFiles'];
  const slash = store.add(
    new Slash({
      sources: editorSources({ folders, pathOf, useRules }),
      onDidChangePrompts: folders.onDidChange,
      lookAgain: () => folders.lookAgain(),
      isFolderTrusted: () => folders.isTrusted,
      showError,
    }),
  );
  const commits = store.add(new CommitMessages(writer));
  store.add(registerCodeActions(() => config.settings['codeActions.enabled']));
  return {
    slash,
    commits,
    fileOf: target => fileOfTarget(target, pathOf) ?? activeFile(pathOf),
    dispose: () => store.dispose(),
  };
}
