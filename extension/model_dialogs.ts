// What choosing a model asks of the editor: dialogs, progress of loading, and the setting that names the model in use.
import { commands, ProgressLocation, Uri, window } from 'vscode';
import type { Config } from './config.ts';
import { t } from './l10n.ts';
import { followLoad } from './link/load_progress.ts';
import type { EngineSupervisor } from './link/supervisor.ts';
import type { PageDialogs } from './models/page/dialogs.ts';
import { openSettings } from './open_settings.ts';
import type { Arrival } from './models/page/page.ts';

/** The dialogs of the model page. */
export const pageDialogs: PageDialogs = {
  pickFile: () =>
    open({
      title: t('Choose a .gguf file (the first one, if it has several parts)'),
      openLabel: t('Use This Model'),
      filters: { [t('GGUF models')]: ['gguf'], [t('All files')]: ['*'] },
    }),
  pickFolder: purpose =>
    open({
      title:
        purpose === 'use'
          ? t('Choose a folder with config.json and .safetensors files')
          : t('Choose a folder with a model to copy'),
      openLabel: purpose === 'use' ? t('Use This Model') : t('Copy This Model'),
      canSelectFolders: true,
    }),
  async confirm({ message, detail, agree }) {
    return (await window.showWarningMessage(message, { modal: true, detail }, agree)) === agree;
  },
  async askToken(hasToken) {
    const token = await window.showInputBox({
      title: t('Hearth: access token of the hub'),
      prompt: [
        t('Needed for repositories with a licence to accept; kept in the secret storage.'),
        ...(hasToken ? [t('Leave it empty to forget the one that is kept.')] : []),
      ].join(' '),
      placeHolder: 'hf_…',
      password: true,
      ignoreFocusOut: true,
      validateInput: text => (/^\S*$/.test(text.trim()) ? undefined : t('A token has no blanks in it.')),
    });
    return token?.trim();
  },
  async reveal(path) {
    await commands.executeCommand('revealFileInOS', Uri.file(path));
  },
  async openFolderSetting() {
    await openSettings('hearth.models.directory');
  },
};

/** Tells of a model that has arrived, with a button to use it. */
export async function tellOfArrival({ name, use }: Arrival): Promise<void> {
  const useIt = t('Use It Now');
  if ((await window.showInformationMessage(t('Hearth: {0} is ready to use.', name), useIt)) === useIt)
    await use();
}

/** Writes the setting and has the model loaded now, so that a bad file is reported at once. */
export async function useModel(path: string, config: Config, supervisor: EngineSupervisor): Promise<void> {
  const wasRunning = supervisor.state.kind !== 'stopped';
  if (path !== config.settings['model.path']) {
    await config.set('model.path', path);
    // A running engine follows the changed setting, with progress.
    if (wasRunning) return;
  } else if (supervisor.state.kind === 'failed') await supervisor.restart();
  // The file may have been replaced since.
  else if (supervisor.state.kind === 'ready' && supervisor.state.refused) await supervisor.modelChanged();
  supervisor.start();
  await showLoading(supervisor);
}

/** Shows progress until the model is ready; throws the error when it cannot be loaded. Its Cancel gives the load up. */
export async function showLoading(supervisor: EngineSupervisor): Promise<void> {
  await window.withProgress(
    { location: ProgressLocation.Notification, title: 'Hearth', cancellable: true },
    (progress, token) => followLoad(supervisor, step => progress.report(step), token),
  );
}

async function open(options: {
  title: string;
  openLabel: string;
  canSelectFolders?: boolean;
  filters?: Record<string, string[]>;
}): Promise<string | undefined> {
  const picked = await window.showOpenDialog({
    canSelectFiles: !options.canSelectFolders,
    canSelectMany: false,
    ...options,
  });
  return picked?.[0]?.fsPath;
}
