// Tells the user of settings that an open folder names in vain (folder_settings.ts): once for each set of names, and in the log
// each time.
import { FileSystemError, Uri, workspace, type Memento } from 'vscode';
import { DisposableStore, type Disposable } from './dispose.ts';
import { userOnlyIn, userOnlyWarning } from './folder_settings.ts';
import type { Log } from './log.ts';

const toldKey = 'hearth.toldOfFolderSettings';

export interface FolderSettingsDeps {
  workspaceState: Memento;
  warn(message: string): void;
  log: Log;
}

/** Looks now, and whenever a folder is added or one of these files is saved, until disposed. */
export function watchFolderSettings({ workspaceState, warn, log }: FolderSettingsDeps): Disposable {
  const look = async (uri: Uri): Promise<void> => {
    const names = userOnlyIn(await read(uri));
    if (names.length === 0) return;
    const message = userOnlyWarning(workspace.asRelativePath(uri), names);
    const key = `${toldKey}:${uri.toString()}`;
    if (workspaceState.get(key) === names.join()) return log.warn(message);
    await workspaceState.update(key, names.join());
    warn(message);
  };
  const lookAt = (uris: readonly Uri[]): void => {
    for (const uri of uris)
      look(uri).catch((error: unknown) => log.warn(`${uri.toString()}: ${String(error)}`));
  };
  const store = new DisposableStore();
  store.add(workspace.onDidChangeWorkspaceFolders(() => lookAt(settingsFiles())));
  store.add(
    workspace.onDidSaveTextDocument(({ uri }) =>
      lookAt(settingsFiles().filter(file => file.toString() === uri.toString())),
    ),
  );
  lookAt(settingsFiles());
  return store;
}

function settingsFiles(): Uri[] {
  const files = (workspace.workspaceFolders ?? []).map(({ uri }) =>
    Uri.joinPath(uri, '.vscode', 'settings.json'),
  );
  const { workspaceFile } = workspace;
  return workspaceFile && workspaceFile.scheme !== 'untitled' ? [...files, workspaceFile] : files;
}

/** The text of a file; empty when there is none. */
async function read(uri: Uri): Promise<string> {
  try {
    return Buffer.from(await workspace.fs.readFile(uri)).toString('utf8');
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return '';
    throw error;
  }
}
