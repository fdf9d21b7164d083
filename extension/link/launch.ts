// Joins the steps of starting an engine (choose a Node, spawn, connect) to the settings that decide them.
import { join } from 'node:path';
import type { AdapterName, LoadModelParams } from '../../engine/protocol/lifecycle.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { listAdapters } from './adapters.ts';
import { EngineClient } from './client.ts';
import { chooseNode } from './node_runtime.ts';
import { spawnEngine } from './process.ts';
import { EngineSupervisor, type RunningEngine } from './supervisor.ts';

/** The settings that decide which model is loaded, and how. */
export const modelSettings = [
  'model.path',
  'context.maxTokens',
  'context.yarnFactor',
  'model.quantize',
] as const;
type ModelSetting = (typeof modelSettings)[number];

/** The settings that decide how the engine's process is started. */
export const processSettings = [
  'engine.nodePath',
  'gpu.adapter',
  'gpu.memoryLimitMB',
  'engine.diskCacheMB',
] as const;
type ProcessSetting = (typeof processSettings)[number];

/** The type that weights of plain types are rounded to while they load, for each value of the setting. */
export const quantizedTypes = { off: undefined, q8: 'Q8_0', q4: 'Q4_0' } as const;

export interface EngineOptions {
  extensionPath: string;
  /** Version of the extension. */
  version: string;
  settings(): Pick<Settings, ProcessSetting | ModelSetting>;
  /** The context length that was found to fit this model; used while the setting leaves the length open. */
  automaticContext(path: string): number | undefined;
  /** What the model at this path is called. */
  nameOf(path: string): string;
  log: Log;
}

/** What the model that comes with the extension is called. */
export const embeddedModelName = 'Hearth tiny';

/** The model that comes with the extension. */
export function embeddedModelPath(extensionPath: string): string {
  return join(extensionPath, 'media', 'model', 'hearth-tiny', 'hearth-tiny-q8_0.gguf');
}

/** The supervisor of the engine of this package; nothing is started yet. */
export function superviseEngine({
  extensionPath,
  version,
  settings,
  automaticContext,
  nameOf,
  log,
}: EngineOptions): EngineSupervisor {
  return new EngineSupervisor({
    launch: () => launchEngine(extensionPath, settings(), log),
    model: () => loadParams(settings(), automaticContext, embeddedModelPath(extensionPath)),
    clientVersion: version,
    nameOf,
    log,
  });
}

/** What the settings ask to load. The context length is the user's own, else the one that was found to fit. */
export function loadParams(
  settings: Pick<Settings, ModelSetting>,
  automaticContext: EngineOptions['automaticContext'],
  embeddedPath: string,
): LoadModelParams {
  const path = settings['model.path'];
  return {
    path: path || embeddedPath,
    contextTokensMax: settings['context.maxTokens'] || (automaticContext(path) ?? 0),
    yarnFactor: settings['context.yarnFactor'] ?? undefined,
    quantize: quantizedTypes[settings['model.quantize']],
  };
}

/** What the settings have the engine's process start with: which GPU, how much of its memory, and how much of the disk. */
export function serveArguments(settings: Pick<Settings, ProcessSetting>): string[] {
  const adapter = settings['gpu.adapter'].trim();
  const limit = settings['gpu.memoryLimitMB'];
  return [
    'serve',
    ...(adapter === '' ? [] : [`--adapter=${adapter}`]),
    ...(limit === 0 ? [] : [`--memory-limit=${limit}`]),
    `--state-limit=${settings['engine.diskCacheMB']}`,
  ];
}

/** The GPUs of this machine. Throws noRuntime, and noAdapter when they cannot be listed. */
export async function adaptersOfMachine({
  extensionPath,
  settings,
  log,
}: Pick<EngineOptions, 'extensionPath' | 'settings' | 'log'>): Promise<AdapterName[]> {
  return listAdapters(await engineNode(extensionPath, settings()['engine.nodePath'], log), extensionPath);
}

function engineNode(extensionPath: string, nodePath: string, log: Log): Promise<string> {
  return chooseNode({
    nodePath,
    extensionPath,
    platform: process.platform,
    execPath: process.execPath,
    versions: process.versions,
    log,
  });
}

async function launchEngine(
  extensionPath: string,
  settings: Pick<Settings, ProcessSetting>,
  log: Log,
): Promise<RunningEngine> {
  const node = await engineNode(extensionPath, settings['engine.nodePath'], log);
  const child = await spawnEngine({
    nodePath: node,
    args: [join(extensionPath, 'dist', 'engine.mjs'), ...serveArguments(settings)],
    log,
  });
  const client = new EngineClient(child, log);
  return {
    pid: child.pid,
    client,
    end: () =>
      child.end(async () => {
        await client.shutdown();
      }),
  };
}
