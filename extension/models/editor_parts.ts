// Joins the library of models and its page to the editor's settings, secrets and memory. Types of vscode only.
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { embeddedModelPath } from '../link/launch.ts';
import { lookAtDevice } from '../link/probe.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import type { Memory } from './added_models.ts';
import { ModelLibrary } from './library.ts';
import { ModelsPage, type ModelsPageDeps } from './page.ts';

const tokenKey = 'hearth.hubToken';
const addedKey = 'hearth.addedModels';
const deviceKey = 'hearth.device';

export interface ModelsOptions extends Pick<ModelsPageDeps, 'dialogs' | 'use' | 'isShown' | 'arrived'> {
  context: Pick<ExtensionContext, 'extensionPath' | 'globalStorageUri' | 'globalState' | 'secrets'>;
  engine: EngineSupervisor;
  config: { readonly settings: Settings };
  log: Log;
}

/** The models of this machine and the page about them; nothing is read yet. */
export function createModels({ context, engine, config, log, ...parts }: ModelsOptions): {
  library: ModelLibrary;
  page: ModelsPage;
} {
  const { extensionPath, globalStorageUri, globalState, secrets } = context;
  const folder = (): string => config.settings['models.directory'] || join(globalStorageUri.fsPath, 'models');
  const memory = (key: string): Memory => ({
    get: () => globalState.get<unknown>(key),
    set: async value => globalState.update(key, value),
  });
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
    added: memory(addedKey),
    environment: process.env,
    warn: message => log.warn(`Models: ${message}`),
  });
  const currentPath = (): string => config.settings['model.path'];
  const probe = () => lookAtDevice(engine, memory(deviceKey), log);
  return { library, page: new ModelsPage({ library, token, currentPath, folder, probe, log, ...parts }) };
}
