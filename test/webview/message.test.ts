// The check at the page border: every right message passes unchanged, everything else is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMessage } from '../../webview/message.ts';
import type { ToPanel } from '../../webview/protocol.ts';
import {
  answer,
  compilingEngine,
  failure,
  fullConversation,
  panelState,
  question,
  readyEngine,
  readyWorkspace,
} from '../support/panel_states.ts';

const messages: ToPanel[] = [
  { type: 'snapshot', state: panelState({ turns: fullConversation() }) },
  { type: 'turn', turn: question() },
  {
    type: 'turn',
    turn: answer({ stats: { generatedTokens: 1, promptTokens: 2, reusedTokens: 0, firstTokenMs: 3 } }),
  },
  { type: 'turn', turn: answer({ cut: 'repetition' }) },
  { type: 'delta', turnId: 'a1', text: '' },
  { type: 'thinking', turnId: 'a1', text: 'hm', startedAt: 1 },
  { type: 'reading', turnId: 'a1', done: 1, total: 2 },
  { type: 'busy', busy: true },
  { type: 'engine', engine: { ...readyEngine, state: 'failed', failure } },
  { type: 'engine', engine: { ...compilingEngine, loadFraction: 0.5 } },
  { type: 'workspace', workspace: { ...readyWorkspace, name: undefined, sampleQuestion: 'Where?' } },
  { type: 'meter', meter: { usedTokens: 1, maxTokens: 2 } },
  { type: 'cleared' },
  { type: 'focusInput' },
  { type: 'setInput', text: 'x', useWorkspace: true },
];

test.each(messages)('a right message of type $type passes unchanged', message => {
  expect(readMessage(message)).toBe(message);
});

describe('a message is refused', () => {
  /** Every value inside a message, each with a function that gives the message with that value replaced. */
  function places(
    value: unknown,
    put: (replacement: unknown) => unknown,
  ): ((replacement: unknown) => unknown)[] {
    if (typeof value !== 'object' || value === null) return [put];
    const inside = Object.entries(value).flatMap(([key, part]) =>
      places(part, replacement =>
        put(Array.isArray(value) ? value.with(Number(key), replacement) : { ...value, [key]: replacement }),
      ),
    );
    return [put, ...inside];
  }

  test.each(messages)('when any part of type $type is of another kind', message => {
    for (const put of places(message, replacement => replacement)) {
      expect(readMessage(put(Symbol.for('nothing the page knows')))).toBeUndefined();
    }
  });

  test('when numbers are not finite', () => {
    expect(readMessage({ type: 'meter', meter: { usedTokens: NaN, maxTokens: 1 } })).toBeUndefined();
    expect(readMessage({ type: 'meter', meter: { usedTokens: 0, maxTokens: Infinity } })).toBeUndefined();
  });

  test('when its type is unknown, also one that every object has', () => {
    for (const type of ['other', 'toString', 'constructor', '__proto__'])
      expect(readMessage({ type })).toBeUndefined();
  });

  test('whatever it is, without throwing', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), value => {
        expect(readMessage(value)).toBeUndefined();
      }),
    );
  });
});
