// "Hearth: Choose GPU": offers the GPUs of this machine and writes the choice into the user's settings, which restarts the engine.
import { ProgressLocation, window, type QuickPickItem } from 'vscode';
import type { AdapterName } from '../engine/protocol/lifecycle.ts';
import type { Config } from './config.ts';
import { t } from './l10n.ts';

interface Choice extends QuickPickItem {
  /** The value of the setting. */
  adapter: string;
}

/** Asks which GPU Hearth should use. Throws what `list` throws. */
export async function chooseGpu(config: Config, list: () => Promise<AdapterName[]>): Promise<void> {
  const adapters = await window.withProgress(
    { location: ProgressLocation.Window, title: t('Looking for GPUs…') },
    list,
  );
  const now = config.settings['gpu.adapter'].trim();
  const item = (label: string, description: string, adapter: string): Choice => ({
    label: adapter === now ? `$(check) ${label}` : label,
    description,
    adapter,
  });
  // The engine takes the first of a name.
  const named = adapters.filter(({ name }, at) => adapters.findIndex(other => other.name === name) === at);
  const choice = await window.showQuickPick(
    [
      item(t('The fastest'), t('As the system says'), ''),
      item(t('The most economical'), t('As the system says'), 'low-power'),
      ...named.map(({ name, backend }) => item(name, backend, name)),
    ],
    { title: t('GPU for Hearth'), placeHolder: t('Which GPU models run on') },
  );
  if (choice && choice.adapter !== now) await config.set('gpu.adapter', choice.adapter);
}
