// Joins the library of models and its page to the editor's settings, secrets and memory. Types of vscode only.
import { join } from 'node:path';
import type { ExtensionContext, Memento } from 'vscode';
import { embeddedModelPath, quantizedTypes } from '../link/launch.ts';
import { lookAtDevice, rememberedDevice } from '../link/probe.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import type { Memory } from './added_models.ts';
import { AutomaticContexts } from './fit/automatic_context.ts';
import { ModelLibrary } from './library.ts';
import { ModelsPage } from './page/page.ts';
import type { ModelsPageDeps } from './page/page_deps.ts';

const tokenKey = 'hearth.hubToken';
const addedKey = 'hearth.addedModels';
const deviceKey = 'hearth.device';
const contextsKey = 'hearth.contexts';

type Page = Pick<ModelsPageDeps, 'dialogs' | 'use' | 'switched' | 'contexts' | 'isShown' | 'arrived'>;

export interface ModelsOptions extends Page {
  context: Pick<ExtensionContext, 'extensionPath' | 'globalStorageUri' | 'globalState' | 'secrets'>;
  engine: EngineSupervisor;
  config: { readonly settings: Settings };
  log: Log;
}

/** The lengths of context that were found to fit, kept for all windows. */
export function automaticContexts({ globalState }: Pick<ExtensionContext, 'globalState'>): AutomaticContexts {
  return new AutomaticContexts(memoryOf(globalState, contextsKey));
}

/** The models of this machine and the page about them; nothing is read yet. */
export function createModels({ context, engine, config, log, ...parts }: ModelsOptions): {
  library: ModelLibrary;
  page: ModelsPage;
} {
  const { extensionPath, globalStorageUri, globalState, secrets } = context;
  const folder = (): string => config.settings['models.directory'] || join(globalStorageUri.fsPath, 'models');
  const token = {
    get: async () => secrets.get(tokenKey),
    set: async (value: string | undefined) =>
      value === undefined ? secrets.delete(tokenKey) : secrets.store(tokenKey, value),
  };
  const library = new ModelLibrary({
    folder,
    cataloguePath: join(extensionPath, 'media', 'catalogue.json'),
    embeddedPath: embeddedModelPath(extensionPath),
    token: token.get,
    added: memoryOf(globalState, addedKey),
    environment: process.env,
    loading: () => ({
      yarnFactor: config.settings['context.yarnFactor'] ?? undefined,
      roundTo: quantizedTypes[config.settings['model.quantize']],
    }),
    warn: message => log.warn(`Models: ${message}`),
  });
  const currentPath = (): string => config.settings['model.path'];
  const device = memoryOf(globalState, deviceKey);
  const probe = () => lookAtDevice(engine, device, log);
  const remembered = () => rememberedDevice(device);
  const contextSetting = (): number => config.settings['context.maxTokens'];
  const own = { library, token, currentPath, contextSetting, folder, remembered, probe, log };
  return { library, page: new ModelsPage({ ...own, ...parts }) };
}

function memoryOf(memento: Memento, key: string): Memory {
  return { get: () => memento.get<unknown>(key), set: async value => memento.update(key, value) };
}
