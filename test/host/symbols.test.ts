// Names of answers in the real editor, with the real engine: where they are defined, which are nowhere, and what a click on one opens.
import assert from 'node:assert/strict';
import { commands, window } from 'vscode';
import type { SymbolView } from '../../webview/protocol.ts';
import { closeAll, inFolder } from './edit_files.ts';
import { hearth, until } from './hearth.ts';

suite('symbols of answers', () => {
  teardown(closeAll);

  test('they are known once the engine has the files, and open at their definitions', async () => {
    const { symbols } = await hearth().activate();
    await commands.executeCommand('hearth.refreshWorkspace');
    const lookUp = async (name: string, texts: string[] = []): Promise<SymbolView | undefined> =>
      (await symbols.lookUp([{ name, near: true }], { useWorkspace: true, texts }))[0];
    const known = await until('the engine to know a name', async () => {
      const view = await lookUp('orderTotal');
      return view?.kind === 'unknown' ? undefined : view;
    });
    assert.equal(known.kind, 'defined');
    assert.equal(known.place?.path, 'src/order.ts');
    await symbols.open('orderTotal');
    const editor = window.activeTextEditor;
    assert.equal(editor?.document.uri.path, inFolder('src/order.ts').path);
    assert.match(editor.document.lineAt(editor.selection.active).text, /function orderTotal/);
    const missing = { name: 'orderTotl', kind: 'missing', near: 'orderTotal' };
    assert.deepEqual(await lookUp('orderTotl'), missing);
    assert.deepEqual(await lookUp('orderTotl', ['Write orderTotl.']), { name: 'orderTotl', kind: 'unknown' });
    await assert.rejects(symbols.open('orderTotl'), /is not defined in the workspace any more/);
  });
});
