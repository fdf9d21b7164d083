// Nothing moves for those who want no motion, be it the system that says so or the editor.
import { expect, test } from 'vitest';
import { openPanel } from '../support/page.ts';
import { answer, compilingEngine, panelState, question } from '../support/panel_states.ts';

test('what turns and passes stands still where less motion is wanted', async () => {
  const panel = await openPanel();
  const state = panelState({
    engine: { ...compilingEngine, state: 'starting' },
    turns: [question(), answer({ status: 'waiting' })],
    busy: true,
  });
  await panel.send({ type: 'snapshot', state });
  const moving = (): Promise<number> => panel.page.evaluate(() => document.getAnimations().length);
  const ring = panel.page.getByTestId('progress').locator('vscode-progress-ring');
  expect(await moving()).toBeGreaterThan(1);
  await panel.page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving()).toBe(0);
  expect(await ring.isVisible()).toBe(false);
  await panel.page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(await moving()).toBeGreaterThan(1);
  await panel.page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
  expect(await moving()).toBe(0);
  await panel.screenshot('reduced-motion');
  await panel.close();
});
