// Little room: the header is one line, and most of the panel is the answer.
import { afterEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { compilingEngine, fullConversation, panelState, readyEngine } from '../support/panel_states.ts';

let panel: PanelPage;
afterEach(() => panel.close());

const long = { ...readyEngine, software: true, modelName: 'Qwen3-Next 80B-A3B Instruct (UD-Q4_K_XL)' };
const heightOf = (selector: string): Promise<number> =>
  panel.page.locator(selector).evaluate(node => node.getBoundingClientRect().height);

// A window of 1440 by 900 at 200 % leaves 720 by 450; a side bar of 400 at 200 % leaves 200.
test.each([
  [200, 450],
  [360, 450],
  [720, 450],
])('at %i by %i pixels at least half is answer, and the header is one line', async (width, height) => {
  panel = await openPanel({ width, height });
  const state = panelState({ turns: fullConversation(), busy: true, useWorkspace: true, engine: long });
  await panel.send({ type: 'snapshot', state });
  await panel.screenshot(`narrow-${width}`);
  expect(await heightOf('.chat')).toBeGreaterThanOrEqual(height / 2);
  expect(await heightOf('.header')).toBeLessThanOrEqual(36);
});

test('a name that is too long ends with an ellipsis and leaves room for the buttons', async () => {
  panel = await openPanel({ width: 200 });
  await panel.send({ type: 'snapshot', state: panelState({ engine: long }) });
  const cut = await panel.page.locator('.engine .model').evaluate(node => {
    const inner = node.shadowRoot?.querySelector('.content');
    if (!inner) throw new Error('the link has no content');
    return { isCut: inner.scrollWidth > inner.clientWidth, ending: getComputedStyle(inner).textOverflow };
  });
  expect(cut).toEqual({ isCut: true, ending: 'ellipsis' });
  expect(await panel.page.getByRole('button', { name: 'New chat' }).isVisible()).toBe(true);
});

test.each(['loading', 'failed'] as const)(
  'while %s the name is the model’s and what goes on is told',
  async state => {
    panel = await openPanel({ width: 200, height: 450 });
    const engine = { ...compilingEngine, modelName: 'Qwen3.5 4B (Q4_K_M)', software: false, state };
    await panel.send({ type: 'snapshot', state: panelState({ engine, turns: fullConversation() }) });
    const text = await panel.page.getByTestId('engine').innerText();
    expect(text).toContain('Qwen3.5 4B (Q4_K_M)');
    expect(text).toContain(
      state === 'failed' ? 'Not running' : 'Preparing the GPU, only the first time: 12 of 60',
    );
    expect(await heightOf('.chat')).toBeGreaterThanOrEqual(450 / 2);
  },
);

test('the box grows with its text to a third of the panel, and then scrolls', async () => {
  panel = await openPanel({ width: 400, height: 900 });
  await panel.send({ type: 'snapshot', state: panelState({ turns: fullConversation() }) });
  const box = panel.page.getByLabel('Ask Hearth');
  await box.fill('one line');
  const small = await heightOf('.composer');
  await box.fill('many lines\n'.repeat(80));
  const large = await heightOf('.composer');
  expect(small).toBeLessThan(110);
  expect(large).toBeGreaterThan(250);
  expect(large).toBeLessThanOrEqual(300);
  expect(await box.evaluate(node => node.scrollHeight > node.clientHeight)).toBe(true);
});

test('the figures open by keyboard over the conversation, and Escape closes them', async () => {
  panel = await openPanel({ width: 200, height: 450 });
  await panel.send({ type: 'snapshot', state: panelState({ turns: fullConversation(), engine: long }) });
  const figures = panel.page.getByRole('group', { name: 'Figures' });
  const ring = panel.page.getByTestId('context-meter');
  expect(await figures.isVisible()).toBe(false);
  await ring.focus();
  await panel.page.keyboard.press('Enter');
  expect(await figures.innerText()).toContain('1,234 of 8,192 context tokens are used by this chat.');
  await panel.page.keyboard.press('Tab');
  await panel.page.keyboard.press('Enter');
  expect(await figures.getByText('assets/logo.png').isVisible()).toBe(true);
  await panel.screenshot('narrow-figures');
  await panel.page.keyboard.press('Escape');
  await panel.page.keyboard.press('Escape');
  expect(await figures.isVisible()).toBe(false);
  expect(await ring.evaluate(node => node === document.activeElement)).toBe(true);
});
