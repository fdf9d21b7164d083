// Prompt files and rules in a real folder, found, read and watched by the editor.
import assert from 'node:assert/strict';
import { ConfigurationTarget, Uri, window, workspace } from 'vscode';
import type { Expanded } from '../../extension/prompts/expanded.ts';
import { hearth, until, type HearthApi } from './hearth.ts';

suite('prompt files and rules', () => {
  const folder = (): Uri => workspace.workspaceFolders![0]!.uri;
  const at = (path: string): Uri => Uri.joinPath(folder(), ...path.split('/'));
  const put = (path: string, text: string): Thenable<void> =>
    workspace.fs.writeFile(at(path), Buffer.from(text));
  const chat = () => workspace.getConfiguration('chat');
  let api: HearthApi;
  const expand = async (typed: string): Promise<Expanded> => {
    const expanded = await api.slash.expand(typed);
    assert.ok(expanded);
    return expanded;
  };
  const listed = (name: string) => api.slash.view.commands.find(command => command.name === name);

  suiteSetup(async () => {
    api = await hearth().activate();
    // The folder is looked into before there is anything in it.
    api.slash.refresh();
    await until('the user’s own prompt', () => listed('my-own'));
    await put(
      '.github/prompts/greet.prompt.md',
      '---\ndescription: Greet\nargument-hint: whom\n---\nGreet ${input:whom} by [rules](../../src/order.ts).\n',
    );
    await put('AGENTS.md', 'Be short.\n');
    await put('src/AGENTS.md', 'In src be shorter.\n');
    await put('.github/copilot-instructions.md', 'Use cents.\n');
    await put('.github/instructions/more/ts.instructions.md', '---\napplyTo: **/*.ts\n---\nNo any.\n');
    await until('the prompt file', () => listed('greet'));
  });
  suiteTeardown(async () => {
    for (const path of ['.github', 'AGENTS.md', 'src/AGENTS.md'])
      await workspace.fs.delete(at(path), { recursive: true });
    await chat().update('promptFilesLocations', undefined, ConfigurationTarget.Workspace);
  });

  test('a prompt file is listed, and becomes its text with what it links to', async () => {
    assert.deepEqual(listed('greet'), {
      name: 'greet',
      description: 'Greet',
      hint: 'whom',
      source: 'promptFile',
    });
    const { shown, parts, notes } = await expand('/greet the user');
    assert.equal(shown, '/greet the user');
    const [words, linked] = parts;
    assert.ok(words?.type === 'text' && linked?.type === 'attachment');
    assert.equal(words.text, 'Greet the user by [rules](../../src/order.ts).');
    assert.equal(linked.name, 'src/order.ts');
    assert.match(linked.text, /export function orderTotal/);
    assert.deepEqual(notes, []);
  });

  /**
   * Saves the file. While nothing is seen of it, what comes to the chat looks again: the editor's watcher may have missed that there are
   * new folders in one another.
   */
  async function putUntil<T>(what: string, text: string, look: () => T | undefined): Promise<void> {
    await put('.github/prompts/later.prompt.md', text);
    await until(what, () => {
      api.slash.lookAgain();
      return look();
    });
  }

  test('files that come, change and go are followed', async () => {
    await putUntil('the new file', 'One.', () => listed('later'));
    await putUntil('the change', '---\ndescription: Two\n---\nTwo.', () =>
      listed('later')?.description === 'Two' ? true : undefined,
    );
    await workspace.fs.delete(at('.github/prompts/later.prompt.md'));
    await until('its end', () => {
      api.slash.lookAgain();
      return listed('later') ? undefined : true;
    });
  });

  test('places that the editor’s chat is told of are read as well', async () => {
    await put('.github/elsewhere/other.prompt.md', 'Other.');
    await chat().update('promptFilesLocations', { '.github/elsewhere': true }, ConfigurationTarget.Workspace);
    await until('the other place', () => listed('other'));
    assert.ok(listed('greet'));
  });

  test('the user’s own prompts are read in every folder', () => {
    assert.equal(listed('my-own')?.description, 'Mine everywhere');
  });

  test('rules go with a question: those of the folder always, others by the file at hand', async () => {
    await window.showTextDocument(await workspace.openTextDocument(at('README.md')));
    const plain = await expand('Hi');
    assert.deepEqual(plain.rules.map(({ path }) => path).sort(), [
      '.github/copilot-instructions.md',
      'AGENTS.md',
    ]);
    assert.match(plain.instructions ?? '', /Be short\.[^]*Use cents\.|Use cents\.[^]*Be short\./);

    await window.showTextDocument(await workspace.openTextDocument(at('src/order.ts')));
    assert.match((await expand('Hi')).instructions ?? '', /No any\./);
    assert.doesNotMatch((await expand('Hi')).instructions ?? '', /be shorter/);
  });

  test('settings turn rules off, and on for folders inside', async () => {
    await window.showTextDocument(await workspace.openTextDocument(at('src/order.ts')));
    const hearthSettings = workspace.getConfiguration('hearth');
    try {
      await chat().update('useNestedAgentsMdFiles', true, ConfigurationTarget.Global);
      assert.match((await expand('Hi')).instructions ?? '', /be shorter/);
      await chat().update('useAgentsMdFile', false, ConfigurationTarget.Global);
      assert.doesNotMatch((await expand('Hi')).instructions ?? '', /short/);
      await hearthSettings.update('chat.useInstructionFiles', false, ConfigurationTarget.Global);
      assert.equal((await expand('Hi')).instructions, undefined);
    } finally {
      await chat().update('useNestedAgentsMdFiles', undefined, ConfigurationTarget.Global);
      await chat().update('useAgentsMdFile', undefined, ConfigurationTarget.Global);
      await hearthSettings.update('chat.useInstructionFiles', undefined, ConfigurationTarget.Global);
    }
  });
});
