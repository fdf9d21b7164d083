import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, window, workspace } from 'vscode';
import { hearth } from './hearth.ts';

type Enable = Record<string, boolean>;
const settings = () => workspace.getConfiguration('hearth');

suite('settings', () => {
  suiteSetup(() => hearth().activate());
  teardown(async () => {
    for (const name of ['completion.enabled', 'completion.enable'])
      for (const target of [ConfigurationTarget.Workspace, ConfigurationTarget.Global])
        await settings().update(name, undefined, target);
  });

  test('completions are turned off where the workspace has turned them on', async () => {
    await settings().update('completion.enabled', true, ConfigurationTarget.Workspace);
    await commands.executeCommand('hearth.toggleCompletions');
    assert.equal(settings().get('completion.enabled'), false);
    assert.equal(settings().inspect('completion.enabled')?.globalValue, undefined);
  });

  test('a language is turned on where the workspace has turned it off, and nothing else is written', async () => {
    await settings().update('completion.enable', { javascript: false }, ConfigurationTarget.Workspace);
    await window.showTextDocument(await workspace.openTextDocument({ language: 'javascript', content: '' }));
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    assert.equal(settings().get<Enable>('completion.enable')?.['javascript'], true);
    const written = settings().inspect<Enable>('completion.enable');
    assert.deepEqual(written?.workspaceValue, { javascript: true });
    assert.equal(written?.globalValue, undefined);
  });

  test('a language that only the defaults turn off becomes an entry of the user, and no other is copied', async () => {
    await window.showTextDocument(await workspace.openTextDocument({ language: 'markdown', content: '' }));
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    assert.deepEqual(settings().inspect<Enable>('completion.enable')?.globalValue, { markdown: true });
  });
});
