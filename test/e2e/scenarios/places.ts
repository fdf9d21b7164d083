// The chat in other places than the side bar: a tab of the editor, which a reload of the window brings back, and a window of its own.
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { Panel } from '../panel.ts';
import type { Stage } from '../stage.ts';
import { limitsMs, until } from '../waiting.ts';
import { question } from './chat.ts';

/** The frames of tabs; those of views say what they are for. */
const tabFrame = 'iframe.webview.ready:not([src*="purpose=webviewView"])';

export async function placesScenario({ panel, editor, shots, step }: Stage): Promise<void> {
  const { page } = editor;
  const tab = new Panel(page, tabFrame);
  const chatTab = (): Locator => page.locator('.tab', { hasText: 'Hearth' });

  await step('the chat opens in a tab of the editor, with the same conversation', async () => {
    await panel.open();
    await panel.newChat();
    assert.equal((await (await panel.ask(question)).end()).status, 'done');
    await editor.command('Hearth: Open Chat in Editor');
    await tab.shown();
    await until('the question', async () => (await tab.questions.count()) === 1, limitsMs.editor);
    await editor.picture(`${shots}/chat_tab.png`);
  });
  await step('a reload of the window brings the tab back, with its conversation and its draft', async () => {
    await tab.type('half a question');
    const reloaded = page.waitForEvent('load', { timeout: limitsMs.editor });
    await editor.command('Developer: Reload Window');
    await reloaded;
    await editor.shown();
    await tab.shown();
    assert.equal(await chatTab().count(), 1);
    await until('the question', async () => (await tab.questions.count()) === 1, limitsMs.editor);
    await tab.inputIs('half a question');
    const answer = await tab.ask(question);
    assert.equal((await answer.end()).status, 'done');
  });
  await step('the tab moves into a window of its own and works there', async () => {
    const opened = page.waitForEvent('popup', { timeout: limitsMs.editor });
    await editor.command('Hearth: Move Chat into New Window');
    const window = await opened;
    const moved = new Panel(window);
    await moved.shown();
    await until('both questions', async () => (await moved.questions.count()) === 2, limitsMs.editor);
    assert.equal(await chatTab().count(), 0);
    const answer = await moved.ask(question);
    assert.equal((await answer.end()).status, 'done');
    await window.screenshot({ path: `${shots}/chat_window.png` });
    await window.keyboard.press('Control+F4');
    await until('the window to close', () => window.isClosed(), limitsMs.editor);
    await panel.open();
    await until('all questions', async () => (await panel.questions.count()) === 3, limitsMs.editor);
  });
}
