import assert from 'node:assert/strict';
import { commands, ConfigurationTarget, Uri, window, workspace } from 'vscode';
import { hearth } from './hearth.ts';

type Languages = Record<string, boolean>;
const settings = () => workspace.getConfiguration('hearth');

suite('settings', () => {
  suiteSetup(() => hearth().activate());
  teardown(async () => {
    for (const name of ['completion.enabled', 'completion.languages', 'completion.enable'])
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
    await settings().update('completion.languages', { javascript: false }, ConfigurationTarget.Workspace);
    await window.showTextDocument(await workspace.openTextDocument({ language: 'javascript', content: '' }));
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    const written = () => settings().inspect<Languages>('completion.languages');
    // It is on by default, so that no entry is needed.
    assert.equal(written()?.workspaceValue, undefined);
    assert.equal(written()?.globalValue, undefined);
    await settings().update('completion.languages', { '*': false }, ConfigurationTarget.Workspace);
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    assert.deepEqual(written()?.workspaceValue, { '*': false, javascript: true });
    assert.equal(written()?.globalValue, undefined);
  });

  test('a language that only the defaults turn off becomes an entry of the user, and no other is copied', async () => {
    await window.showTextDocument(await workspace.openTextDocument({ language: 'markdown', content: '' }));
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    const written = () => settings().inspect<Languages>('completion.languages')?.globalValue;
    assert.deepEqual(written(), { markdown: true });
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    assert.equal(written(), undefined);
  });

  test('what an old Hearth wrote about a language is followed, and moved when it is changed', async () => {
    await settings().update(
      'completion.enable',
      { javascript: false, go: false },
      ConfigurationTarget.Global,
    );
    await window.showTextDocument(await workspace.openTextDocument({ language: 'javascript', content: '' }));
    await commands.executeCommand('hearth.toggleCompletionsForLanguage');
    assert.deepEqual(settings().inspect<Languages>('completion.languages')?.globalValue, { go: false });
    assert.equal(settings().inspect('completion.enable')?.globalValue, undefined);
  });

  test('a folder does not decide about the model or the engine', async () => {
    const folder = workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder, 'no folder is open');
    const file = Uri.joinPath(folder, '.vscode', 'settings.json');
    const changed = new Promise<void>(resolve => {
      const subscription = workspace.onDidChangeConfiguration(event => {
        if (!event.affectsConfiguration('hearth.chat.temperature')) return;
        subscription.dispose();
        resolve();
      });
    });
    const asked = { 'hearth.context.maxTokens': 2048, 'hearth.model.path': '/shared.gguf' };
    const ours = { ...asked, 'hearth.chat.temperature': 0.5 };
    await workspace.fs.writeFile(file, Buffer.from(JSON.stringify(ours)));
    await changed;
    assert.equal(settings().get('chat.temperature'), 0.5);
    assert.equal(settings().get('context.maxTokens'), 0);
    assert.equal(settings().get('model.path'), '');
    await workspace.fs.delete(file);
  });
});
