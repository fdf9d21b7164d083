import { describe, expect, test } from 'vitest';
import {
  toggleLanguage,
  writeSetting,
  type LayeredSettings,
  type SettingLayer,
} from '../../extension/setting_layers.ts';

/** Settings in memory with the editor's rules: an inner layer wins, the entries of objects are merged. */
class MemorySettings implements LayeredSettings {
  readonly values: Record<SettingLayer, Record<string, unknown>>;

  constructor(
    values: Partial<Record<SettingLayer, Record<string, unknown>>>,
    private readonly defaults: Record<string, unknown> = {},
  ) {
    this.values = { user: {}, workspace: {}, folder: {}, ...values };
  }

  inspect(name: string) {
    return {
      defaultValue: this.defaults[name],
      globalValue: this.values.user[name],
      workspaceValue: this.values.workspace[name],
      workspaceFolderValue: this.values.folder[name],
    };
  }

  async update(name: string, value: unknown, layer: SettingLayer): Promise<void> {
    this.values[layer] = { ...this.values[layer], [name]: value };
  }

  inForce(name: string): unknown {
    const { user, workspace, folder } = this.values;
    return [this.defaults, user, workspace, folder]
      .map(layer => layer[name])
      .filter(value => value !== undefined)
      .reduce((outer, inner) => (typeof inner === 'object' ? Object.assign({}, outer, inner) : inner));
  }
}

describe('a setting is written where its value in force comes from', () => {
  test.each<[SettingLayer, Partial<Record<SettingLayer, Record<string, unknown>>>]>([
    ['user', {}],
    ['user', { user: { 'completion.enabled': true } }],
    ['workspace', { workspace: { 'completion.enabled': true } }],
    ['workspace', { user: { 'completion.enabled': false }, workspace: { 'completion.enabled': true } }],
    ['folder', { workspace: { 'completion.enabled': false }, folder: { 'completion.enabled': true } }],
  ])('into the layer %s of %j', async (layer, values) => {
    const settings = new MemorySettings(values, { 'completion.enabled': true });
    await writeSetting(settings, 'completion.enabled', false);
    expect(settings.inForce('completion.enabled')).toBe(false);
    expect(settings.values).toEqual({
      ...new MemorySettings(values).values,
      [layer]: { ...values[layer], 'completion.enabled': false },
    });
  });
});

describe('one language is turned on or off', () => {
  const name = 'completion.enable';
  const defaults = { [name]: { '*': true, plaintext: false, markdown: false } };
  const enable = (entries: Record<string, boolean>) => ({ [name]: entries });

  test.each<[string, string, SettingLayer, Partial<Record<SettingLayer, Record<string, unknown>>>]>([
    ['a language that nobody names', 'go', 'user', {}],
    ['a language of the defaults', 'markdown', 'user', {}],
    ['a language of the user', 'go', 'user', { user: enable({ go: false, c: true }) }],
    [
      'a language of the user beside a workspace that names others',
      'go',
      'user',
      { user: enable({ go: false }), workspace: enable({ '*': false, c: true }) },
    ],
    [
      'a language of the workspace',
      'go',
      'workspace',
      { user: enable({ go: true, c: false }), workspace: enable({ go: false, rust: true }) },
    ],
    [
      'a language that only the star of the workspace decides',
      'go',
      'workspace',
      { workspace: enable({ '*': false }) },
    ],
    [
      'a language of the folder',
      'go',
      'folder',
      { workspace: enable({ go: true }), folder: enable({ go: false }) },
    ],
  ])('%s', async (_what, languageId, layer, values) => {
    const settings = new MemorySettings(values, defaults);
    const before = settings.inForce(name) as Record<string, boolean>;
    const wasOn = before[languageId] ?? before['*'];
    expect(await toggleLanguage(settings, languageId)).toBe(!wasOn);
    expect(settings.inForce(name)).toEqual({ ...before, [languageId]: !wasOn });
    const written = values[layer]?.[name] as Record<string, boolean> | undefined;
    expect(settings.values).toEqual({
      ...new MemorySettings(values).values,
      [layer]: enable({ ...written, [languageId]: !wasOn }),
    });
    expect(await toggleLanguage(settings, languageId)).toBe(wasOn);
    expect(settings.inForce(name)).toEqual({ ...before, [languageId]: wasOn });
  });

  test('a value that is no map is replaced, not copied', async () => {
    const settings = new MemorySettings({ user: { [name]: null } }, defaults);
    expect(await toggleLanguage(settings, 'go')).toBe(false);
    expect(settings.values.user[name]).toEqual({ go: false });
  });
});
