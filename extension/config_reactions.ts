// What follows from what: a changed setting reloads the model or reads the workspace anew; the workspace is brought up to
// date when a model has become ready, and told when the engine has stopped. No vscode.
import type { ConfigChange } from './config.ts';
import { DisposableStore, type Disposable } from './dispose.ts';
import { modelSettings, processSettings } from './link/launch.ts';
import type { EngineSupervisor } from './link/supervisor.ts';
import type { SettingName } from './settings.ts';
import type { ModelsPage } from './models/page/page.ts';
import type { WorkspaceIngest } from './workspace/ingest.ts';

export interface ReactionDeps {
  config: { onDidChange(listener: (change: ConfigChange) => void): Disposable };
  engine: Pick<EngineSupervisor, 'state' | 'onDidChangeState' | 'restart' | 'modelChanged'>;
  workspace: Pick<WorkspaceIngest, 'update' | 'refresh'>;
  models: Pick<ModelsPage, 'settingsChanged'>;
  /** Shows progress until the model is ready. */
  showLoading(): Promise<void>;
  showError(error: unknown): void;
}

/** Follows changes until disposed. */
export function followChanges({
  config,
  engine,
  workspace,
  models,
  showLoading,
  showError,
}: ReactionDeps): Disposable {
  const store = new DisposableStore();
  store.add(
    config.onDidChange(({ before, now, affects }) => {
      const changed = (...names: SettingName[]): boolean =>
        names.some(name => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
      const running = engine.state.kind !== 'stopped';
      if (running && changed(...processSettings)) engine.restart().then(showLoading).catch(showError);
      else if (running && changed(...modelSettings)) engine.modelChanged().then(showLoading).catch(showError);
      if (changed(...modelSettings, 'models.directory', 'gpu.adapter', 'gpu.memoryLimitMB'))
        models.settingsChanged().catch(showError);
      // Each folder may have its own.
      if (affects('workspace.exclude') || affects('workspace.maxFileSizeKB')) workspace.refresh();
      else if (changed('workspace.maxTokens')) workspace.update();
    }),
  );
  store.add(
    engine.onDidChangeState(({ kind }) => (kind === 'ready' || kind === 'stopped') && workspace.update()),
  );
  return store;
}
