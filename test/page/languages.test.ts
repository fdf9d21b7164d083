// The panel in other languages: nothing is left in English, and the longer words fit.
import { describe, expect, test } from 'vitest';
import type { PanelState } from '../../webview/protocol.ts';
import { shownTexts, stringsIn, textsIn, unmarked } from '../support/languages.ts';
import { lookStates } from '../support/look_states.ts';
import { fullModels } from '../support/models_states.ts';
import { overflowing } from '../support/overflow.ts';
import { openPanel } from '../support/page.ts';
import { fullConversation, panelState } from '../support/panel_states.ts';

const states: Record<string, PanelState> = {
  welcome: panelState(),
  conversation: panelState({ turns: fullConversation(), busy: true, useWorkspace: true }),
  models: panelState({ models: fullModels() }),
  resting: panelState({ engine: { ...panelState().engine, state: 'resting' } }),
  full: panelState({
    turns: fullConversation(),
    meter: { usedTokens: 30_000, maxTokens: 32_768, bound: { by: 'machine', modelTokens: 262_144 } },
    queue: [{ id: 'q1', text: 'x' }],
  }),
};

describe.each(['de', 'ko'] as const)('the panel in %s', language => {
  test('says so to a screen reader, and writes numbers in its own way', async () => {
    const panel = await openPanel({ language });
    expect(await panel.page.evaluate(() => document.documentElement.lang)).toBe(language);
    await panel.close();
  });

  test.each(Object.keys(states))(
    'shows state %s without an English text that has a translation',
    async name => {
      const panel = await openPanel({ language });
      const state = states[name] ?? panelState();
      await panel.send({ type: 'snapshot', state });
      await panel.screenshot(`${language}-${name}`);
      const { bundle } = textsIn(language);
      const isEnglish = (text: string): boolean => bundle[text] !== undefined && bundle[text] !== text;
      const fromHost = stringsIn(state);
      // A word of an answer or of code is a part of what the host sent.
      const shown = (await shownTexts(panel.page)).filter(text => !fromHost.some(one => one.includes(text)));
      expect(shown.filter(isEnglish)).toEqual([]);
      await panel.close();
    },
  );

  test.each(Object.keys(states))('holds state %s in 200 pixels without sideways overflow', async name => {
    const panel = await openPanel({ language, width: 200, height: 900 });
    await panel.send({ type: 'snapshot', state: states[name] ?? panelState() });
    await panel.screenshot(`${language}-width-200-${name}`);
    expect(await overflowing(panel)).toEqual([]);
    await panel.close();
  });
});

test('every word of every state can be translated', async () => {
  const panel = await openPanel({ language: 'marked' });
  const english: Record<string, string[]> = {};
  for (const [name, { state, prepare }] of Object.entries(lookStates)) {
    await panel.makeAnew();
    await panel.send({ type: 'snapshot', state });
    await prepare?.(panel);
    await panel.drawn();
    await panel.page.locator('details').evaluateAll(folds => {
      for (const fold of folds) fold.setAttribute('open', '');
    });
    const found = unmarked(await shownTexts(panel.page), state);
    if (found.length > 0) english[name] = found;
  }
  expect(english).toEqual({});
  await panel.close();
});
