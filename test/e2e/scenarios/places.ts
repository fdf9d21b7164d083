// The chat in other places than the side bar: a tab of the editor, which a reload of the window brings back, and a window of its own.
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { Panel } from '../panel.ts';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';
import { question } from './chat.ts';

/** The frame of the tab that is in front, while the side bar is closed. */
const tabFrame = 'iframe.webview.ready:visible';

export async function placesScenario({ panel, editor, shots, step }: Stage): Promise<void> {
  const { page } = editor;
  const tab = new Panel(page, tabFrame);
  const chatTab = (): Locator => page.locator('.tab', { hasText: 'Hearth' });

  await step('the chat opens in a tab of the editor, with the same conversation', async () => {
    await panel.open();
    await panel.newChat();
    assert.equal((await (await panel.ask(question)).end()).status, 'done');
    await editor.command('View: Close All Editors');
    await editor.command('View: Toggle Primary Side Bar Visibility');
    await editor.command('Hearth: Open Chat in Editor');
    await tab.shown();
    await until('the question', async () => (await tab.questions.count()) === 1, limitsMs.editor);
    await editor.picture(`${shots}/chat_tab.png`);
  });
  await step('a reload of the window brings the tab back, with its conversation and its draft', async () => {
    await tab.type('half a question');
    await Promise.all([
      page.waitForEvent('load', { timeout: limitsMs.editor }),
      editor.command('Developer: Reload Window'),
    ]);
    await editor.shown();
    await tab.shown();
    assert.equal(await chatTab().count(), 1);
    await until('the question', async () => (await tab.questions.count()) === 1, limitsMs.editor);
    await tab.inputIs('half a question');
    const answer = await tab.ask(question);
    assert.equal((await answer.end()).status, 'done');
  });
  await step('Ctrl+F looks in the conversation of the tab', async () => {
    await tab.press('Control+KeyF');
    const find = page.locator('.simple-find-part.visible');
    await find.waitFor({ timeout: limitsMs.editor });
    await editor.picture(`${shots}/find_in_chat.png`);
    await page.keyboard.press('Escape');
    await find.waitFor({ state: 'hidden', timeout: limitsMs.editor });
  });
  // In a browser without a screen the editor's new window comes without its styles, and the page in it without a height. So what is
  // asked for is what the page holds, not what can be seen, and keys are given to the box itself.
  await step(
    'the tab moves into a window of its own, with its conversation, which goes on there',
    async () => {
      const [window] = await Promise.all([
        page.waitForEvent('popup', { timeout: limitsMs.editor }),
        editor.command('Hearth: Move Chat into New Window'),
      ]);
      const moved = new Panel(window);
      await until('both questions', async () => (await moved.questions.count()) === 2, limitsMs.editor);
      assert.equal(await chatTab().count(), 0);
      await moved.frame
        .getByLabel('Ask Hearth')
        .first()
        .evaluate((box, text) => {
          (box as HTMLTextAreaElement).value = text;
          box.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
          box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true }));
        }, question);
      await until('the question in the window', async () => (await moved.questions.count()) === 3);
      await panel.open();
      await until('the question in the side bar', async () => (await panel.questions.count()) === 3);
      await until(
        'the end of the answer',
        async () => (await panel.answers.last().getAttribute('data-status')) === 'done',
      );
      await window.close();
      await until('all questions', async () => (await panel.questions.count()) === 3, limitsMs.editor);
    },
  );
}
