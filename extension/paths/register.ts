// The paths of answers put together: what is known of them, what opens them, and when that may have changed.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { workspace, type Uri } from 'vscode';
import type { PathQuestion, PathView } from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { EditorPlaces, openPath, type LinePlace } from './editor_places.ts';
import { PathFinder } from './path_finder.ts';

/** Changes of files are told together, at most once in this time. */
const changeMs = 1_500;
/** Folders in which files come and go all the time. */
const restless = /\/(?:\.git|node_modules)\//;

export interface Paths extends Disposable {
  lookUp(questions: readonly PathQuestion[]): Promise<PathView[]>;
  /** Opens what a path means; throws when there is no such file any more. */
  open(path: string, at: LinePlace): Promise<void>;
  /** Files have come or gone. */
  readonly onDidChange: Event<void>;
}

/** Watches the open folders; `pathOf` is the path by which the model knows a file. */
export function createPaths(pathOf: (uri: Uri) => string | undefined): Paths {
  const store = new DisposableStore();
  const changed = store.add(new Emitter<void>());
  const places = new EditorPlaces(pathOf, () => changed.fire());
  const finder = new PathFinder(places);
  let timer: NodeJS.Timeout | undefined;
  const change = (): void => {
    places.forgetFiles();
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, changeMs);
  };
  const changeOf = (uri: Uri): void => {
    if (!restless.test(uri.path)) change();
  };
  const watcher = store.add(workspace.createFileSystemWatcher('**/*', false, true, false));
  store.add(watcher.onDidCreate(changeOf));
  store.add(watcher.onDidDelete(changeOf));
  store.add(workspace.onDidChangeWorkspaceFolders(change));
  return {
    lookUp: questions => finder.lookUp(questions),
    open: (path, at) => openPath(path, at, finder),
    onDidChange: changed.event,
    dispose: () => {
      clearTimeout(timer);
      store.dispose();
    },
  };
}
