import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { commands, Selection, window, workspace } from 'vscode';
import { hearth, until } from './hearth.ts';

suite('a good guest', () => {
  suiteSetup(() => hearth().activate());
  const pid = async (): Promise<number | undefined> => (await hearth().activate()).enginePid();

  test('neither the chat in view nor typing starts an engine', async () => {
    assert.equal(await pid(), undefined);
    await commands.executeCommand('hearth.chat.focus');
    const document = await workspace.openTextDocument({ language: 'javascript', content: 'const total = ' });
    const editor = await window.showTextDocument(document);
    const end = document.positionAt(document.getText().length);
    editor.selection = new Selection(end, end);
    await commands.executeCommand('type', { text: 'prices.' });
    await until('what was typed', () => (document.getText().endsWith('prices.') ? true : undefined));
    // The editor asks for a suggestion some 50 ms after a key.
    await delay(1000);
    assert.equal(await pid(), undefined);
  });

  test('a command starts it, another one gives the GPU back', async () => {
    await commands.executeCommand('hearth.startEngine');
    assert.equal(typeof (await pid()), 'number');
    await commands.executeCommand('hearth.freeGpu');
    assert.equal(await pid(), undefined);
    await commands.executeCommand('hearth.startEngine');
    assert.equal(typeof (await pid()), 'number');
  });
});
