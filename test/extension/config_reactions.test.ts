import { beforeEach, describe, expect, test } from 'vitest';
import { Emitter } from 'vscode-jsonrpc/node';
import type { ConfigChange } from '../../extension/config.ts';
import type { EngineState } from '../../extension/link/engine_state.ts';
import { followChanges } from '../../extension/config_reactions.ts';
import { readSettings, type SettingName, type Settings } from '../../extension/settings.ts';
import { fakeDevice, fakeModel, settle } from '../fakes/fake_engine.ts';

const before = readSettings(
  () => undefined,
  () => undefined,
);
let state: EngineState;
let heard: string[];
let pageTold: number;
let configChanges: Emitter<ConfigChange>;
let stateChanges: Emitter<EngineState>;

beforeEach(() => {
  state = { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 };
  heard = [];
  pageTold = 0;
  configChanges = new Emitter();
  stateChanges = new Emitter();
  const note = (what: string) => async () => void heard.push(what);
  followChanges({
    config: { onDidChange: configChanges.event },
    engine: {
      get state() {
        return state;
      },
      onDidChangeState: stateChanges.event,
      restart: note('restart'),
      modelChanged: note('model'),
    },
    workspace: { update: () => void heard.push('update'), refresh: () => void heard.push('refresh') },
    models: { settingsChanged: async () => void (pageTold += 1) },
    showLoading: note('progress'),
    showError: error => void heard.push(String(error)),
  });
});

async function change(more: Partial<Settings>): Promise<string[]> {
  configChanges.fire({ before, now: { ...before, ...more }, affects: name => name in more });
  await settle();
  return heard;
}

describe('reactions', () => {
  test('the model page hears of settings that it shows, and of no others', async () => {
    await change({ 'model.path': '/b.gguf' });
    await change({ 'models.directory': '/models' });
    await change({ 'context.yarnFactor': 2 });
    expect(pageTold).toBe(3);
    await change({ 'chat.maxTokens': 5 });
    expect(pageTold).toBe(3);
  });

  test('another model is loaded with progress', async () => {
    expect(await change({ 'model.path': '/b.gguf' })).toEqual(['model', 'progress']);
  });

  test.each<Partial<Settings>>([
    { 'context.maxTokens': 9 },
    { 'context.yarnFactor': 4 },
    { 'model.quantize': 'q8' },
  ])('another way to load it reloads the model: %j', async more => {
    expect(await change(more)).toEqual(['model', 'progress']);
  });

  test.each<Partial<Settings>>([{ 'gpu.adapter': 'Radeon' }, { 'gpu.memoryLimitMB': 8000 }])(
    'another GPU or another share of it restarts the engine, and the model page hears of it: %j',
    async more => {
      expect(await change(more)).toEqual(['restart', 'progress']);
      expect(pageTold).toBe(1);
    },
  );

  test('another Node restarts the engine', async () => {
    expect(await change({ 'engine.nodePath': '/n', 'model.path': '/b.gguf' })).toEqual([
      'restart',
      'progress',
    ]);
  });

  test('nothing is started for an engine that does not run', async () => {
    state = { kind: 'stopped' };
    expect(await change({ 'engine.nodePath': '/n', 'model.path': '/b.gguf' })).toEqual([]);
  });

  test('other excludes read the workspace anew', async () => {
    expect(await change({ 'workspace.exclude': ['x'] })).toEqual(['refresh']);
  });

  test('another bound of the block only has it laid out anew', async () => {
    expect(await change({ 'workspace.maxTokens': 9 })).toEqual(['update']);
  });

  test.each<SettingName>(['workspace.exclude', 'workspace.maxFileSizeKB'])(
    'the workspace is read anew when %s changes for one folder only',
    async changed => {
      configChanges.fire({ before, now: before, affects: name => name === changed });
      await settle();
      expect(heard).toEqual(['refresh']);
    },
  );

  test('other settings do nothing', async () => {
    expect(await change({ 'chat.temperature': 1, 'completion.enabled': false })).toEqual([]);
  });

  test('the workspace is brought up to date when a model has become ready', () => {
    stateChanges.fire({ kind: 'starting' });
    expect(heard).toEqual([]);
    stateChanges.fire(state);
    expect(heard).toEqual(['update']);
  });

  test('the workspace hears when the engine has stopped', () => {
    stateChanges.fire({ kind: 'stopped', rest: 'idle' });
    expect(heard).toEqual(['update']);
  });
});
