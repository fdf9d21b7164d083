// Asking in the panel: the answer streams in and is the engine's own; a new chat; a stopped answer; earlier conversations and branches.
import assert from 'node:assert/strict';
import { answerTokensMax, brief, endless, type Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

export const question = 'Write a function that adds two numbers.';

export async function chatScenario({ panel, editor, extension, shots, step, set }: Stage): Promise<void> {
  await step('the package was unpacked with a Node.js that may be executed', async () => {
    assert.ok(extension.nodeIsExecutable, extension.nodePath);
  });
  await step('the panel opens', () => panel.open());
  await step('a question is answered with what the engine says on its own command line', async () => {
    await panel.setUseWorkspace(false);
    const answer = await panel.ask(question);
    const { status } = await answer.end();
    assert.equal(status, 'done', await answer.turn.innerText());
    assert.equal(
      (await answer.copiedText()).trim(),
      (await extension.generate(question, answerTokensMax)).trim(),
    );
  });
  await step('one engine runs, and the panel tells its model, speed and context', async () => {
    assert.equal(extension.enginePids().length, 1);
    assert.equal(await panel.engineState(), 'ready');
    assert.match(await panel.answers.last().getByTestId('stats').innerText(), /\d/);
    assert.match(await panel.contextMeter.innerText(), /\d+ \/ \d/);
    await editor.picture(`${shots}/chat.png`);
  });
  await step(
    'a command is picked from the list; one that there is not comes back, and an error names the others',
    async () => {
      await panel.type('/expl');
      await panel.suggestions.first().waitFor();
      await panel.press('Tab');
      await panel.inputIs('/explain ');
      const before = await panel.questions.count();
      await panel.type('/nothing-of-this-name');
      await panel.press('Enter');
      const told = await editor.notification('There is no command "/nothing-of-this-name"');
      assert.match(told, /\/explain, \/fix/);
      await panel.inputIs('/nothing-of-this-name');
      assert.equal(await panel.questions.count(), before);
      await editor.command('Notifications: Clear All Notifications');
      await panel.type('');
    },
  );
  await step('a file is named with @ and goes with the question', async () => {
    await panel.newChat();
    const chips = panel.frame.locator('.composer .chip', { hasText: 'order.ts' });
    await panel.type('@file:src/order');
    await panel.suggestions.filter({ hasText: 'src/order.ts' }).first().waitFor({ timeout: limitsMs.editor });
    await panel.press('Enter');
    await chips.waitFor({ timeout: limitsMs.editor });
    await panel.inputIs('');
    await editor.picture(`${shots}/attached.png`);
    const answer = await panel.ask('What does it do?');
    assert.equal((await answer.end()).status, 'done');
    assert.match(await panel.questions.last().locator('.chip').innerText(), /order\.ts/);
    assert.equal(await chips.count(), 0);
  });
  await step('an answer comes word by word, is stopped and its text kept', async () => {
    set(endless);
    await panel.newChat();
    const answer = await panel.ask('List the numbers from 1 to 500 and write a file for each of them.');
    await answer.firstWords();
    for (let times = 0; times < 3; times++) await answer.moreWords();
    await panel.stop();
    const { status } = await answer.end();
    assert.equal(status, 'stopped', await answer.turn.innerText());
    assert.notEqual((await answer.shownText()).trim(), '');
    set(brief);
  });
  await step('a conversation is found again by words of it, after a new chat and a rename', async () => {
    await panel.newChat();
    const list = editor.page.locator('.quick-input-list .monaco-list-row');
    const search = async (words: string): Promise<void> => {
      await editor.page.locator('.quick-input-widget input.input').fill(words);
      await list.first().waitFor({ timeout: limitsMs.editor });
      await until('one row', async () => (await list.count()) === 1, limitsMs.editor);
    };
    await panel.frame.getByRole('button', { name: 'Conversations' }).click();
    await search('numbers from 1 to 500');
    await list.first().hover();
    await list.first().getByRole('button', { name: 'Rename' }).click();
    const name = editor.page.locator('.quick-input-widget input.input');
    await until(
      'the box for the name',
      async () => (await name.inputValue()).startsWith('List the numbers'),
      limitsMs.editor,
    );
    await name.fill('Counting');
    await name.press('Enter');
    await list.filter({ hasText: 'Counting' }).first().waitFor({ timeout: limitsMs.editor });
    await search('write a file for each');
    await editor.picture(`${shots}/conversations.png`);
    await list.first().click();
    await panel.frame.getByText('List the numbers from 1 to 500').waitFor({ timeout: limitsMs.editor });
    assert.equal(await panel.answers.last().getAttribute('data-status'), 'stopped');
  });
  await step(
    'an edited question begins a branch, and the two are compared without a file to save',
    async () => {
      await panel.frame.getByRole('button', { name: 'Edit question' }).click();
      const box = panel.frame.getByRole('textbox', { name: 'Question', exact: true });
      await box.fill(question);
      await panel.frame.getByRole('button', { name: 'Ask this instead' }).click();
      const branch = panel.frame.getByTestId('branch').filter({ visible: true });
      await until('two branches', async () => (await branch.first().innerText()).includes('2 of 2'));
      await until(
        'the end of the answer',
        async () => (await panel.answers.last().getAttribute('data-status')) === 'done',
      );
      await panel.frame.getByRole('button', { name: 'Compare with the other branch' }).first().click();
      await editor.activeTab('Other branch ↔ Shown branch');
      const [other, shown] = ['original', 'modified'].map(side =>
        editor.page.locator(`.monaco-diff-editor .editor.${side} .view-lines`),
      );
      await other?.getByText('500').first().waitFor({ timeout: limitsMs.editor });
      await shown?.getByText('function that').first().waitFor({ timeout: limitsMs.editor });
      assert.equal(await editor.page.locator('.tab.active.dirty').count(), 0);
      await editor.picture(`${shots}/branches.png`);
      await editor.page.keyboard.press('Control+F4');
      await panel.frame.getByRole('button', { name: 'Previous branch' }).first().click();
      await panel.frame.getByText('List the numbers from 1 to 500').waitFor({ timeout: limitsMs.editor });
    },
  );
  await step('after a stop the next question is answered as if nothing had been', async () => {
    await panel.newChat();
    const answer = await panel.ask(question);
    assert.equal((await answer.end()).status, 'done');
    assert.equal(
      (await answer.copiedText()).trim(),
      (await extension.generate(question, answerTokensMax)).trim(),
    );
  });
}
