// What a folder may not decide, and how it is told.
import { describe, expect, test } from 'vitest';
import { userOnlyIn, userOnlySettings, userOnlyWarning } from '../../extension/folder_settings.ts';
import manifest from '../../package.json' with { type: 'json' };

const sections = manifest.contributes.configuration as unknown as {
  id: string;
  properties: Record<string, { scope: string }>;
}[];

describe('settings that are the user’s alone', () => {
  test('are those of the machine in the manifest: all of the model and the engine', () => {
    const scopes = sections.flatMap(({ id, properties }) =>
      Object.entries(properties).map(([name, { scope }]) => ({ id, name, scope })),
    );
    const machine = scopes.filter(({ scope }) => scope.startsWith('machine'));
    expect(new Set(machine.map(({ scope }) => scope))).toEqual(new Set(['machine']));
    expect(machine.map(({ name }) => name)).toEqual(userOnlySettings.map(name => `hearth.${name}`));
    expect(scopes.filter(({ id }) => id === 'hearth.model')).toEqual(machine);
  });

  test('are found in the settings of a folder, with comments and trailing commas', () => {
    const text = `{
      // for all of us
      "hearth.model.path": "/shared/model.gguf", /* and */
      "hearth.chat.temperature": 0,
      "hearth.context.maxTokens": 9,
    }`;
    expect(userOnlyIn(text)).toEqual(['hearth.model.path', 'hearth.context.maxTokens']);
  });

  test('are found among the settings of a workspace file', () => {
    expect(userOnlyIn('{"folders": [], "settings": {"hearth.engine.start": "withWindow"}}')).toEqual([
      'hearth.engine.start',
    ]);
  });

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{"settings": 1}',
    '{"a": "hearth.model.path"}',
    '// "hearth.model.path"',
  ])('are not found in %j', text => expect(userOnlyIn(text)).toEqual([]));

  test('the user is told where they stand and which they are', () => {
    const text = userOnlyWarning('.vscode/settings.json', ['hearth.model.path', 'hearth.model.quantize']);
    expect(text).toContain('.vscode/settings.json sets "hearth.model.path", "hearth.model.quantize".');
    expect(text).toContain('ignored');
  });
});
