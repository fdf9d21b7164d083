// A corpus of outputs that mean harm, each through the real page in every place where the page shows what a model, a file or a user
// wrote: nothing runs, nothing is fetched, every link leads to the web, and paths stay inside the workspace.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { innerPath } from '../../extension/edit/confine.ts';
import { isWebLink, readPageMessage } from '../../extension/chat/page_message.ts';
import type { ToPanel, Turn } from '../../webview/protocol.ts';
import { type HostileAim, hostileOutputs, hostilePaths } from '../support/hostile_outputs.ts';
import { openPanel, type PanelOptions, type PanelPage } from '../support/page.ts';
import { faultsOfPage } from '../support/page_faults.ts';
import { answer, panelState, question, source } from '../support/panel_states.ts';

declare global {
  interface Window {
    hits: string[];
    hit: () => void;
  }
}

/** A panel with a canary, and everything that it asks the network for from now on. */
class Watched {
  readonly asked: string[] = [];

  private constructor(readonly panel: PanelPage) {}

  static async open(options: PanelOptions = {}): Promise<Watched> {
    const panel = await openPanel(options);
    const watched = new Watched(panel);
    await panel.page.evaluate(() => {
      window.hits = [];
      window.hit = () => void window.hits.push('a script ran');
    });
    panel.page.on('request', request => watched.asked.push(`request: ${request.url()}`));
    panel.page.on('popup', popup => watched.asked.push(`window: ${popup.url()}`));
    panel.page.on('dialog', dialog => {
      watched.asked.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    panel.page.on('framenavigated', frame => watched.asked.push(`navigation: ${frame.url()}`));
    return watched;
  }

  /** What is wrong with the page now, and what it has asked for since this was last asked. */
  async faults(): Promise<string[]> {
    return [...(await this.panel.page.evaluate(faultsOfPage)), ...this.asked.splice(0)];
  }
}

const marked = (text: string): string => `The case begins.\n\n${text}\n\nThe case ends.`;
const withoutSpaces = (text: string): string => text.replace(/\s/g, '');

/** Every place of the page that shows text which is not its own. */
function everywhere(text: string): ToPanel {
  const hostileSource = source({
    path: text.slice(0, 200),
    uri: `file:///${encodeURIComponent(text.slice(0, 200))}`,
  });
  const turns: Turn[] = [
    { id: 's', role: 'summary', text: marked(text), of: 'q0' },
    question({ text: marked(text), notes: [text.slice(0, 200)] }),
    answer({
      text: marked(text),
      thinking: { text: marked(text), startedAt: 0, tookMs: 1000 },
      sources: [hostileSource],
      leftOut: [{ path: text.slice(0, 200), reason: text.slice(0, 200) }],
    }),
    question({ id: 'q2', text: 'And now?' }),
    answer({ id: 'a2', status: 'failed', failure: { message: text, remedy: text, actions: ['openLog'] } }),
  ];
  const conversation = { id: 'c1', title: text.slice(0, 100), pinned: false };
  const queue = [{ id: 'w1', text }];
  return { type: 'snapshot', state: panelState({ turns, conversation, queue, canPreviewDiagrams: true }) };
}

/** The same text as it streams: in several pieces, wherever they are cut. */
function streamed(text: string): ToPanel[] {
  const whole = marked(text);
  const length = Math.ceil(whole.length / 5);
  const pieces = Array.from({ length: 5 }, (_, index) => whole.slice(index * length, (index + 1) * length));
  const turns = [question(), answer({ status: 'streaming' })];
  return [
    { type: 'snapshot', state: panelState({ turns, busy: true }) },
    ...pieces.map(piece => ({ type: 'delta', turnId: 'a1', text: piece }) as const),
  ];
}

const aims = Object.entries(hostileOutputs) as [HostileAim, readonly string[]][];
const cases = aims.flatMap(([aim, texts]) => texts.map(text => ({ aim, text })));

test('the corpus has at least eighty outputs, no two alike', () => {
  expect(new Set(cases.map(({ text }) => text)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThanOrEqual(80);
});

describe('an answer does no harm', () => {
  let watched: Watched;
  beforeAll(async () => {
    // So high that every turn is drawn.
    watched = await Watched.open({ height: 6_000 });
  });
  afterAll(async () => {
    await watched.panel.close();
  });

  test.each(cases)('by $aim: $text', async ({ text }) => {
    const { panel } = watched;
    const answerBox = panel.page.locator('[data-turn=a1] .answer');
    await panel.stream(streamed(text));
    expect(await watched.faults()).toEqual([]);
    await panel.send({ type: 'turn', turn: answer({ text: marked(text) }) });
    expect(await watched.faults()).toEqual([]);

    await panel.send(everywhere(text));
    const details = panel.page.locator('.turns details:not([open])');
    await details.evaluateAll(all => all.forEach(one => one.toggleAttribute('open', true)));
    await panel.drawn();
    expect(await watched.faults()).toEqual([]);
    const shown = withoutSpaces((await answerBox.textContent()) ?? '');
    expect(shown).toMatch(/^Thecasebegins\./);
    expect(shown).toContain('Thecaseends.');
    for (const place of ['[data-turn=s]', '[data-turn=q1]', '[data-turn=a1] .thought'])
      expect(withoutSpaces((await panel.page.locator(place).textContent()) ?? ''), place).toContain(
        'Thecasebegins.',
      );

    // Whatever can be pressed in a text asks the extension, which opens what is on the web and nothing else.
    const before = (await panel.posted()).length;
    await panel.page
      .locator(':is(.answer, .typed, .thought) a')
      .evaluateAll(links => links.forEach(link => link instanceof HTMLElement && link.click()));
    const posted = (await panel.posted())
      .slice(before)
      .filter(({ type }) => type !== 'findPaths' && type !== 'findSymbols');
    for (const message of posted)
      expect(message.type === 'openLink' && isWebLink(message.href), JSON.stringify(message)).toBe(true);
    expect(await watched.faults()).toEqual([]);
  });
});

test.each(hostilePaths)('a new file by the name %j is refused', async path => {
  const { panel } = await Watched.open();
  await panel.send({
    type: 'snapshot',
    state: panelState({ turns: [question(), answer({ text: `\`\`\`ts title="${path}"\nx\n\`\`\`` })] }),
  });
  await panel.page.getByRole('button', { name: 'New file' }).click();
  const [posted] = await panel.postedOf('newFile');
  expect(posted?.code).toBe('x');
  const read = readPageMessage(posted);
  const named = 'message' in read && read.message.type === 'newFile' ? read.message.path : undefined;
  // What the page does not take for a path never reaches the extension as one.
  if (named !== undefined) expect(() => innerPath(named)).toThrow();
  await panel.close();
});

describe('the corpus finds a page', () => {
  const timeout = 240_000;
  /** What is found wrong with a page that lacks a protection, case by case. */
  async function found(
    without: PanelOptions['without'],
    chosen: readonly { text: string }[],
  ): Promise<string[][]> {
    const all: string[][] = [];
    for (const { text } of chosen) {
      const watched = await Watched.open({ without });
      await watched.panel.stream([...streamed(text), { type: 'turn', turn: answer({ text: marked(text) }) }]);
      all.push(await watched.faults());
      await watched.panel.abandon();
    }
    return all;
  }
  const kindsOf = (faults: string[][]): string[] => [
    ...new Set(faults.flat().map(fault => fault.split(':')[0] ?? '')),
  ];

  const chosen = aims.flatMap(([aim, texts]) =>
    ['elements of its own', 'handlers of events', 'something fetched'].includes(aim)
      ? [...texts.slice(0, 2), ...texts.slice(4, 6)].map(text => ({ text }))
      : [],
  );

  test('whose markup nobody checks', { timeout }, async () => {
    const kinds = kindsOf(await found('everything', chosen));
    for (const kind of ['element', 'attribute', 'script', 'request']) expect(kinds).toContain(kind);
  });

  test('harmless whose markup is only checked, neither escaped nor under a policy', { timeout }, async () => {
    const kinds = kindsOf(await found('escaping', chosen));
    for (const kind of ['element', 'attribute', 'script', 'request']) expect(kinds).not.toContain(kind);
  });
});
