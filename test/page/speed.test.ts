// The page stays quick in long conversations. Bounds scale with a fixed loop, and the best of several runs counts.
import { expect, test } from 'vitest';
import type { ToPanel } from '../../webview/protocol.ts';
import { longAnswer, longConversation } from '../support/long_conversations.ts';
import { calibrate, calibrationMsWhereSet, measure, type Stretch } from '../support/page_speed.ts';
import { openPanel } from '../support/page.ts';
import { answer, panelState } from '../support/panel_states.ts';

const runsMax = 5;
const testTimeout = 600_000;

interface Task {
  before: ToPanel[];
  messages: ToPanel[];
  figure: (stretch: Stretch) => number;
  boundMs: number;
}

/** The best of several runs, as a part of its bound; one that is within the bound is enough. */
async function bestOf(name: string, { before, messages, figure, boundMs }: Task): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < runsMax && best > 1; run++) {
    const panel = await openPanel({ height: 600 });
    panel.page.setDefaultTimeout(testTimeout);
    if (before.length > 0) await panel.send(...before);
    const stretch = await panel.page.evaluate(measure, { messages, loop: calibrate.toString() });
    await panel.close();
    const bound = (boundMs * stretch.calibrationMs) / calibrationMsWhereSet;
    console.log(
      `${name}: ${figure(stretch).toFixed(0)} ms, bound ${bound.toFixed(0)} ms = ${boundMs} ms × ` +
        `${stretch.calibrationMs.toFixed(1)} ms ÷ ${calibrationMsWhereSet} ms (the loop here ÷ where the bound was set)`,
    );
    best = Math.min(best, figure(stretch) / bound);
  }
  return best;
}

const streaming = answer({ id: 'new', status: 'streaming' });

test(
  'nothing holds up the page while 200 KB stream into a conversation of 2,000 messages',
  async () => {
    const pieces = longAnswer(200_000).match(/[^]{1,800}/g) ?? [];
    const best = await bestOf('longest task', {
      before: [
        {
          type: 'snapshot',
          state: panelState({ turns: [...longConversation(2000), streaming], busy: true }),
        },
      ],
      messages: pieces.map(text => ({ type: 'delta', turnId: 'new', text })),
      figure: ({ longestMs }) => longestMs,
      boundMs: 50,
    });
    expect(best).toBeLessThanOrEqual(1);
  },
  testTimeout,
);

test(
  'a conversation of 300 turns opens at once',
  async () => {
    const best = await bestOf('opening', {
      before: [],
      messages: [{ type: 'snapshot', state: panelState({ turns: longConversation(300) }) }],
      figure: ({ tookMs }) => tookMs,
      boundMs: 500,
    });
    expect(best).toBeLessThanOrEqual(1);
  },
  testTimeout,
);
