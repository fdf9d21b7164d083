import assert from 'node:assert/strict';
import { commands, Uri, workspace } from 'vscode';
import { hearth, until } from './hearth.ts';

suite('the workspace', () => {
  test('its files are read and new ones are written through the editor', async () => {
    const folder = workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder, 'no folder is open');
    const text = Buffer.from(await workspace.fs.readFile(Uri.joinPath(folder, 'src', 'order.ts'))).toString(
      'utf8',
    );
    assert.match(text, /export function orderTotal/);
    const made = Uri.joinPath(folder, 'made_by_test.ts');
    await workspace.fs.writeFile(made, Buffer.from('export const made = 1;\n'));
    assert.equal((await workspace.openTextDocument(made)).getText(), 'export const made = 1;\n');
  });

  test('reading the workspace starts the engine', async () => {
    const api = await hearth().activate();
    await commands.executeCommand('hearth.refreshWorkspace');
    assert.equal(typeof (await until('an engine process', () => api.enginePid())), 'number');
  });

  test('a restart gives another engine process', async () => {
    const api = await hearth().activate();
    const before = await until('an engine process', () => api.enginePid());
    await commands.executeCommand('hearth.restartEngine');
    const after = await until('another engine process', () =>
      api.enginePid() === before ? undefined : api.enginePid(),
    );
    assert.notEqual(after, before);
  });
});
