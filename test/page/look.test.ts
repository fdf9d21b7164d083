// How the panel looks: themes and widths, each with a screenshot, checked for overflow and for accessibility.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import { describe, expect, test } from 'vitest';
import { testEachLook } from '../support/looks.ts';
import { overflowing } from '../support/overflow.ts';
import { openPanel, type PanelPage, type ThemeName } from '../support/page.ts';
import { fullConversation, panelState } from '../support/panel_states.ts';

const axeScript = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes: ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

/** All that axe-core finds, however little it minds, each with the elements it names. */
async function accessibilityFaults(panel: PanelPage): Promise<string[]> {
  const { violations } = await panel.page.evaluate<AxeResults>(`${axeScript}; axe.run()`);
  return violations.map(
    ({ id, impact, nodes }) =>
      `${id} (${impact}): ${nodes.map(node => `${node.html} (${node.failureSummary})`).join('; ')}`,
  );
}

/** Runs in the page: colours of a picture at fractions of its width, half way down. */
async function coloursAlong(options: { picture: string; fractions: number[] }): Promise<number[][]> {
  const image = new Image();
  image.src = `data:image/png;base64,${options.picture}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context?.drawImage(image, 0, 0);
  const middle = Math.floor(image.height / 2);
  return options.fractions.map(fraction => [
    ...(context?.getImageData(Math.floor(fraction * image.width), middle, 1, 1).data ?? []),
  ]);
}

describe.each(themes)('without accessibility faults in theme %s', theme =>
  testEachLook({ theme }, async (panel, name) => {
    await panel.screenshot(`${theme}-${name}`);
    expect(await accessibilityFaults(panel)).toEqual([]);
  }),
);

describe.each([
  { width: 200 },
  { width: 320 },
  { width: 1200 },
  // A panel of 720 pixels at 200 %.
  { width: 360, height: 450, scale: 2 },
])('held without sideways overflow: %j', size =>
  testEachLook(size, async (panel, name) => {
    await panel.screenshot(`width-${size.width}-${name}`);
    expect(await overflowing(panel)).toEqual([]);
  }),
);

test('the panel holds where the system forces its own colours', async () => {
  const panel = await openPanel({ theme: 'hc-dark', forcedColors: true });
  await panel.send({ type: 'snapshot', state: panelState({ turns: fullConversation(), busy: true }) });
  await panel.screenshot('forced-colors');
  const bar = panel.page.getByTestId('progress').locator('progress').last();
  const picture = (await bar.screenshot()).toString('base64');
  const [filled, empty] = await panel.page.evaluate(coloursAlong, { picture, fractions: [0.1, 0.9] });
  expect(filled).not.toEqual(empty);
  expect(await accessibilityFaults(panel)).toEqual([]);
  await panel.close();
});
