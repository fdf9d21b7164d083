// Edits in place, with a model that says what the test wants.
import assert from 'node:assert/strict';
import { commands, Position, window, type TextEditor } from 'vscode';
import type { ChatSendResult } from '../../engine/protocol/chat.ts';
import { InlineEdit } from '../../extension/edit/inline_edit.ts';
import { Reviews } from '../../extension/edit/reviews.ts';
import { closeAll, select, shown, textOf } from './edit_files.ts';
import { until } from './hearth.ts';

const original = 'class A {\n  one() {\n    return 1;\n  }\n\n  two() {\n    return 2;\n  }\n}\n';

/** A model whose answer the test gives piece by piece. */
class Model {
  prompts: string[] = [];
  #hear: ((text: string) => void) | undefined;
  #end: ((result: ChatSendResult) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #text = '';

  readonly engine = {
    whenReady: () =>
      Promise.resolve({
        client: {
          chatSend: (
            params: { messages: { content: string }[] },
            onDelta: (delta: { kind: 'text'; text: string }) => void,
          ): Promise<ChatSendResult> => {
            this.prompts.push(params.messages[0]?.content ?? '');
            this.#text = '';
            this.#hear = text => onDelta({ kind: 'text', text });
            return new Promise((resolve, reject) => {
              this.#end = resolve;
              this.#fail = reject;
            });
          },
        },
      }),
  };

