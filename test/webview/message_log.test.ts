// Messages of the host in order, by their numbers.
import { beforeEach, expect, test } from 'vitest';
import { MessageLog } from '../../webview/message_log.ts';
import type { Numbered, ToPanel } from '../../webview/protocol.ts';
import { emptyState } from '../../webview/store.ts';

let log: MessageLog;
beforeEach(() => {
  log = new MessageLog();
});
const snapshot: ToPanel = { type: 'snapshot', state: emptyState };
const busy: ToPanel = { type: 'busy', busy: true };
const take = (seq: number, message: ToPanel = busy, name = 'a'): string | undefined => {
  const numbered: Numbered = { log: name, seq, message };
  const taken = log.take(numbered);
  return typeof taken === 'object' ? taken.type : taken;
};

test('a page begins with whatever snapshot comes first', () => {
  expect(take(6)).toBe('missing');
  expect(take(7, snapshot)).toBe('snapshot');
  expect(take(8)).toBe('busy');
  expect(log.memory).toEqual({ log: 'a', seen: 8 });
});

test('what has been here does not count again', () => {
  expect([take(1, snapshot), take(2), take(2), take(1, snapshot), take(3)]).toEqual([
    'snapshot',
    'busy',
    undefined,
    undefined,
    'busy',
  ]);
});

test('after a gap nothing counts before the next snapshot', () => {
  expect([take(1, snapshot), take(3), take(2), take(4)]).toEqual([
    'snapshot',
    'missing',
    'missing',
    'missing',
  ]);
  expect(log.memory.seen).toBe(1);
  expect([take(5, snapshot), take(4), take(6)]).toEqual(['snapshot', undefined, 'busy']);
});

test('messages of another log count from its snapshot on', () => {
  expect([take(9, snapshot), take(1, busy, 'b'), take(2, snapshot, 'b'), take(3, busy, 'b')]).toEqual([
    'snapshot',
    'missing',
    'snapshot',
    'busy',
  ]);
});
