import { describe, expect, test } from 'vitest';
import { loadParams, serveArguments } from '../../../extension/link/launch.ts';
import { readSettings, type Settings } from '../../../extension/settings.ts';

const defaults = readSettings(
  () => undefined,
  () => undefined,
);
const paramsOf = (change: Partial<Settings>, automatic: Record<string, number> = {}) =>
  loadParams({ ...defaults, ...change }, path => automatic[path], '/embedded.gguf');

describe('what is loaded', () => {
  test('is the model that comes with Hearth, as it was made, when nothing is set', () => {
    expect(paramsOf({})).toMatchObject({ path: '/embedded.gguf', contextTokensMax: 0 });
  });

  test('has the context that fits it, unless the user has set one', () => {
    const automatic = { '/a.gguf': 12_288 };
    expect(paramsOf({ 'model.path': '/a.gguf' }, automatic).contextTokensMax).toBe(12_288);
    expect(paramsOf({ 'model.path': '/b.gguf' }, automatic).contextTokensMax).toBe(0);
    const set = { 'model.path': '/a.gguf', 'context.maxTokens': 65_536 };
    expect(paramsOf(set, automatic).contextTokensMax).toBe(65_536);
  });
});

describe('the process', () => {
  const argumentsOf = (change: Partial<Settings>) => serveArguments({ ...defaults, ...change });

  test('uses any GPU and all of its memory, and some of the disk, unless the settings say otherwise', () => {
    expect(argumentsOf({})).toEqual(['serve', '--state-limit=4096']);
    const set = { 'gpu.adapter': ' -x ', 'gpu.memoryLimitMB': 8000, 'engine.diskCacheMB': 0 };
    expect(argumentsOf(set)).toEqual(['serve', '--adapter=-x', '--memory-limit=8000', '--state-limit=0']);
  });
});
