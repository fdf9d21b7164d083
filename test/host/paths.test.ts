// Paths of answers in the real editor: which of them exist in the open folder, and what opens when one is clicked.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Uri, window, workspace } from 'vscode';
import { openSource } from '../../extension/chat/editor_actions.ts';
import type { PathView } from '../../webview/protocol.ts';
import { closeAll, inFolder } from './edit_files.ts';
import { hearth, until, type HearthApi } from './hearth.ts';

suite('paths of answers', () => {
  let paths: HearthApi['paths'];
  suiteSetup(async () => {
    ({ paths } = await hearth().activate());
  });
  teardown(closeAll);

  const lookUp = async (path: string): Promise<PathView> => {
    const [view] = await paths.lookUp([{ path, near: true }]);
    assert.ok(view);
    return view;
  };
  /** Listing the files of a folder takes a slow machine longer than an answer waits. */
  const known = (path: string): Promise<PathView> =>
    until(`what ${path} is to be known`, async () => {
      const view = await lookUp(path);
      return view.kind === 'unknown' ? undefined : view;
    });
  const write = (path: string, text: string): Thenable<void> =>
    workspace.fs.writeFile(inFolder(path), Buffer.from(text));

  test('a file is found by its path, by its end, and as an absolute path inside the folder', async () => {
    const name = 'src/single.ts';
    await write(name, '');
    try {
      for (const path of [name, `./${name}`, 'src\\single.ts', 'single.ts', inFolder(name).path, `/${name}`])
        assert.deepEqual(await known(path), { path, kind: 'file', name });
    } finally {
      await workspace.fs.delete(inFolder(name));
    }
    assert.deepEqual(await known('src/'), { path: 'src/', kind: 'folder', name: 'src' });
  });

  test('a file that does not exist is missing, with the nearest name', async () => {
    const path = 'src/ordr.ts';
    assert.deepEqual(await known(path), { path, kind: 'missing', near: 'src/order.ts' });
  });

  test('nothing outside of the folder is a link', async () => {
    await workspace.fs.writeFile(Uri.file(join(tmpdir(), 'hearth_outside.txt')), Buffer.from('x'));
    symlinkSync(tmpdir(), inFolder('paths_out').fsPath);
    symlinkSync(join(tmpdir(), 'hearth_outside.txt'), inFolder('paths_out.txt').fsPath);
    try {
      for (const path of [
        'paths_out/hearth_outside.txt',
        'paths_out.txt',
        'paths_out',
        join(tmpdir(), 'hearth_outside.txt'),
        '../outside.txt',
        'src/../../outside.txt',
      ]) {
        assert.deepEqual(await lookUp(path), { path, kind: 'unknown' });
        await assert.rejects(paths.open(path, {}), /is not in an open folder any more/);
      }
    } finally {
      await workspace.fs.delete(inFolder('paths_out.txt'));
      await workspace.fs.delete(inFolder('paths_out'));
    }
  });

  test('it opens at its line, at its column, and with its lines selected', async () => {
    await write('paths open/a b.ts', 'one\ntwo\nthree\n');
    const openAt = async (at: Parameters<typeof paths.open>[1]) => {
      await paths.open('paths open/a b.ts', at);
      const editor = window.activeTextEditor;
      assert.equal(editor?.document.uri.path, inFolder('paths open/a b.ts').path);
      const { start, end } = editor.selection;
      return [start.line, start.character, end.line, end.character];
    };
    assert.deepEqual(await openAt({ line: 2, column: 3 }), [1, 2, 1, 2]);
    assert.deepEqual(await openAt({ line: 2, endLine: 3 }), [1, 0, 2, 5]);
    assert.deepEqual(await openAt({ line: 900 }), [3, 0, 3, 0]);
  });

  test('a line of a notebook opens the cell that it was shown in', async () => {
    const cells = ['a = 1\n', 'b = 2\n'].map(source => ({
      cell_type: 'code',
      source,
      metadata: {},
      outputs: [],
    }));
    await write('cells.ipynb', JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    try {
      await known('cells.ipynb');
      // The model read a line for each cell, its one line of code and a blank one.
      await paths.open('cells.ipynb', { line: 5 });
      const editor = window.activeNotebookEditor;
      assert.equal(editor?.notebook.uri.path, inFolder('cells.ipynb').path);
      assert.equal(editor.selection.start, 1);
      // A source of an answer opens there, too.
      await openSource(inFolder('cells.ipynb').toString(), 1, 2);
      assert.equal(window.activeNotebookEditor?.selection.start, 0);
    } finally {
      await closeAll();
      await workspace.fs.delete(inFolder('cells.ipynb'));
    }
  });

  test('what comes and goes is noticed', async () => {
    let changes = 0;
    const listener = paths.onDidChange(() => changes++);
    assert.equal((await known('paths_new/later.ts')).kind, 'missing');
    await write('paths_new/later.ts', 'x\n');
    await until('a change', () => changes > 0 || undefined);
    // What changed first may have been a file of the test before.
    await until('its name', async () => (await known('later.ts')).name === 'paths_new/later.ts' || undefined);
    changes = 0;
    await workspace.fs.delete(inFolder('paths_new'), { recursive: true });
    await until('another change', () => changes > 0 || undefined);
    await until('its end', async () => (await known('later.ts')).kind === 'missing' || undefined);
    listener.dispose();
  });
});
