import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeltaBatcher } from '../../../extension/chat/delta_batcher.ts';
import type { PanelState, ToPanel } from '../../../webview/protocol.ts';

let sent: ToPanel[];
let batcher: DeltaBatcher;
beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  batcher = new DeltaBatcher(message => sent.push(message));
});
afterEach(() => {
  vi.useRealTimers();
});
const delta = (text: string, turnId = 't'): ToPanel => ({ type: 'delta', turnId, text });

describe('delta batcher', () => {
  test('joins the pieces of a moment into one message', () => {
    for (const text of ['a', 'b', 'c']) batcher.post(delta(text));
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([delta('abc')]);
  });

  test('keeps sending while pieces keep coming', () => {
    for (let count = 0; count < 20; count += 1) {
      batcher.post(delta('x'));
      vi.advanceTimersByTime(10);
    }
    expect(sent.length).toBeGreaterThan(3);
  });

  test('keeps the order with every other message', () => {
    batcher.post(delta('a'));
    batcher.post({ type: 'busy', busy: false });
    expect(sent).toEqual([delta('a'), { type: 'busy', busy: false }]);
  });

  test('joins thoughts with thoughts only', () => {
    const thought = (text: string): ToPanel => ({ type: 'thinking', turnId: 't', text, startedAt: 1 });
    for (const piece of [thought('a'), thought('b'), delta('c'), delta('d'), thought('e')])
      batcher.post(piece);
    batcher.flush();
    expect(sent).toEqual([thought('ab'), delta('cd'), thought('e')]);
  });

  test('keeps pieces of two answers apart, and sends only the newest reading', () => {
    batcher.post({ type: 'reading', turnId: 't', done: 1, total: 9 });
    batcher.post({ type: 'reading', turnId: 't', done: 2, total: 9 });
    batcher.post(delta('a'));
    batcher.post(delta('b', 'u'));
    batcher.flush();
    expect(sent).toEqual([{ type: 'reading', turnId: 't', done: 2, total: 9 }, delta('a'), delta('b', 'u')]);
  });

  test('drops pieces that a snapshot already contains', () => {
    batcher.post(delta('a'));
    const snapshot: ToPanel = { type: 'snapshot', state: {} as PanelState };
    batcher.post(snapshot);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([snapshot]);
  });

  test('sends nothing after it was disposed', () => {
    batcher.post(delta('a'));
    batcher.dispose();
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
  });
});
