// A cut answer offers to go on: below the last answer only, by mouse and keyboard, with what ended it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import type { Turn } from '../../webview/protocol.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});
const show = (...turns: Turn[]) => panel.send({ type: 'snapshot', state: panelState({ turns }) });
const button = (name: string) => panel.page.getByRole('button', { name, exact: true });
const cut = answer({ text: 'One two', cut: 'length', goOn: 'continue' });

test('an answer that was cut goes on with one key, and what comes is the same text', async () => {
  await show(question(), cut);
  expect(await panel.page.getByTestId('note').innerText()).toBe('The answer was cut at the length limit.');
  await panel.screenshot('go-on-continue');
  await button('Continue').focus();
  await panel.page.keyboard.press('Enter');
  expect(await panel.postedOf('goOn')).toEqual([{ type: 'goOn', turnId: 'a1' }]);
  await panel.send(
    { type: 'turn', turn: answer({ text: 'One two', status: 'streaming' }) },
    { type: 'busy', busy: true },
    { type: 'delta', turnId: 'a1', text: ' three.' },
  );
  expect(await panel.page.locator('.answer').innerText()).toBe('One two three.');
  expect(await button('Continue').isVisible()).toBe(false);
});

test('an answer that was stopped for repeating itself goes on anyway', async () => {
  await show(question(), answer({ text: 'ha ha', cut: 'repetition', goOn: 'anyway' }));
  expect(await panel.page.getByTestId('note').innerText()).toBe(
    'The model repeated itself, so the answer was stopped.',
  );
  await panel.screenshot('go-on-anyway');
  await button('Go On Anyway').click();
  expect(await panel.postedOf('goOn')).toEqual([{ type: 'goOn', turnId: 'a1' }]);
  expect(await button('Continue').isVisible()).toBe(false);
});

test('only the last answer offers it, and a whole one does not', async () => {
  await show(question(), cut, question({ id: 'q2' }), answer({ id: 'a2', text: 'Yes.' }));
  expect(await button('Continue').isVisible()).toBe(false);
});