  async says(text: string): Promise<void> {
    await until('the question', () => this.#hear);
    this.#text += text;
    this.#hear?.(text);
  }

  ends(finishReason: ChatSendResult['finishReason'] = 'stop'): void {
    this.#hear = undefined;
    this.#end?.({ text: this.#text, finishReason } as ChatSendResult);
  }

  fails(error: Error): void {
    this.#hear = undefined;
    this.#fail?.(error);
  }
}

suite('edit in place', () => {
  let reviews: Reviews;
  let model: Model;
  let inline: InlineEdit;
  let instruction: string | undefined;
  let errors: string[];
  /** What the user does in the editor while the box is open. */
  let beforeAnswer: () => PromiseLike<unknown>;
  setup(() => {
    reviews = new Reviews();
    model = new Model();
    instruction = 'return words';
    errors = [];
    beforeAnswer = () => Promise.resolve();
    inline = new InlineEdit({
      engine: model.engine,
      reviews,
      sampling: () => ({}),
      ask: async () => {
        await beforeAnswer();
        return instruction;
      },
      showError: error => errors.push(String(error)),
    });
  });
  teardown(async () => {
    inline.dispose();
    reviews.dispose();
    await closeAll();
  });

  const begun = async (name: string): Promise<{ editor: TextEditor; run: Promise<void> }> => {
    const editor = await shown(name, original);
    select(editor, 1, 2, new Position(4, 0));
    const run = inline.start(editor);
    await until('the question', () => (model.prompts.length > 0 ? true : undefined));
    return { editor, run };
  };
  const becomes = (editor: TextEditor, text: string): Promise<true> =>
    until(
      `the text ${JSON.stringify(text)}, not ${JSON.stringify(textOf(editor))}`,
      () => (textOf(editor) === text ? true : undefined),
      10_000,
    );
  const changed = original.replace('return 1;', "return 'one';");

  test('grows where it is, is reviewed, and one undo takes all of it back', async () => {
    const { editor, run } = await begun('inline_grows.ts');
    assert.ok(model.prompts[0]?.includes('  one() {\n    return 1;\n  }'));
    assert.ok(model.prompts[0]?.includes('What is to be done: return words'));
    await model.says("```ts\none() {\n  return 'one';\n");
    await becomes(editor, changed);
    await model.says('}\n```');
    model.ends();
    await run;
    assert.equal(textOf(editor), changed);
    assert.equal(reviews.hunks(editor.document).length, 1);
    await commands.executeCommand('undo');
    await becomes(editor, original);
    assert.equal(reviews.hunks(editor.document).length, 0);
  });

  test('can be rejected, or accepted', async () => {
    const { editor, run } = await begun('inline_reject.ts');
    await model.says("```ts\none() {\n  return 'one';\n}\n```");
    model.ends();
    await run;
    await reviews.rejectAll();
    assert.equal(textOf(editor), original);
  });

  test('stopped while it is written, it leaves the file as it was', async () => {
    const { editor, run } = await begun('inline_stop.ts');
    await model.says("```ts\nuno() {\n  return 'one';\n");
    await until('a first piece', () => (textOf(editor) === original ? undefined : true), 10_000);
    inline.stop();
    await run;
    assert.equal(textOf(editor), original);
    assert.equal(reviews.hunks(editor.document).length, 0);
    assert.deepEqual(errors, []);
  });

  test('that fails leaves the file as it was, and says why', async () => {
    const { editor, run } = await begun('inline_fail.ts');
    await model.says("```ts\nuno() {\n  return 'one';\n");
    await until('a first piece', () => (textOf(editor) === original ? undefined : true), 10_000);
    model.fails(new Error('the engine fell over'));
    await assert.rejects(run, /the engine fell over/);
    assert.equal(textOf(editor), original);
  });

  test('of an answer without code changes nothing', async () => {
    const { editor, run } = await begun('inline_no_code.ts');
    model.ends();
    await assert.rejects(run, /without code/);
    assert.equal(textOf(editor), original);
  });

  test('says so when the answer was cut', async () => {
    const { run } = await begun('inline_cut.ts');
    await model.says("```ts\none() {\n  return 'one';\n");
    model.ends('length');
    await run;
    assert.match(errors.join(), /stopped before the end/);
  });

  test('can be asked for again, and in other words', async () => {
    const { editor, run } = await begun('inline_retry.ts');
    await model.says("```ts\none() {\n  return 'one';\n}\n```");
    model.ends();
    await run;
    const again = inline.retry(editor.document.uri.toString());
    await until('the second question', () => model.prompts[1]);
    assert.equal(model.prompts[1], model.prompts[0]);
    await model.says("```ts\none() {\n  return 'uno';\n}\n```");
    model.ends();
    await again;
    assert.equal(textOf(editor), original.replace('return 1;', "return 'uno';"));
    instruction = 'in German';
    const other = inline.change(editor.document.uri.toString());
    await until('the third question', () => model.prompts[2]);
    assert.ok(model.prompts[2]?.includes('What is to be done: in German'));
    await model.says("```ts\none() {\n  return 'eins';\n}\n```");
    model.ends();
    await other;
    assert.equal(textOf(editor), original.replace('return 1;', "return 'eins';"));
    await reviews.rejectAll();
    assert.equal(textOf(editor), original);
  });

  test('goes on beside what the user types elsewhere, and stops where the user types in it', async () => {
    const { editor, run } = await begun('inline_typed.ts');
    await editor.edit(edit => edit.insert(new Position(0, 0), '// mine\n'));
    await model.says("```ts\none() {\n  return 'one';\n");
    await becomes(editor, `// mine\n${changed}`);
    await editor.edit(edit => edit.insert(new Position(3, 0), '    mine();\n'));
    await model.says('  more();\n}\n```');
    await assert.rejects(run, /was changed where Hearth was editing/);
    assert.equal(window.activeTextEditor?.document, editor.document);
    await reviews.rejectAll();
    assert.equal(
      textOf(editor),
      `// mine\n${original}`.replace('    return 1;', '    mine();\n    return 1;'),
    );
  });

  test('finds its lines where they are when the box is closed, or gives up', async () => {
    const editor = await shown('inline_moved.ts', original);
    select(editor, 1, 0, new Position(4, 0));
    beforeAnswer = () => editor.edit(edit => edit.insert(new Position(0, 0), '// mine\n'));
    const run = inline.start(editor);
    await model.says("```ts\none() {\n  return 'one';\n}\n```");
    model.ends();
    await run;
    assert.equal(textOf(editor), `// mine\n${changed}`);
    select(editor, 6, 0, new Position(9, 0));
    beforeAnswer = () => editor.edit(edit => edit.insert(new Position(7, 0), '    mine();\n'));
    await assert.rejects(inline.start(editor), /no longer there/);
  });

  test('writes new code at an empty line, and gives up when nothing is asked', async () => {
    const editor = await shown('inline_new.ts', 'class A {\n  one() {}\n\n}\n');
    select(editor, 2, 0);
    const run = inline.start(editor);
    await model.says('```ts\ntwo() {\n  return 2;\n}\n```');
    model.ends();
    await run;
    assert.equal(textOf(editor), 'class A {\n  one() {}\n  two() {\n    return 2;\n  }\n}\n');
    instruction = undefined;
    await inline.start(editor);
    assert.equal(model.prompts.length, 1);
  });
});
