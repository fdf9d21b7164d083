// Joins the library of models and its page to the engine and to the editor's settings, secrets and mementos. Types of vscode only.
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { embeddedModelPath, quantizedTypes } from '../link/launch.ts';
import { deviceKeyOf, lookAtDevice, rememberedDevice } from '../link/probe.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import { switchedTo } from '../link/await_switch.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { storedIn } from '../stored_value.ts';
import { AutomaticContexts } from './fit/automatic_context.ts';
import { ModelLibrary } from './library.ts';
import type { PageDialogs } from './page/dialogs.ts';
import { ModelsPage } from './page/page.ts';

const tokenKey = 'hearth.hubToken';
const addedKey = 'hearth.addedModels';

export interface ModelsOptions {
  context: Pick<ExtensionContext, 'extensionPath' | 'globalStorageUri' | 'globalState' | 'secrets'>;
  config: { readonly settings: Settings };
  engine: EngineSupervisor;
  contexts: AutomaticContexts;
  dialogs: PageDialogs;
  /** Makes the model at `path` the one in use. */
  use(path: string): Promise<void>;
  log: Log;
}

/** The lengths of context that were found to fit the GPU that is chosen, kept for all windows. */
export function automaticContexts(
  { globalState }: Pick<ExtensionContext, 'globalState'>,
  settings: () => Settings,
): AutomaticContexts {
  return new AutomaticContexts(
    storedIn(globalState, () => deviceKeyOf('hearth.contexts', settings())),
    storedIn(globalState, deviceKeyOf('hearth.contexts', { 'gpu.adapter': '', 'gpu.memoryLimitMB': 0 })),
  );
}

/** The models of this machine and the page about them. Nothing is read yet. */
export function createModels({ context, config, engine, contexts, dialogs, use, log }: ModelsOptions): {
  library: ModelLibrary;
  page: ModelsPage;
} {
  const { extensionPath, globalStorageUri, globalState, secrets } = context;
  const embeddedPath = embeddedModelPath(extensionPath);
  const modelsFolder = (): string =>
    config.settings['models.directory'] || join(globalStorageUri.fsPath, 'models');
  const getToken = async (): Promise<string | undefined> => secrets.get(tokenKey);
  const library = new ModelLibrary({
    folder: modelsFolder,
    cataloguePath: join(extensionPath, 'media', 'catalogue.json'),
    embeddedPath,
    token: getToken,
    added: storedIn(globalState, addedKey),
    environment: process.env,
    loading: () => ({
      yarnFactor: config.settings['context.yarnFactor'] ?? undefined,
      roundTo: quantizedTypes[config.settings['model.quantize']],
    }),
    warn: message => log.warn(`Models: ${message}`),
  });
  const device = storedIn(globalState, () => deviceKeyOf('hearth.device', config.settings));
  const page = new ModelsPage({
    library,
    dialogs,
    settings: () => ({
      modelPath: config.settings['model.path'],
      contextTokensMax: config.settings['context.maxTokens'],
      modelsFolder: modelsFolder(),
    }),
    token: {
      get: getToken,
      set: async token => (token === undefined ? secrets.delete(tokenKey) : secrets.store(tokenKey, token)),
    },
    contexts,
    device: {
      remembered: () => rememberedDevice(device),
      look: () => lookAtDevice(engine, device, log),
    },
    engine: {
      use,
      switched: () => switchedTo(() => config.settings['model.path'] || embeddedPath, engine),
    },
    log,
  });
  return { library, page };
}
