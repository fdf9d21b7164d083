// The panel's state machine: every message, late and foreign pieces, and identity of what did not change.
import { describe, expect, test } from 'vitest';
import { emptyState, isThinking, lastQuestion, reduce } from '../../webview/store.ts';
import {
  answer,
  failure,
  panelState,
  question,
  readyEngine,
  readyWorkspace,
} from '../support/panel_states.ts';

const running = panelState({ turns: [question(), answer({ status: 'waiting' })], busy: true });

describe('reduce', () => {
  test('a snapshot replaces the whole state', () => {
    expect(reduce(running, { type: 'snapshot', state: emptyState })).toBe(emptyState);
  });

  test('a turn is added once and replaced when it comes again', () => {
    const added = reduce(emptyState, { type: 'turn', turn: question() });
    const replaced = reduce(added, { type: 'turn', turn: question({ text: 'other' }) });
    expect(replaced.turns).toEqual([question({ text: 'other' })]);
  });

  test('pieces are appended and end the reading', () => {
    const reading = reduce(running, { type: 'reading', turnId: 'a1', done: 1, total: 2 });
    expect(reading.turns[1]).toEqual(answer({ status: 'reading', reading: { done: 1, total: 2 } }));
    const first = reduce(reading, { type: 'delta', turnId: 'a1', text: 'Hel' });
    const second = reduce(first, { type: 'delta', turnId: 'a1', text: 'lo' });
    expect(second.turns[1]).toEqual(answer({ status: 'streaming', text: 'Hello', reading: undefined }));
  });

  test('thoughts are gathered beside the answer until it begins', () => {
    const piece = { type: 'thinking', turnId: 'a1', startedAt: 7 } as const;
    const first = reduce(running, { ...piece, text: 'h' });
    const second = reduce(first, { ...piece, text: 'm' });
    expect(second.turns[1]).toMatchObject({
      status: 'streaming',
      text: '',
      thinking: { text: 'hm', startedAt: 7 },
    });
    const thinks = ({ turns }: typeof running) => isThinking(turns[1] as ReturnType<typeof answer>);
    expect([running, second].map(thinks)).toEqual([false, true]);
    const turn = answer({ status: 'streaming', thinking: { text: 'hm', startedAt: 7, tookMs: 3 } });
    const answering = reduce(reduce(second, { type: 'turn', turn }), {
      type: 'delta',
      turnId: 'a1',
      text: 'x',
    });
    expect(answering.turns[1]).toMatchObject({ text: 'x', thinking: { text: 'hm', tookMs: 3 } });
    expect(thinks(answering)).toBe(false);
  });

  test('turns that did not change keep their identity, and no earlier state is touched', () => {
    const before = structuredClone(running);
    const after = reduce(running, { type: 'delta', turnId: 'a1', text: 'x' });
    expect(after.turns[0]).toBe(running.turns[0]);
    expect(running).toEqual(before);
  });

  test.each(['done', 'stopped', 'failed'] as const)(
    'a late piece or progress changes nothing once the turn is %s',
    status => {
      const state = panelState({ turns: [answer({ status, text: 'all' })] });
      expect(reduce(state, { type: 'delta', turnId: 'a1', text: 'x' })).toBe(state);
      expect(reduce(state, { type: 'reading', turnId: 'a1', done: 1, total: 2 })).toBe(state);
    },
  );

  test('pieces for a turn that is gone, or for a question, change nothing', () => {
    expect(reduce(running, { type: 'delta', turnId: 'gone', text: 'x' })).toBe(running);
    expect(reduce(running, { type: 'delta', turnId: 'q1', text: 'x' })).toBe(running);
  });

  test('each view replaces its own part only', () => {
    const engine = { ...readyEngine, state: 'failed', failure } as const;
    const state = reduce(running, { type: 'engine', engine });
    expect(state).toEqual({ ...running, engine });
    const workspace = { ...readyWorkspace, state: 'reading' } as const;
    expect(reduce(state, { type: 'workspace', workspace })).toEqual({ ...state, workspace });
    const meter = { usedTokens: 1, maxTokens: 2 };
    expect(reduce(state, { type: 'meter', meter })).toEqual({ ...state, meter });
    expect(reduce(state, { type: 'busy', busy: false })).toEqual({ ...state, busy: false });
    expect(reduce(state, { type: 'setInput', text: 'x', useWorkspace: true })).toEqual({
      ...state,
      useWorkspace: true,
    });
    expect(reduce(state, { type: 'focusInput' })).toBe(state);
  });

  test('a message of an unknown type throws', () => {
    for (const type of ['other', 'toString', '__proto__'])
      expect(() => reduce(running, { type } as never)).toThrow('unknown message type');
  });

  test('another branch replaces the turns', () => {
    expect(reduce(running, { type: 'turns', turns: [] })).toEqual({ ...running, turns: [] });
  });
});

test('the last question is the newest turn of the user', () => {
  expect(lastQuestion(emptyState)).toBeUndefined();
  expect(
    lastQuestion(
      panelState({ turns: [question({ text: 'old' }), question({ id: 'q2', text: 'new' }), answer()] }),
    ),
  ).toBe('new');
});
