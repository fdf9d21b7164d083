// What follows from what: a changed setting reloads the model or reads the workspace anew; a new model is told the files.
// No vscode.
import type { ConfigChange } from './config.ts';
import { DisposableStore, type Disposable } from './dispose.ts';
import type { EngineSupervisor } from './link/supervisor.ts';
import type { SettingName } from './settings.ts';
import type { WorkspaceIngest } from './workspace/ingest.ts';

export interface ReactionDeps {
  config: { onDidChange(listener: (change: ConfigChange) => void): Disposable };
  supervisor: Pick<EngineSupervisor, 'state' | 'onDidChangeState' | 'restart' | 'modelChanged'>;
  ingest: Pick<WorkspaceIngest, 'update' | 'refresh'>;
  /** Shows progress until the model is ready. */
  showLoading(): Promise<void>;
  showError(error: unknown): void;
}

/** Follows changes until disposed. */
export function followChanges({ config, supervisor, ingest, showLoading, showError }: ReactionDeps): Disposable {
  const store = new DisposableStore();
  store.add(
    config.onDidChange(({ before, now }) => {
      const changed = (...names: SettingName[]): boolean =>
        names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
      const running = supervisor.state.kind !== 'stopped';
      if (running && changed('engine.nodePath')) supervisor.restart().then(showLoading).catch(showError);
      else if (running && changed('model.path', 'context.maxTokens')) supervisor.modelChanged().then(showLoading).catch(showError);
      if (changed('workspace.exclude', 'workspace.maxFileSizeKB')) ingest.refresh();
    }),
  );
  store.add(supervisor.onDidChangeState((state) => state.kind === 'ready' && ingest.update()));
  return store;
}
