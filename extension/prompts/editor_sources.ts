// The editor as the expansion of a message sees it.
import { window, workspace } from 'vscode';
import { t } from '../l10n.ts';
import { activeFile, type PathOf } from './editor_files.ts';
import { findRepository, readNewFile } from './git.ts';
import type { PromptFolders } from './prompt_folders.ts';
import type { PromptSources } from './prompt_sources.ts';
import { changesOf } from './repository_changes.ts';
import { promptErrors } from './errors.ts';

export interface EditorSourcesDeps {
  folders: PromptFolders;
  pathOf: PathOf;
  /** Whether the model gets the rules of the project. */
  useRules(): boolean;
}

/** What a message can be about, in the editor of this window. */
export function editorSources({ folders, pathOf, useRules }: EditorSourcesDeps): PromptSources {
  return {
    activeFile: () => activeFile(pathOf),
    folder: () => {
      const file = window.activeTextEditor?.document.uri;
      const folder = (file && workspace.getWorkspaceFolder(file)) ?? workspace.workspaceFolders?.[0];
      return folder && { name: folder.name, fsPath: folder.uri.fsPath };
    },
    changes: async () => {
      const repository = await findRepository();
      if (!repository) throw promptErrors.noRepository();
      return changesOf(repository, readNewFile);
    },
    prompts: () => folders.prompts(),
    rules: async paths => (useRules() ? folders.rules(paths) : []),
    linked: (prompt, link) => folders.linked(prompt, link),
    askInput: async ({ name, placeholder }, command) =>
      window.showInputBox({
        title: `/${command}`,
        prompt: t('Value of "{0}"', name),
        placeHolder: placeholder,
        ignoreFocusOut: true,
      }),
  };
}
