// What comes with a question, from the real editor: files with unsaved changes, folders, problems, symbols, a terminal; and nothing from
// outside the open folders.
import assert from 'node:assert/strict';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commands,
  ConfigurationTarget,
  DiagnosticSeverity,
  Diagnostic,
  languages,
  Position,
  Range,
  Uri,
  window,
  workspace,
} from 'vscode';
import { editorContext, editorPlaces } from '../../extension/context/editor_context.ts';
import { Terminals } from '../../extension/context/terminals.ts';
import { inEnglish } from '../../engine/protocol/phrase.ts';
import { Config } from '../../extension/config.ts';
import { pathOf, WorkspaceCrawler } from '../../extension/workspace/crawler.ts';
import { FileChoices } from '../../extension/workspace/file_choices.ts';
import { closeAll, inFolder, select, shown } from './edit_files.ts';
import { hearth, until, type HearthApi } from './hearth.ts';

suite('context of a message', () => {
  let draft: HearthApi['draft'];
  const config = new Config(message => assert.fail(message));
  const terminals = new Terminals();
  const choices = new FileChoices({ get: () => undefined, set: async () => undefined });
  const crawler = new WorkspaceCrawler(config, choices);
  const sources = editorContext({ crawler, terminals, pathOf });
  const places = editorPlaces({ crawler, pathOf });
  suiteSetup(async () => {
    ({ draft } = await hearth().activate());
  });
  suiteTeardown(() => {
    terminals.dispose();
    config.dispose();
  });
  teardown(async () => {
    draft.clear(draft.view.attachments.map(({ id }) => id));
    await closeAll();
  });
  const editorIs = (label: string | undefined): Promise<true> =>
    until(
      `${label} as the file in the editor`,
      () => (draft.view.editor?.label === label ? true : undefined),
      20_000,
    );
  const labels = (): string[] => draft.view.attachments.map(({ label }) => label);
  const write = async (path: string, text: string): Promise<Uri> => {
    await workspace.fs.writeFile(inFolder(path), Buffer.from(text));
    return inFolder(path);
  };

  test('the command attaches what is selected, as a chip', async () => {
    const editor = await shown('context_selection.ts', 'one\ntwo\nthree\n');
    select(editor, 1, 0, new Position(2, 0));
    await commands.executeCommand('hearth.askAboutSelection');
    assert.deepEqual(labels(), ['context_selection.ts:2']);
    const [read] = await draft.collect();
    assert.equal(read?.attachment.text, 'two\n');
  });

  test('the menu of the explorer attaches files and folders', async () => {
    const file = await write('context_folder/a.txt', 'a');
    await write('context_folder/b.txt', 'b');
    await commands.executeCommand('hearth.attachFile', file, [file, inFolder('context_folder')]);
    assert.deepEqual(labels(), ['context_folder/a.txt', 'context_folder/']);
    const [, folder] = await draft.collect();
    assert.match(
      folder?.attachment.text ?? '',
      /=== context_folder\/a\.txt ===\na\n[\s\S]*=== context_folder\/b\.txt ===\nb\n/,
    );
  });

  test('a file is read with its unsaved changes', async () => {
    const editor = await shown('context_unsaved.ts', 'saved');
    await draft.attach({ kind: 'file', uri: editor.document.uri.toString() });
    await editor.edit(edit => edit.replace(new Range(0, 0, 0, 5), 'unsaved'));
    assert.equal((await draft.collect())[0]?.attachment.text, 'unsaved');
    await commands.executeCommand('workbench.action.files.revert');
  });

  test('nothing is read from outside the folder, by whichever way', async () => {
    const outside = join(mkdtempSync(join(tmpdir(), 'hearth-context-')), 'secret.txt');
    writeFileSync(outside, 'secret');
    symlinkSync(outside, inFolder('context_link.txt').fsPath);
    const ways = [
      Uri.file(outside),
      inFolder('context_link.txt'),
      Uri.joinPath(inFolder('a'), '..', '..', 'x'),
    ];
    for (const way of ways) {
      const uri = way.toString();
      await assert.rejects(draft.attach({ kind: 'file', uri }), /outside the open folders|cannot be read/);
      await assert.rejects(sources.file(uri), /outside the open folders|cannot be read/);
    }
    await assert.rejects(sources.file(inFolder('context_link.txt').toString()), /outside the open folders/);
    assert.deepEqual(labels(), []);
  });

  test('a file in another encoding is read as the editor reads it', async () => {
    const uri = inFolder('context_latin.txt');
    await workspace.fs.writeFile(uri, Buffer.from('Müll', 'latin1'));
    const attach = (): Promise<void> => draft.attach({ kind: 'file', uri: uri.toString() });
    await assert.rejects(attach(), /is not a text file/);
    const files = workspace.getConfiguration('files');
    await files.update('encoding', 'windows1252', ConfigurationTarget.Global);
    try {
      await attach();
      assert.equal((await draft.collect())[0]?.attachment.text, 'Müll');
    } finally {
      await files.update('encoding', undefined, ConfigurationTarget.Global);
    }
  });

  test('what is no text is refused with the reason', async () => {
    const uri = await write('context_binary.dat2', 'a\0b');
    await assert.rejects(draft.attach({ kind: 'file', uri: uri.toString() }), /is not a text file/);
  });

  test('problems are those of the editor', async () => {
    const uri = await write('context_problem.txt', 'x\ny\n');
    const reported = languages.createDiagnosticCollection('hearth-test');
    reported.set(uri, [new Diagnostic(new Range(1, 0, 1, 1), 'y is wrong', DiagnosticSeverity.Error)]);
    await draft.attach({ kind: 'problems' });
    reported.dispose();
    const text = draft.find(draft.view.attachments[0]?.id ?? '')?.text ?? '';
    assert.match(text, /^context_problem\.txt:2: error: y is wrong$/m);
  });

  test('names: what is ignored is in no list, and is found when it is named whole', async () => {
    await write('.gitignore', 'context_ignored\n');
    await write('context_ignored/a.txt', 'a');
    const paths: string[] = [];
    for await (const { path } of crawler.listPaths()) paths.push(path);
    assert.ok(
      paths.includes('context_folder/a.txt') && !paths.some(path => path.startsWith('context_ignored')),
    );
    assert.equal((await places.exact('context_ignored/a.txt'))?.kind, 'file');
    assert.equal(await places.exact('context_nothing'), undefined);
    await workspace.fs.delete(inFolder('.gitignore'));
  });

  test('the file in the editor comes along until it is dropped, and again with another editor', async () => {
    await shown('context_first.ts', 'first');
    await editorIs('context_first.ts');
    draft.remove('editor');
    await editorIs(undefined);
    await shown('context_second.ts', 'second');
    await editorIs('context_second.ts');
  });

  test('the file in the editor stays away while the setting is off', async () => {
    const wanted = (value: boolean | undefined): Thenable<void> =>
      workspace
        .getConfiguration('hearth')
        .update('chat.attachActiveEditor', value, ConfigurationTarget.Global);
    await shown('context_third.ts', 'third');
    await editorIs('context_third.ts');
    try {
      await wanted(false);
      await editorIs(undefined);
      await shown('context_fourth.ts', 'fourth');
      await editorIs(undefined);
    } finally {
      await wanted(undefined);
    }
    await editorIs('context_fourth.ts');
  });

  test('a terminal in which nothing was run says so', async () => {
    const terminal = window.createTerminal({ name: 'context' });
    terminal.show();
    await until(
      'the terminal in front',
      () => (window.activeTerminal === terminal ? true : undefined),
      20_000,
    );
    await assert.rejects(
      draft.attach({ kind: 'terminal' }),
      /What the terminal "context" says cannot be read/,
    );
    terminal.dispose();
  });

  test('the workspace is read as the editor has it, and as the user has chosen', async () => {
    const editor = await shown('context_map/typed.ts', 'saved');
    await editor.edit(edit => edit.replace(new Range(0, 0, 0, 5), 'typed'));
    await write('context_map/left.ts', 'left');
    await write('context_map/.env', 'KEY=1');
    const read = async (): Promise<Map<string, string>> => {
      const found = new Map<string, string>();
      for await (const entry of crawler.readAll(() => false))
        if (entry.kind === 'file') found.set(entry.file.path, entry.file.text);
        else found.set(entry.path, `skipped: ${inEnglish(entry.reason)}`);
      return found;
    };
    assert.deepEqual(crawler.unsavedPaths(), ['context_map/typed.ts']);
    assert.equal(crawler.recentPaths()[0], 'context_map/typed.ts');
    const before = await read();
    assert.equal(before.get('context_map/typed.ts'), 'typed');
    assert.equal(before.get('context_map/left.ts'), 'left');
    assert.equal(before.get('context_map/.env'), 'skipped: may hold secrets');
    await choices.choose('context_map/left.ts', 'leftOut');
    await choices.choose('context_map/.env', 'allowed');
    const after = await read();
    assert.equal(after.get('context_map/left.ts'), 'skipped: you have left it out');
    assert.equal(after.get('context_map/.env'), 'KEY=1');
    await commands.executeCommand('workbench.action.files.revert');
  });

  test('the view of the context can be shown, and its choices are commands', async () => {
    await commands.executeCommand('hearth.files.focus');
    const known = await commands.getCommands(true);
    for (const id of ['pinFile', 'leaveFileOut', 'allowFile', 'undoFileChoice'])
      assert.ok(known.includes(`hearth.${id}`), id);
  });
});
