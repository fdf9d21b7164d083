// Nothing moves for those who want no motion, be it the system that says so or the editor.
import { expect, test } from 'vitest';
import { openPanel } from '../support/page.ts';
import { answer, panelState, question, readyEngine } from '../support/panel_states.ts';

test('what turns and passes stands still where less motion is wanted', async () => {
  const panel = await openPanel();
  const state = panelState({
    engine: { ...readyEngine, state: 'starting' },
    turns: [question(), answer({ status: 'waiting' })],
    busy: true,
  });
  await panel.send({ type: 'snapshot', state });
  // The bar of the engine, and the ring of the answer.
  const moving = (): Promise<number> => panel.page.evaluate(countAnimations);
  const ring = panel.page.getByTestId('progress').locator('vscode-progress-ring');
  expect(await moving()).toBe(2);
  await panel.page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving()).toBe(0);
  expect(await ring.isVisible()).toBe(false);
  await panel.page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(await moving()).toBe(2);
  await panel.page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
  expect(await moving()).toBe(0);
  await panel.screenshot('reduced-motion');
  await panel.close();
});

/** Runs in the page: how many things move, the insides of controls included, which the document's own list leaves out. */
function countAnimations(): number {
  const elements = [...document.querySelectorAll('*')];
  const roots = [document, ...elements.flatMap(({ shadowRoot }) => shadowRoot ?? [])];
  return roots.flatMap(root => root.getAnimations()).length;
}
