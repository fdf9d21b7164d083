import { describe, expect, test } from 'vitest';
import {
  languagesUnderOldName,
  setLanguage,
  writeSetting,
  type LayeredSettings,
  type SettingLayer,
} from '../../extension/setting_layers.ts';
import { isLanguageEnabled } from '../../extension/settings.ts';

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
    const { [name]: _before, ...others } = this.values[layer];
    this.values[layer] = value === undefined ? others : { ...others, [name]: value };
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

describe('a user who sets a setting back', () => {
  test('keeps no trace of it in the settings', async () => {
    const settings = new MemorySettings(
      { user: { 'completion.enabled': false } },
      { 'completion.enabled': true },
    );
    await writeSetting(settings, 'completion.enabled', true);
    expect(settings.values.user).toEqual({});
  });
});

describe('one language is turned on or off', () => {
  const name = 'completion.languages';
  const oldName = 'completion.enable';
  const defaults = { [name]: { '*': true, plaintext: false, markdown: false } };
  const languages = (entries: Record<string, boolean>) => ({ [name]: entries });

  test.each<[string, string, SettingLayer, Partial<Record<SettingLayer, Record<string, unknown>>>]>([
    ['a language that nobody names', 'go', 'user', {}],
    ['a language of the defaults', 'markdown', 'user', {}],
    ['a language of the user', 'go', 'user', { user: languages({ c: true, go: false }) }],
    [
      'a language of the user beside a workspace that names others',
      'go',
      'user',
      { user: languages({ go: false }), workspace: languages({ '*': false, c: true }) },
    ],
    [
      'a language of the workspace',
      'go',
      'workspace',
      { user: languages({ go: true, c: false }), workspace: languages({ go: false, rust: true }) },
    ],
    [
      'a language that only the star of the workspace decides',
      'go',
      'workspace',
      { workspace: languages({ '*': false }) },
    ],
    [
      'a language of the folder',
      'go',
      'folder',
      { workspace: languages({ go: true }), folder: languages({ go: false }) },
    ],
  ])('%s, only where it is decided, and back without a trace', async (_what, languageId, layer, values) => {
    const settings = new MemorySettings(structuredClone(values), defaults);
    const isOn = (): boolean =>
      isLanguageEnabled(settings.inForce(name) as Record<string, boolean>, languageId);
    const wasOn = isOn();
    expect(await setLanguage(settings, languageId)).toBe(!wasOn);
    expect(isOn()).toBe(!wasOn);
    for (const other of ['user', 'workspace', 'folder'] as const)
      if (other !== layer) expect(settings.values[other]).toEqual(values[other] ?? {});
    const { [languageId]: _entry, ...others } = (values[layer]?.[name] ?? {}) as Record<string, boolean>;
    expect(settings.values[layer][name] ?? {}).toMatchObject(others);
    expect(await setLanguage(settings, languageId)).toBe(wasOn);
    expect(isOn()).toBe(wasOn);
    expect(settings.values).toEqual(new MemorySettings(values).values);
  });

  test('as it is wanted, whatever it is now', async () => {
    const settings = new MemorySettings({}, defaults);
    for (const _times of [1, 2]) {
      expect(await setLanguage(settings, 'markdown', true)).toBe(true);
      expect(settings.values.user).toEqual(languages({ markdown: true }));
    }
  });

  test('a value that is no map is replaced, not copied', async () => {
    const settings = new MemorySettings({ user: { [name]: null } }, defaults);
    expect(await setLanguage(settings, 'go')).toBe(false);
    expect(settings.values.user[name]).toEqual({ go: false });
  });

  test('the old name of the setting is read, and the new one wins in the same layer', () => {
    expect(
      languagesUnderOldName(new MemorySettings({ user: languages({ go: false }) }, defaults)),
    ).toBeUndefined();
    const settings = new MemorySettings(
      {
        user: { [oldName]: { go: false, c: false }, [name]: { c: true } },
        workspace: { [oldName]: { '*': false } },
      },
      defaults,
    );
    expect(languagesUnderOldName(settings)).toEqual({
      '*': false,
      plaintext: false,
      markdown: false,
      go: false,
      c: true,
    });
  });

  test('what is written under the old name moves to the new one with the next change, in that layer only', async () => {
    const workspace = { [oldName]: { rust: false } };
    const settings = new MemorySettings(
      { user: { [oldName]: { '*': true, go: false } }, workspace },
      defaults,
    );
    expect(await setLanguage(settings, 'go')).toBe(true);
    expect(settings.values.user).toEqual(languages({ '*': true }));
    expect(settings.values.workspace).toEqual(workspace);
  });
});
