// What a page is sent, as a log: numbered, kept until it was seen where no snapshot makes up for it, and whole at the other end of a
// channel that loses, doubles and reorders.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isOnce, PageLog } from '../../../extension/chat/page_log.ts';
import { MessageLog } from '../../../webview/message_log.ts';
import type { Numbered, PanelState, ToPanel } from '../../../webview/protocol.ts';
import { emptyState, reduce } from '../../../webview/store.ts';
import { answer, panelState } from '../../support/panel_states.ts';

let sent: Numbered[];
let log: PageLog;
let state: PanelState;
beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  state = panelState();
  log = new PageLog({ send: message => sent.push(message), snapshot: () => state });
});
afterEach(() => {
  vi.useRealTimers();
});
const types = (): string[] => sent.splice(0).map(({ message }) => message.type);
const input: ToPanel = { type: 'setInput', text: 'Explain this', useWorkspace: false };

describe('what a page is sent', () => {
  test('has ascending numbers without a gap', () => {
    log.open({});
    for (const busy of [true, false]) log.post({ type: 'busy', busy });
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(new Set(sent.map(one => one.log)).size).toBe(1);
  });

  test('is nothing before it listens and after it is gone, and then all at once', () => {
    log.post({ type: 'busy', busy: true });
    log.open({});
    log.close();
    log.post({ type: 'busy', busy: true });
    expect(types()).toEqual(['snapshot']);
    log.open({});
    expect(types()).toEqual(['snapshot']);
  });

  test.each([
    input,
    { type: 'focusInput' },
    { type: 'focusBack' },
    { type: 'insertText', text: 'a' },
    { type: 'insertMention', text: '@file:' },
    { type: 'summary', text: 'a' },
  ] satisfies ToPanel[])(
    '$type changes nothing that a snapshot holds, so it is kept for the page in use',
    message => {
      const { useWorkspace } = emptyState;
      expect(reduce(emptyState, message)).toEqual({ ...emptyState, useWorkspace });
      expect(isOnce(message)).toBe(true);
    },
  );

  test('what no snapshot holds waits for a page', () => {
    log.post(input);
    log.open({});
    expect(types()).toEqual(['snapshot', 'setInput']);
    log.open({});
    expect(types()).toEqual(['snapshot']);
  });

  test('what no snapshot holds comes again to a page that has not seen it, and only to that', () => {
    log.open({});
    log.post(input);
    const [first, second] = sent.splice(0);
    log.open({ log: first?.log, seen: first?.seq });
    expect(types()).toEqual(['snapshot', 'setInput']);
    log.open({ log: second?.log, seen: 4 });
    expect(types()).toEqual(['snapshot']);
    log.open({ log: 'of an earlier window', seen: 0 });
    expect(types()).toEqual(['snapshot']);
  });
});

/** A generator of numbers from 0 to 1, the same at each run. */
function numbers(seed: number): () => number {
  let value = seed;
  return () => (value = (value * 16_807) % 2_147_483_647) / 2_147_483_647;
}

test.each([1, 2, 3, 4, 5, 6])('a page hears all of it once, whatever the channel does (%i)', seed => {
  const random = numbers(seed);
  const page = new MessageLog();
  let shown = emptyState;
  const filled: string[] = [];
  let isAsking = false;
  const deliver = (numbered: Numbered): void => {
    const message = page.take(numbered);
    if (message === 'missing') isAsking = true;
    else if (message) {
      shown = reduce(shown, message);
      if (message.type === 'setInput') filled.push(message.text);
    }
  };
  const late: Numbered[] = [];
  const pass = (): void => {
    for (const message of sent.splice(0)) {
      const chance = random();
      if (chance < 0.1) continue;
      if (chance < 0.2) late.push(message);
      else deliver(message);
      if (chance > 0.9) deliver(message);
      if (random() < 0.2) late.splice(0).forEach(deliver);
    }
    if (isAsking) {
      isAsking = false;
      log.open(page.memory);
    }
  };
  state = panelState({ turns: [answer({ status: 'streaming' })], busy: true });
  const change = (message: ToPanel): void => {
    state = reduce(state, message);
    log.post(message);
  };
  log.open(page.memory);
  const said: string[] = [];
  for (let count = 0; count < 300; count += 1) {
    change({ type: 'delta', turnId: 'a1', text: `${count} ` });
    if (count % 40 === 0) {
      said.push(`say ${count}`);
      change({ type: 'setInput', text: `say ${count}`, useWorkspace: true });
    }
    if (random() < 0.5) vi.advanceTimersByTime(50);
    pass();
  }
  vi.advanceTimersByTime(50);
  late.push(...sent.splice(0));
  late.reverse().forEach(deliver);
  // The channel is sound again.
  log.open(page.memory);
  sent.splice(0).forEach(deliver);
  expect(shown).toEqual(state);
  expect(filled).toEqual(said);
});
