// An engine that waits to be asked: its model's name and what starts it can be read in a narrow panel too.
import { afterEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { panelState, readyEngine } from '../support/panel_states.ts';

let panel: PanelPage;
afterEach(() => panel.close());

const texts = ['Starts with your first question', 'The model starts with your first question.'];

test.each([290, 600])('at %i px neither is cut', async width => {
  panel = await openPanel({ width });
  const engine = { ...readyEngine, state: 'stopped' as const, modelName: 'Qwen3.5 4B (Q4_K_M)' };
  await panel.send({
    type: 'snapshot',
    state: panelState({ engine: { ...engine, software: false, deviceName: '' } }),
  });
  const name = panel.page.locator('.engine .model');
  expect(await name.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)).toBe(false);
  expect(await panel.page.getByTestId('engine').getAttribute('title')).toBe(
    `Qwen3.5 4B (Q4_K_M)\n${texts[0]}`,
  );
  expect(await panel.page.getByText(texts[1] ?? '').isVisible()).toBe(true);
  expect(await panel.page.getByRole('textbox').getAttribute('placeholder')).toContain('it starts the model');
});
