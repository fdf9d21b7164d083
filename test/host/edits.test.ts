// Code of answers in the user's files: inserted, applied with a review, made a file, run in a terminal.
import assert from 'node:assert/strict';
import { symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import {
  commands,
  FileType,
  Position,
  Range,
  window,
  workspace,
  WorkspaceEdit,
  Uri,
  type TextEditor,
} from 'vscode';
import { applyCode, type ApplyHost } from '../../extension/edit/apply.ts';
import { newFile, type NewFileHost } from '../../extension/edit/new_file.ts';
import type { Suggestion } from '../../extension/edit/suggestion.ts';
import { runInTerminal, type TerminalHost } from '../../extension/edit/terminal.ts';
import { closeAll, inFolder, isCrlf, lensesOf, select, shown, textOf } from './edit_files.ts';
import { hearth, until, type HearthApi } from './hearth.ts';

const original = `function one() {
  return 1;
}

function two() {
  return 2;
}

function three() {
  return 3;
}
`;
const suggested = `function one() {
  return 'one';
}

function three() {
  check();
  return 'three';
}`;
const applied = original
  .replace('return 1;', "return 'one';")
  .replace('  return 3;', "  check();\n  return 'three';");

suite('edits', () => {
  let code: HearthApi['code'];
  suiteSetup(async () => {
    ({ code } = await hearth().activate());
  });
  teardown(closeAll);

  const accept = () => commands.executeCommand('hearth.acceptChange');
  const reject = () => commands.executeCommand('hearth.rejectChange');
  const undo = () => commands.executeCommand('undo');
  const apply = async (name: string): Promise<TextEditor> => {
    const editor = await shown(name, original);
    await code.apply({ code: suggested, language: 'js', path: name });
    assert.equal(window.activeTextEditor?.document, editor.document);
    return editor;
  };
  const becomes = (editor: TextEditor, text: string): Promise<true> =>
    until(`the text ${JSON.stringify(text)}`, () => (textOf(editor) === text ? true : undefined), 10_000);

  suite('insert', () => {
    test('fits the place, and one undo takes it back', async () => {
      const editor = await shown('insert.ts', 'class A {\n\tfoo() {\n\t\t\n\t}\n}\n');
      editor.options = { insertSpaces: false, tabSize: 4 };
      select(editor, 2, 2);
      await code.insert({ code: 'if (a) {\n  b();\n}', language: 'ts' });
      assert.equal(textOf(editor), 'class A {\n\tfoo() {\n\t\tif (a) {\n\t\t\tb();\n\t\t}\n\t}\n}\n');
      await undo();
      await becomes(editor, 'class A {\n\tfoo() {\n\t\t\n\t}\n}\n');
    });

    test('keeps line ends of Windows', async () => {
      const editor = await shown('crlf.ts', '{\r\n  \r\n}\r\n');
      select(editor, 1, 2);
      await code.insert({ code: 'a();\nb();', language: 'ts' });
      assert.ok(isCrlf(editor.document));
      assert.equal(editor.document.getText(), '{\r\n  a();\r\n  b();\r\n}\r\n');
    });

    test('replaces a selection', async () => {
      const editor = await shown('selected.ts', 'const a = old(1);\n');
      select(editor, 0, 10, new Position(0, 16));
      await code.insert({ code: 'fresh()', language: 'ts' });
      assert.equal(textOf(editor), 'const a = fresh();\n');
    });
  });

  suite('apply', () => {
    test('writes all changes into the file the answer names, each with its lenses', async () => {
      const editor = await apply('apply_lenses.js');
      assert.equal(textOf(editor), applied);
      const lenses = await lensesOf(editor.document);
      assert.deepEqual(lenses.get(0), ['2 changes left', 'Accept All', 'Reject All', 'Show Diff']);
      assert.deepEqual(lenses.get(1), ['Accept', 'Reject']);
      assert.deepEqual(lenses.get(9), ['Accept', 'Reject']);
      assert.equal(editor.selection.active.line, 1);
    });

    test('lines that were removed without others in their place can be looked at', async () => {
      const editor = await shown('apply_removed.js', original);
      await code.apply({
        code: original.replace(/\nfunction two[\s\S]*?\n}\n/, ''),
        language: 'js',
        path: 'apply_removed.js',
      });
      const lenses = await lensesOf(editor.document);
      assert.deepEqual(lenses.get(4), ['Accept', 'Reject', 'Show 4 Removed Lines']);
      const before = await workspace.openTextDocument(
        Uri.from({
          scheme: 'hearth-before',
          path: editor.document.uri.path,
          query: editor.document.uri.toString(),
        }),
      );
      assert.equal(before.getText(), original);
      await commands.executeCommand('hearth.acceptAllChanges');
      await until(
        'the text before to be the new one',
        () => (before.getText() === textOf(editor) ? true : undefined),
        10_000,
      );
    });

    test('one undo takes the whole of it back, and ends the review', async () => {
      const editor = await apply('apply_undo.js');
      await accept();
      await undo();
      await becomes(editor, original);
      assert.equal((await lensesOf(editor.document)).size, 0);
      await commands.executeCommand('redo');
      await becomes(editor, applied);
      assert.deepEqual((await lensesOf(editor.document)).get(0), [
        '1 change left',
        'Accept All',
        'Reject All',
        'Show Diff',
      ]);
    });

    test('changes are accepted and rejected one by one', async () => {
      const editor = await apply('apply_one_by_one.js');
      await reject();
      await becomes(editor, original.replace('  return 3;', "  check();\n  return 'three';"));
      assert.equal(editor.selection.active.line, 9, 'the cursor goes on to the next change');
      await accept();
      assert.equal((await lensesOf(editor.document)).size, 0);
      await undo();
      await becomes(editor, applied);
      assert.deepEqual(
        [...(await lensesOf(editor.document)).keys()],
        [0, 1],
        'the rejected change is there again',
      );
    });

    test('all can be accepted, which writes nothing, or rejected, which gives the file back exactly', async () => {
      const editor = await apply('apply_all.js');
      const { version } = editor.document;
      await commands.executeCommand('hearth.acceptAllChanges');
      assert.equal(editor.document.version, version);
      assert.equal((await lensesOf(editor.document)).size, 0);

      const again = await shown('apply_none.js', original.replaceAll('\n', '\r\n').trimEnd());
      await code.apply({ code: suggested, language: 'js', path: 'apply_none.js' });
      assert.notEqual(again.document.getText(), original.replaceAll('\n', '\r\n').trimEnd());
      await commands.executeCommand('hearth.rejectAllChanges');
      assert.equal(again.document.getText(), original.replaceAll('\n', '\r\n').trimEnd());
    });

    test('the cursor moves from change to change', async () => {
      const editor = await apply('apply_move.js');
      const line = () => editor.selection.active.line;
      await commands.executeCommand('hearth.nextChange');
      assert.equal(line(), 9);
      await commands.executeCommand('hearth.nextChange');
      assert.equal(line(), 1);
      await commands.executeCommand('hearth.previousChange');
      assert.equal(line(), 9);
    });

    test('what the user types meanwhile is kept when all is rejected', async () => {
      const editor = await apply('apply_typed.js');
      await editor.edit(edit => edit.insert(new Position(0, 0), '// mine\n'));
      await editor.edit(edit => edit.insert(new Position(6, 0), '  // mine too\n'));
      assert.deepEqual([...(await lensesOf(editor.document)).keys()], [0, 2, 11]);
      await commands.executeCommand('hearth.rejectAllChanges');
      assert.equal(
        textOf(editor),
        `// mine\n${original}`.replace('  return 2;', '  // mine too\n  return 2;'),
      );
    });

    test('an unsaved file keeps what was not saved, and a closed one is opened', async () => {
      const editor = await shown('apply_dirty.js', original);
      await editor.edit(edit => edit.insert(new Position(0, 0), '// not saved\n'));
      await code.apply({ code: suggested, language: 'js', path: 'apply_dirty.js' });
      assert.equal(textOf(editor), `// not saved\n${applied}`);
      await workspace.fs.writeFile(inFolder('apply_closed.js'), Buffer.from(original));
      await code.apply({ code: `// apply_closed.js\n${suggested}`, language: 'js' });
      const opened = window.activeTextEditor;
      assert.ok(opened);
      assert.ok(opened.document.uri.path.endsWith('/apply_closed.js'));
      assert.equal(textOf(opened), applied);
    });

    test('a review goes on in a file that was closed and opened again, and in one that was renamed', async () => {
      const editor = await apply('apply_reopened.js');
      await editor.document.save();
      await commands.executeCommand('workbench.action.closeActiveEditor');
      const again = await window.showTextDocument(
        await workspace.openTextDocument(inFolder('apply_reopened.js')),
      );
      assert.ok((await lensesOf(again.document)).size > 0);
      await commands.executeCommand('hearth.rejectAllChanges');
      assert.equal(textOf(again), original);

      await (await apply('apply_old_name.js')).document.save();
      const edit = new WorkspaceEdit();
      edit.renameFile(inFolder('apply_old_name.js'), inFolder('apply_new_name.js'));
      assert.ok(await workspace.applyEdit(edit));
      const renamed = await window.showTextDocument(
        await workspace.openTextDocument(inFolder('apply_new_name.js')),
      );
      await until(
        'the lenses of the renamed file',
        async () => ((await lensesOf(renamed.document)).size > 0 ? true : undefined),
        10_000,
      );
      await commands.executeCommand('hearth.rejectAllChanges');
      assert.equal(textOf(renamed), original);
    });

    test('an untitled text is reviewed like a file', async () => {
      const document = await workspace.openTextDocument({ language: 'javascript', content: original });
      const editor = await window.showTextDocument(document);
      await code.apply({ code: suggested, language: 'js' });
      assert.equal(textOf(editor), applied);
      await commands.executeCommand('hearth.rejectAllChanges');
      assert.equal(textOf(editor), original);
    });

    test('a file that has the code already, and one that is no text, say so', async () => {
      await shown('apply_same.js', original);
      await assert.rejects(
        code.apply({ code: original, language: 'js', path: 'apply_same.js' }),
        /has this code already/,
      );
      await workspace.fs.writeFile(inFolder('binary.bin'), Buffer.from([0, 1, 2, 0, 255]));
      await assert.rejects(code.apply({ code: 'x', language: '', path: 'binary.bin' }), /cannot be/);
    });

    test('a file that is read-only is left alone, and the reason told', async () => {
      const bytes = Buffer.from(original);
      const nothing = (): never => assert.fail('a read-only file was written');
      const provider = workspace.registerFileSystemProvider(
        'hearth-read-only',
        {
          onDidChangeFile: () => ({ dispose: () => undefined }),
          watch: () => ({ dispose: () => undefined }),
          stat: () => ({ type: FileType.File, ctime: 0, mtime: 0, size: bytes.length }),
          readFile: () => bytes,
          readDirectory: () => [],
          createDirectory: nothing,
          writeFile: nothing,
          delete: nothing,
          rename: nothing,
        },
        { isReadonly: true },
      );
      try {
        const editor = await window.showTextDocument(Uri.parse('hearth-read-only:/fixed.js'));
        await assert.rejects(
          code.apply({ code: suggested, language: 'js' }),
          /cannot be changed: it is read-only/,
        );
        await assert.rejects(
          code.insert({ code: 'x', language: 'js' }),
          /cannot be changed: it is read-only/,
        );
        assert.equal(textOf(editor), original);
      } finally {
        await closeAll();
        provider.dispose();
      }
    });

    test('the user chooses between several places, and between several files', async () => {
      const asked: string[][] = [];
      const host = (index: number): ApplyHost => ({
        choose: (title, choices) => {
          asked.push([title, ...choices.map(({ label }) => label)]);
          return Promise.resolve(choices[index]?.value);
        },
        review: async (editor, lines) => {
          await editor.edit(edit => edit.replace(new Range(0, 0, 1_000, 0), lines.join('\n')));
        },
        newFile: () => assert.fail('no new file was asked for'),
      });
      const twice = 'class A {\n  run() {\n    a();\n  }\n}\n\nclass B {\n  run() {\n    b();\n  }\n}\n';
      const editor = await shown('twice.ts', twice);
      const suggestion = { code: 'run() {\n  c();\n}', language: 'ts', path: 'twice.ts' };
      assert.equal(await applyCode(suggestion, host(1)), true);
      assert.equal(textOf(editor), twice.replace('b();', 'c();'));
      assert.deepEqual(asked[0]?.slice(1), ['Line 2', 'Line 8']);
      assert.equal(await applyCode(suggestion, host(9)), false);
      assert.equal(textOf(editor), twice.replace('b();', 'c();'), 'giving up changes nothing');
    });
  });

  suite('a new file', () => {
    const host: NewFileHost = {
      askPath: path => Promise.resolve(path),
      review: () => assert.fail('there was no such file'),
    };
    /** Makes the file by the editor's own box, of which the user agrees to what it proposes. */
    const agreed = async (suggestion: Suggestion): Promise<void> => {
      let done = false;
      const made = code.newFile(suggestion).finally(() => (done = true));
      while (!done) {
        await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      assert.equal(await made, true);
    };

    test('has the path that the answer names once the user has agreed to it, and is open', async () => {
      const asked: string[] = [];
      const suggestion = { code: '// made/deep/fresh.ts\nexport const fresh = 1;', language: 'ts' };
      const refuse = (path: string): Promise<undefined> => (asked.push(path), Promise.resolve(undefined));
      assert.equal(await newFile(suggestion, { ...host, askPath: refuse }), false);
      assert.deepEqual(asked, ['made/deep/fresh.ts']);
      await assert.rejects(async () => workspace.fs.stat(inFolder('made/deep/fresh.ts')));
      await agreed(suggestion);
      const editor = window.activeTextEditor;
      assert.equal(editor?.document.uri.toString(), inFolder('made/deep/fresh.ts').toString());
      assert.equal(editor && textOf(editor), 'export const fresh = 1;\n');
      assert.equal((await workspace.fs.stat(inFolder('made/deep/fresh.ts'))).type, FileType.File);
    });

    test('never replaces a file without a review', async () => {
      const editor = await shown('there.js', original);
      await agreed({ code: suggested, language: 'js', path: 'there.js' });
      assert.equal(textOf(editor), `${suggested}\n`);
      await commands.executeCommand('hearth.rejectAllChanges');
      assert.equal(textOf(editor), original);
    });

    test('lies inside the workspace or nowhere', async () => {
      symlinkSync(tmpdir(), inFolder('link_out').fsPath);
      try {
        for (const path of [
          '../outside.ts',
          'a/../../outside.ts',
          '/etc/outside.ts',
          'link_out/outside.ts',
          '~/x.ts',
        ])
          await assert.rejects(
            newFile({ code: 'x', language: 'ts', path }, host),
            /outside the workspace/,
            path,
          );
      } finally {
        // A search of the folder would go through the link.
        unlinkSync(inFolder('link_out').fsPath);
      }
    });

    test('cannot be a folder', async () => {
      await workspace.fs.createDirectory(inFolder('folder.d'));
      await assert.rejects(
        newFile({ code: 'x', language: '', path: 'folder.d' }, host),
        /cannot be opened as text/,
      );
    });
  });

  suite('a command', () => {
    const fake = (change: Partial<TerminalHost> = {}) => {
      const sent: string[] = [];
      const questions: string[] = [];
      const host: TerminalHost = {
        isTrusted: () => true,
        confirm: ({ message, detail }) => {
          questions.push(`${message}\n${detail}`);
          return Promise.resolve(true);
        },
        send: command => sent.push(command),
        ...change,
      };
      return { host, sent, questions };
    };

    test('is shown whole before it runs, and runs only when the user agrees', async () => {
      const yes = fake();
      await runInTerminal('$ cd a\n$ rm -rf \u202e b\u001b[2K', 'bash', yes.host);
      assert.deepEqual(yes.questions, [
        'Run these 2 lines of the model in a terminal?\ncd a\nrm -rf \\u{202E} b␛[2K',
      ]);
      assert.deepEqual(yes.sent, ['cd a\nrm -rf \u202e b\u001b[2K']);
      const no = fake({ confirm: () => Promise.resolve(false) });
      await runInTerminal('ls', 'bash', no.host);
      assert.deepEqual(no.sent, []);
    });

    test('is refused where it must not or cannot run', async () => {
      const { host, sent, questions } = fake({ isTrusted: () => false });
      await assert.rejects(runInTerminal('ls', 'bash', host), /not trusted/);
      await assert.rejects(runInTerminal('print(1)', 'python', fake().host), /no shell command/);
      await assert.rejects(runInTerminal('\n', 'bash', fake().host), /no command/);
      await assert.rejects(runInTerminal('ls\n'.repeat(100), 'bash', fake().host), /too many to be shown/);
      assert.deepEqual([sent, questions], [[], []]);
    });
  });
});
