import { describe, expect, test } from 'vitest';
import { isLanguageEnabled, readSettings, settingNames, type SettingName } from '../../extension/settings.ts';
import manifest from '../../package.json' with { type: 'json' };

interface Property {
  default: unknown;
  markdownDeprecationMessage?: string;
}
const properties = Object.assign(
  {},
  ...manifest.contributes.configuration.map(section => section.properties),
) as Record<string, Property>;

function read(values: Partial<Record<SettingName, unknown>>) {
  const warnings: string[] = [];
  const settings = readSettings(
    name => (name in values ? values[name] : properties[`hearth.${name}`]?.default),
    (_name, message) => warnings.push(message),
  );
  return { settings, warnings };
}

describe('settings', () => {
  test('are the same in code and manifest, with the same defaults', () => {
    const present = Object.keys(properties).filter(name => !properties[name]?.markdownDeprecationMessage);
    expect(present.sort()).toEqual(settingNames.map(name => `hearth.${name}`).sort());
    const { settings, warnings } = read({});
    expect(warnings).toEqual([]);
    const fromCode = readSettings(
      () => undefined,
      () => undefined,
    );
    expect(settings).toEqual(fromCode);
  });

  test('take good values', () => {
    expect(
      read({
        'chat.temperature': 0,
        'completion.multiline': 'never',
        'completion.languages': { '*': false, go: true },
      }),
    ).toMatchObject({
      warnings: [],
      settings: {
        'chat.temperature': 0,
        'completion.multiline': 'never',
        'completion.languages': { go: true },
      },
    });
  });

  test.each<[SettingName, unknown]>([
    ['chat.temperature', -1],
    ['chat.temperature', 'hot'],
    ['chat.topP', 0],
    ['chat.minP', 1.5],
    ['chat.repetitionPenalty', 0],
    ['chat.presencePenalty', -11],
    ['chat.maxTokens', 1.5],
    ['completion.maxTokens', 1e9],
    ['completion.multiline', 'sometimes'],
    ['completion.languages', { '*': 'yes' }],
    ['workspace.exclude', 'a'],
    ['workspace.maxTokens', 0],
    ['workspace.maxTokens', 10.5],
    ['model.path', 7],
    ['context.maxTokens', null],
  ])('give way to the default when %s is %j, and name it', (name, value) => {
    const { settings, warnings } = read({ [name]: value });
    expect(settings[name]).toEqual(properties[`hearth.${name}`]?.default);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`"hearth.${name}" cannot be ${JSON.stringify(value)}`);
  });

  test.each<[SettingName, number]>([
    ['workspace.maxFileSizeKB', 512],
    ['completion.maxTokens', 200],
  ])('can be raised above what %s is without a choice', (name, value) => {
    const { settings, warnings } = read({ [name]: value });
    expect(settings[name]).toBe(value);
    expect(settings[name]).toBeGreaterThan(read({}).settings[name] as number);
    expect(warnings).toEqual([]);
  });

  test('turn completions on by language, else by the star', () => {
    expect(isLanguageEnabled({ '*': true, markdown: false }, 'markdown')).toBe(false);
    expect(isLanguageEnabled({ '*': true, markdown: false }, 'go')).toBe(true);
    expect(isLanguageEnabled({ '*': false, go: true }, 'go')).toBe(true);
    expect(isLanguageEnabled({ '*': false }, 'c')).toBe(false);
    expect(isLanguageEnabled({}, 'c')).toBe(true);
  });
});
