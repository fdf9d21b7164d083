// The page stays quick in long conversations. Bounds scale with a fixed loop, and the best of several runs counts.
import { expect, test } from 'vitest';
import type { ToPanel } from '../../webview/protocol.ts';
import { longAnswer, longConversation } from '../support/long_conversations.ts';
import { calibrate, calibrationMsWhereSet, deliver, type PageTasks, tasksOf } from '../support/page_speed.ts';
import { openPanel } from '../support/page.ts';
import { answer, panelState } from '../support/panel_states.ts';

const runsMax = 5;
const timeout = 600_000;

interface Trial {
  before: ToPanel[];
  messages: ToPanel[];
  figure: (tasks: PageTasks) => number;
  boundMs: number;
}

/** The best of several runs, as a part of its bound; one that is within the bound is enough. */
async function bestOf(name: string, { before, messages, figure, boundMs }: Trial): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < runsMax && best > 1; run++) {
    const panel = await openPanel({ height: 600 });
    panel.page.setDefaultTimeout(timeout);
    const loopBeforeMs = await calibrate(panel.page);
    if (before.length > 0) await panel.send(...before);
    const took = figure(await tasksOf(panel.page, () => deliver(panel.page, messages)));
    const loopMs = (loopBeforeMs + (await calibrate(panel.page))) / 2;
    await panel.close();
    const bound = (boundMs * loopMs) / calibrationMsWhereSet;
    console.log(
      `${name}: ${took.toFixed(0)} ms; bound ${bound.toFixed(0)} ms, which is ${boundMs} ms × ` +
        `${loopMs.toFixed(1)} ms (the loop here) ÷ ${calibrationMsWhereSet} ms (the loop where the bound was set)`,
    );
    best = Math.min(best, took / bound);
  }
  return best;
}

test('no long task while 200 KB stream into a conversation of 2,000 messages', { timeout }, async () => {
  const streaming = answer({ id: 'new', status: 'streaming' });
  const turns = [...longConversation(2000), streaming];
  const best = await bestOf('longest task', {
    before: [{ type: 'snapshot', state: panelState({ turns, busy: true }) }],
    messages: (longAnswer(200_000).match(/[^]{1,800}/g) ?? []).map(text => ({
      type: 'delta',
      turnId: 'new',
      text,
    })),
    figure: ({ timesMs }) => timesMs[0] ?? Infinity,
    boundMs: 50,
  });
  expect(best).toBeLessThanOrEqual(1);
});

test('a conversation of 300 turns opens at once', { timeout }, async () => {
  const best = await bestOf('opening', {
    before: [],
    messages: [{ type: 'snapshot', state: panelState({ turns: longConversation(300) }) }],
    figure: ({ totalMs }) => totalMs,
    boundMs: 500,
  });
  expect(best).toBeLessThanOrEqual(1);
});
