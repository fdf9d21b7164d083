// One test for each state whose looks are checked, all on one page that is made anew for each.
import { afterAll, beforeAll, test } from 'vitest';
import { lookStates } from './look_states.ts';
import { openPanel, type PanelOptions, type PanelPage } from './page.ts';
import type { PanelState } from '../../webview/protocol.ts';

/** What a state is looked at for, once it is shown; `state` is what the host sent. */
export type Look = (panel: PanelPage, name: string, state: PanelState) => Promise<void>;

/** Declares the tests; to be called inside a `describe` of its own. */
export function testEachLook(options: PanelOptions, look: Look): void {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await openPanel(options);
  });
  afterAll(() => panel.close());
  test.each(Object.entries(lookStates))('%s', async (name, { state, height, prepare }) => {
    await panel.page.setViewportSize({
      width: options.width ?? 400,
      height: Math.max(height ?? 0, options.height ?? 700),
    });
    await panel.makeAnew();
    await panel.send({ type: 'snapshot', state });
    await prepare?.(panel);
    await panel.drawn();
    await look(panel, name, state);
  });
}
