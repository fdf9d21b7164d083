// File events of the editor, as batches of changed paths.
import { workspace, type Uri } from 'vscode';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { ChangeBatch, type ChangeListener } from './change_batch.ts';

/** Watches the open folders until disposed; `pathOf` names a file as the engine knows it, `ignores` tells what is never read. */
export function watchWorkspace(
  pathOf: (uri: Uri) => string | undefined,
  ignores: (path: string) => boolean,
  listener: ChangeListener,
): Disposable {
  const store = new DisposableStore();
  const batch = store.add(new ChangeBatch(ignores, listener));
  const note = (uri: Uri, kind: 'changed' | 'removed'): void => {
    if (uri.path.includes('/.git/')) return;
    const path = pathOf(uri);
    if (path !== undefined) batch[kind](path);
  };
  const watcher = store.add(workspace.createFileSystemWatcher('**/*'));
  store.add(watcher.onDidCreate(uri => note(uri, 'changed')));
  store.add(watcher.onDidChange(uri => note(uri, 'changed')));
  store.add(watcher.onDidDelete(uri => note(uri, 'removed')));
  store.add(workspace.onDidChangeWorkspaceFolders(() => listener.refresh()));
  return store;
}
