// How the panel looks: themes and widths, each with a screenshot, checked for overflow and for accessibility.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import { describe, expect, test } from 'vitest';
import type { PanelState } from '../../webview/protocol.ts';
import { entry, fullModels, modelsView } from '../support/models_states.ts';
import { overflowing } from '../support/overflow.ts';
import { openPanel, type PanelPage, type ThemeName } from '../support/page.ts';
import {
  answer,
  compilingEngine,
  failure,
  fullConversation,
  panelState,
  question,
  readyEngine,
} from '../support/panel_states.ts';

const axeScript = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes: ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];
const widths = [200, 320, 1000];

const states: Record<string, PanelState> = {
  conversation: panelState({ turns: fullConversation(), busy: true, useWorkspace: true }),
  welcome: panelState(),
  attached: panelState({
    turns: [
      question({ attachments: [{ id: '1', kind: 'file', label: 'src/parser.ts' }] }),
      answer({ text: 'It is in `src/parser.ts`.' }),
    ],
    draft: {
      attachments: [
        { id: 'a', kind: 'folder', label: 'src/a_long_name_of_a_folder/', tokens: 3456, estimated: true },
        { id: 'b', kind: 'paste', label: 'Pasted text, 80 lines', tokens: 7000 },
        { id: 'c', kind: 'picture', label: 'a.png', note: 'Pictures cannot be sent yet.' },
      ],
      editor: { id: 'editor', kind: 'selection', label: 'src/main.ts:3-9', tokens: 12, estimated: true },
    },
  }),
  branches: panelState({
    turns: [
      { id: 's1', role: 'summary', text: 'We looked at the parser.', of: 'a0' },
      question({
        branch: { ids: ['q0', 'q1'], index: 1 },
        notes: ['Attached: src/parser.ts', 'Rules: AGENTS.md'],
      }),
      answer({
        text: 'It is in `src/parser.ts`.',
        status: 'interrupted',
        branch: { ids: ['a0', 'a1', 'a2'], index: 1, name: 'the shorter one' },
      }),
    ],
    queue: [
      { id: 'w1', text: 'And where are strings read, and what becomes of their escapes?' },
      { id: 'w2', text: 'Thank you' },
    ],
    meter: { usedTokens: 7000, maxTokens: 8192 },
  }),
  failed: panelState({
    engine: {
      state: 'failed',
      modelName: 'Qwen3-Next-80B-A3B-Instruct',
      textOnly: false,
      deviceName: '',
      software: false,
      failure,
    },
    workspace: {
      state: 'none',
      fileCount: 0,
      filesSeen: '',
      leftOut: [],
      leftOutMore: 0,
      blockTokens: 0,
      budgetTokens: 0,
    },
  }),
  loading: panelState({
    engine: {
      state: 'loading',
      modelName: 'Qwen3-Next',
      textOnly: false,
      deviceName: 'GPU',
      software: false,
      loadStage: 'uploading',
      loadFraction: 0.42,
    },
    turns: [question(), answer({ status: 'waiting' })],
    meter: { usedTokens: 8000, maxTokens: 8192 },
    busy: true,
  }),
  compiling: panelState({
    engine: {
      ...compilingEngine,
      modelName: 'Qwen3-Next-80B-A3B-Instruct',
      deviceName: 'GPU',
      software: false,
    },
    turns: [question(), answer({ status: 'waiting' })],
    busy: true,
  }),
  'compiling in the background': panelState({
    engine: { ...readyEngine, kernels: { done: 31, total: 60 } },
    turns: [question(), answer({ status: 'reading', reading: { done: 61, total: 66 } })],
    busy: true,
  }),
  models: panelState({
    models: modelsView({ catalogue: [entry({ recommended: true }), entry({ id: '2' })] }),
  }),
  'all models': panelState({ models: fullModels() }),
};
/** Tall enough to show all of a state that scrolls. */
const heights: Record<string, number> = { conversation: 1700, 'all models': 2300 };

/** Serious and critical findings, each with the elements it names. */
async function accessibilityFaults(panel: PanelPage): Promise<string[]> {
  const { violations } = await panel.page.evaluate<AxeResults>(`${axeScript}; axe.run()`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(node => `${node.html} (${node.failureSummary})`).join('; ')}`,
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

describe.each(themes)('the panel in theme %s', theme => {
  test.each(Object.keys(states))('shows state %s without accessibility faults', async name => {
    const panel = await openPanel({ theme, width: 400, height: heights[name] ?? 700 });
    await panel.send({ type: 'snapshot', state: states[name] ?? panelState() });
    await panel.screenshot(`${theme}-${name}`);
    expect(await accessibilityFaults(panel)).toEqual([]);
    await panel.close();
  });
});

describe.each(widths)('the panel %i pixels wide', width => {
  test.each(Object.keys(states))('holds state %s without sideways overflow', async name => {
    const panel = await openPanel({ width, height: heights[name] ?? 700 });
    await panel.send({ type: 'snapshot', state: states[name] ?? panelState() });
    await panel.screenshot(`width-${width}-${name}`);
    expect(await overflowing(panel)).toEqual([]);
    await panel.close();
  });
});

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
