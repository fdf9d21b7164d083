// Thinking and its effort beside the input: only where the model has them, by mouse and keyboard.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { panelState } from '../support/panel_states.ts';

let panel: PanelPage;
beforeEach(async () => {
  panel = await openPanel();
});
afterEach(async () => {
  await panel.close();
});
const box = () => panel.page.getByRole('checkbox', { name: 'Think first' });
const list = () => panel.page.getByRole('combobox', { name: 'Effort of thinking' });
const thinking = { canSwitch: true, think: true, efforts: ['low', 'high'], effort: 'high' };

test('a model that leaves no choice shows none', async () => {
  await panel.send({ type: 'snapshot', state: panelState() });
  expect([await box().isVisible(), await list().isVisible()]).toEqual([false, false]);
  await panel.send({ type: 'thinkingChoice', thinking: { ...thinking, efforts: [] } });
  expect([await box().isVisible(), await list().isVisible()]).toEqual([true, false]);
});

test('both are chosen by keyboard, and follow what the host says', async () => {
  await panel.send({ type: 'snapshot', state: panelState({ thinking }) });
  await panel.screenshot('thinking-switch');
  expect(await list().inputValue()).toBe('high');
  await list().focus();
  await panel.page.keyboard.press('ArrowUp');
  await box().focus();
  await panel.page.keyboard.press('Space');
  expect(await panel.postedOf('chooseThinking')).toEqual([
    { type: 'chooseThinking', effort: 'low' },
    { type: 'chooseThinking', think: false },
  ]);
  await panel.send({ type: 'thinkingChoice', thinking: { ...thinking, think: false, effort: 'low' } });
  expect(await box().getAttribute('aria-checked')).toBe('false');
  expect(await list().isDisabled()).toBe(true);
  // What the host says is no choice of the user's.
  expect(await panel.postedOf('chooseThinking')).toHaveLength(2);
});
