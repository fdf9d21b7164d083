// Lets the user choose the model: the embedded one, a .gguf file, or a folder of safetensors; shows how it loads.
import { ProgressLocation, window, type QuickPickItem } from 'vscode';
import type { Config } from './config.ts';
import type { EngineSupervisor } from './link/supervisor.ts';

/** Asks, writes the setting, and sees to it that the model is loaded now, so that a bad file is named at once. */
export async function chooseModel(config: Config, supervisor: EngineSupervisor): Promise<void> {
  const current = config.settings['model.path'];
  type Item = QuickPickItem & { choose(): Promise<string | undefined> };
  const items: Item[] = [
    { label: '$(file) Choose a .gguf file…', choose: () => openDialog({ folder: false }) },
    { label: '$(folder) Choose a folder of safetensors…', choose: () => openDialog({ folder: true }) },
    {
      label: '$(flame) Use the embedded model',
      description: current === '' ? 'in use' : undefined,
      detail: 'Tiny: it shows that all works, it does not know much.',
      choose: async () => '',
    },
  ];
  const placeHolder = current === '' ? 'The embedded model is in use' : `In use: ${current}`;
  const path = await (
    await window.showQuickPick(items, { title: 'Hearth: Choose Model File', placeHolder })
  )?.choose();
  if (path === undefined) return;
  const wasRunning = supervisor.state.kind !== 'stopped';
  if (path !== current) {
    await config.set('model.path', path);
    // A running engine follows the changed setting, with progress.
    if (wasRunning) return;
  } else if (supervisor.state.kind === 'failed') await supervisor.restart();
  supervisor.start();
  await showLoading(supervisor);
}

/** Shows progress until the model is ready; throws the error when it cannot be loaded. */
export async function showLoading(supervisor: EngineSupervisor): Promise<void> {
  await window.withProgress(
    { location: ProgressLocation.Notification, title: 'Hearth: loading the model', cancellable: true },
    async (progress, token) => {
      let shown = 0;
      const subscription = supervisor.onDidChangeState(state => {
        if (state.kind !== 'loading' || !state.progress || state.progress.totalBytes === 0) return;
        const percent = (100 * state.progress.doneBytes) / state.progress.totalBytes;
        progress.report({ message: state.progress.stage, increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      });
      try {
        await supervisor.whenReady(token, { retryFailed: false });
      } finally {
        subscription.dispose();
      }
    },
  );
}

async function openDialog({ folder }: { folder: boolean }): Promise<string | undefined> {
  const picked = await window.showOpenDialog({
    title: folder
      ? 'Choose a folder with config.json and .safetensors files'
      : 'Choose a .gguf file (the first one, if it has several parts)',
    openLabel: 'Use This Model',
    canSelectFiles: !folder,
    canSelectFolders: folder,
    canSelectMany: false,
    filters: folder ? undefined : { 'GGUF models': ['gguf'] },
  });
  return picked?.[0]?.fsPath;
}
