// An engine that waits to be asked: its model's name and what starts it can be read in a narrow panel too.
import { afterEach, expect, test } from 'vitest';
import { openPanel, type PanelPage } from '../support/page.ts';
import { panelState, readyEngine } from '../support/panel_states.ts';

let panel: PanelPage;
afterEach(() => panel.close());

test.each([290, 600])('at %i px neither is cut', async width => {
  panel = await openPanel({ width });
  const engine = { ...readyEngine, state: 'stopped' as const, modelName: 'Qwen3.5-4B-Q4_K_M' };
  await panel.send({ type: 'snapshot', state: panelState({ engine }) });
  for (const selector of ['.engine .model', '.engine-label']) {
    const shown = await panel.page
      .locator(selector)
      .evaluate(({ scrollWidth, clientWidth, scrollHeight, clientHeight }) => ({
        isCut: scrollWidth > clientWidth || scrollHeight > clientHeight + 1,
      }));
    expect(shown, selector).toEqual({ isCut: false });
  }
  expect(await panel.page.locator('.engine-label').innerText()).toBe('Starts with your first question');
});
