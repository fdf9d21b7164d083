// The chat by keyboard alone, where the editor takes part: opening it, and coming back from its lists, boxes and dialogs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeParrot } from '../../support/parrot_model.ts';
import { answerTokensMax, type Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';

const says = [
  'Run this:\n\n```bash\n',
  '$ echo never',
  '\n```\n',
  '\nAnd:\n\n```ts src/never.ts\n',
  'let a;\n```\n',
];

export async function keyboardScenario({
  panel,
  editor,
  directory,
  folder,
  shots,
  step,
  set,
}: Stage): Promise<void> {
  const { page } = editor;
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const closeSideBar = async (): Promise<void> => {
    await editor.command('View: Close Primary Side Bar');
    await page.locator('.part.sidebar').waitFor({ state: 'hidden', timeout: limitsMs.editor });
  };
  /** Looks into all frames: the picture of the walkthrough is in a page of its own. */
  const isInInput = async (): Promise<boolean> => {
    for (const frame of page.frames()) {
      const found = await frame
        .evaluate(() => document.hasFocus() && document.activeElement?.tagName === 'VSCODE-TEXT-AREA')
        .catch(() => false);
      if (found) return true;
    }
    return false;
  };
  const rows = page.locator('.quick-input-list .monaco-list-row');
  const button = (name: string) => panel.frame.getByRole('button', { name }).last();

  await step('the palette and the walkthrough open the chat with the cursor in its input', async () => {
    await panel.open();
    await closeSideBar();
    await editor.command('Hearth: Open Chat');
    await panel.focusIs('Ask Hearth');
    await closeSideBar();
    await editor.command('Hearth: Open Walkthrough');
    const first = page.locator('[data-step-id$="#start#open"]').first();
    await first.locator('h3').click({ timeout: limitsMs.editor });
    await first.getByRole('button', { name: 'Open Chat' }).press('Enter');
    await until('the cursor in the input', isInInput, limitsMs.editor);
    await editor.command('View: Close All Editors');
    await editor.command('Hearth: Start the Model');
    await panel.engineReaches('ready');
  });
  await step('the list of conversations is left with Escape, and the cursor is where it was', async () => {
    const path = writeParrot(join(directory, 'keys.gguf'), { script: says });
    set({ 'hearth.model.path': path, 'hearth.chat.maxTokens': null });
    await panel.runs('keys');
    await panel.newChat();
    assert.equal((await (await panel.ask('Which keys?')).end()).status, 'done');
    await panel.chord('h');
    await rows.filter({ hasText: 'Which keys?' }).first().waitFor({ timeout: limitsMs.editor });
    await press('Escape');
    await panel.focusIs('Ask Hearth');
  });
  await step('what is not done after all leaves the focus on its button', async () => {
    await button('Run in terminal').press('Enter');
    await page.locator('.monaco-dialog-box').waitFor({ timeout: limitsMs.editor });
    await press('Escape');
    await panel.focusIs('Run in terminal');
    await button('New file').press('Enter');
    const box = page.locator('.quick-input-widget input.input');
    await until('the path', async () => (await box.inputValue()) === 'src/never.ts', limitsMs.editor);
    await editor.picture(`${shots}/new_file.png`);
    await press('Escape');
    await panel.focusIs('New file');
    assert.ok(!existsSync(join(folder, 'src', 'never.ts')));
  });
  await step('an answer is edited, and the conversation goes on from it', async () => {
    await button('Edit answer').press('Enter');
    await panel.focusIs('Answer');
    await press('Control+End');
    await page.keyboard.type(' Or **not**.');
    await press('Control+Enter');
    await panel.focusIs('Ask Hearth');
    await panel.frame.getByText('Edited by you').waitFor({ timeout: limitsMs.editor });
    assert.match(await panel.answers.last().innerText(), /Or not\./);
    assert.equal((await (await panel.ask('Sure?')).end()).status, 'done');
    assert.equal(await panel.answers.count(), 2);
    await editor.picture(`${shots}/edited_answer.png`);
  });
  await step('a conversation that was deleted is brought back from the list', async () => {
    const isThere = async (): Promise<boolean> =>
      (await rows.filter({ hasText: 'Which keys?' }).filter({ hasNotText: 'Undo' }).count()) === 1;
    await panel.chord('h');
    await until('the conversation', isThere, limitsMs.editor);
    // The list, its first row's first button, and from there to the last.
    await press('Tab', 'Tab', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter');
    const undo = rows.filter({ hasText: 'Undo' });
    await undo.waitFor({ timeout: limitsMs.editor });
    await editor.picture(`${shots}/undo_delete.png`);
    assert.equal(await isThere(), false);
    await press('Enter');
    await until('the conversation', isThere, limitsMs.editor);
    await press('Escape');
    await panel.focusIs('Ask Hearth');
    await editor.command('Notifications: Clear All Notifications');
  });
  await step('without an open file "Add to Chat" offers those of the workspace', async () => {
    await editor.command('View: Close All Editors');
    await editor.command('Hearth: Add to Chat');
    await panel.suggestions.filter({ hasText: 'src/order.ts' }).first().waitFor({ timeout: limitsMs.editor });
    await panel.focusIs('Ask Hearth');
    await press('Escape');
    await panel.type('');
  });
  await step('the embedded model is back after the keys', async () => {
    set({ 'hearth.model.path': '', 'hearth.chat.maxTokens': answerTokensMax });
    await panel.runs('Hearth tiny');
  });
}
