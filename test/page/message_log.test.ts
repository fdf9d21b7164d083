// The page and its log: a gap, a restart and a snapshot that never comes.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Numbered, ToPanel } from '../../webview/protocol.ts';
import { openPanel, type PanelPage } from '../support/page.ts';
import { answer, panelState, question } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => (panel = await openPanel()));
afterEach(() => panel.close());

const snapshot = (text: string): ToPanel => ({
  type: 'snapshot',
  state: panelState({ turns: [question(), answer({ text, status: 'streaming' })], busy: true }),
});
const delta = (text: string): ToPanel => ({ type: 'delta', turnId: 'a1', text });
async function deliver(...messages: [seq: number, message: ToPanel][]): Promise<void> {
  const numbered: Numbered[] = messages.map(([seq, message]) => ({ log: 'l', seq, message }));
  await panel.page.evaluate(all => all.forEach(one => window.record.deliverNumbered(one)), numbered);
  await panel.drawn();
}
const shown = (): Promise<string> => panel.page.locator('[data-turn=a1] .answer').innerText();

test('a message that came twice is shown once, and one that is missing is asked for', async () => {
  await deliver([1, snapshot('One')], [2, delta(' two')], [2, delta(' two')]);
  expect(await shown()).toBe('One two');
  await deliver([4, delta(' four')], [3, delta(' three')]);
  expect(await shown()).toBe('One two');
  expect(await panel.postedOf('ready')).toEqual([{ type: 'ready' }, { type: 'ready', log: 'l', seen: 2 }]);
  await deliver([5, snapshot('One two three four')], [6, delta(' five')]);
  expect(await shown()).toBe('One two three four five');
});

test('it asks again as long as nothing comes', async () => {
  await deliver([1, snapshot('One')], [3, delta(' three')]);
  await panel.page.waitForFunction(
    () => window.record.posted.filter(({ type }) => type === 'ready').length === 3,
  );
  await deliver([7, snapshot('One two three')]);
  expect(await shown()).toBe('One two three');
});

test('a page that is made anew says how far the one before it had come', async () => {
  await deliver([1, snapshot('One')], [2, { type: 'setInput', text: 'half', useWorkspace: false }]);
  await panel.page.reload();
  await panel.drawn();
  expect(await panel.postedOf('ready')).toEqual([{ type: 'ready', log: 'l', seen: 2 }]);
  await deliver([3, snapshot('One two')]);
  expect(await shown()).toBe('One two');
  expect(await panel.page.getByLabel('Ask Hearth').inputValue()).toBe('half');
});
