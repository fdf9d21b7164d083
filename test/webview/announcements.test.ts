// What is spoken for a change of state.
import { expect, test } from 'vitest';
import { announcements } from '../../webview/announcements.ts';
import { answer, compilingEngine, failure, panelState, readyEngine } from '../support/panel_states.ts';

const withAnswer = (change: Parameters<typeof answer>[0]) => panelState({ turns: [answer(change)] });

test('the start and the end of an answer are spoken, the words between are not', () => {
  expect(announcements(panelState(), withAnswer({ status: 'waiting' }))).toEqual([
    'Hearth is working on an answer.',
  ]);
  expect(announcements(withAnswer({ status: 'waiting' }), withAnswer({ status: 'reading' }))).toEqual([]);
  expect(
    announcements(withAnswer({ status: 'reading' }), withAnswer({ status: 'streaming', text: 'a' })),
  ).toEqual([]);
  expect(
    announcements(
      withAnswer({ status: 'streaming', text: 'a' }),
      withAnswer({ status: 'streaming', text: 'ab' }),
    ),
  ).toEqual([]);
  expect(announcements(withAnswer({ status: 'streaming' }), withAnswer({ status: 'done' }))).toEqual([
    'Answer finished.',
  ]);
  expect(announcements(withAnswer({ status: 'streaming' }), withAnswer({ status: 'stopped' }))).toEqual([
    'Stopped.',
  ]);
});

test('that the model thinks is spoken once', () => {
  const thinking = { text: 'h', startedAt: 1 };
  const [before, begun] = [withAnswer({ status: 'reading' }), withAnswer({ status: 'streaming', thinking })];
  const more = withAnswer({ status: 'streaming', thinking: { ...thinking, text: 'hm' } });
  expect(announcements(before, begun)).toEqual(['The model is thinking.']);
  expect(announcements(begun, more)).toEqual([]);
  const done = withAnswer({ status: 'done', text: 'x', thinking: { ...thinking, tookMs: 2 } });
  expect(announcements(more, done)).toEqual(['Answer finished.']);
});

test('a failure is spoken with its remedy', () => {
  const spoken = [`${failure.message} ${failure.remedy}`];
  expect(
    announcements(withAnswer({ status: 'streaming' }), withAnswer({ status: 'failed', failure })),
  ).toEqual(spoken);
  expect(announcements(withAnswer({ status: 'streaming' }), withAnswer({ status: 'failed' }))).toEqual([
    'The answer failed.',
  ]);
  const failed = panelState({ engine: { ...readyEngine, state: 'failed', failure } });
  expect(announcements(panelState(), failed)).toEqual(spoken);
  expect(announcements(failed, failed)).toEqual([]);
});

test('an engine that comes back is spoken, the first quiet start is not', () => {
  const engine = (state: 'stopped' | 'resting' | 'restarting' | 'ready') =>
    panelState({ engine: { ...readyEngine, state } });
  expect(announcements(engine('ready'), engine('restarting'))).toEqual(['The engine is restarting.']);
  expect(announcements(engine('restarting'), engine('ready'))).toEqual(['The model is ready.']);
  expect(announcements(engine('stopped'), engine('ready'))).toEqual([]);
  expect(announcements(engine('ready'), engine('resting'))).toEqual([
    'The model is resting and the GPU is free.',
  ]);
  expect(announcements(engine('resting'), engine('ready'))).toEqual(['The model is ready.']);
});

test('kernels are not counted aloud, neither while loading nor while ready', () => {
  for (const engine of [compilingEngine, readyEngine]) {
    const at = (done: number) => panelState({ engine: { ...engine, kernels: { done, total: 60 } } });
    expect(announcements(at(12), at(13))).toEqual([]);
    expect(announcements(at(59), panelState({ engine }))).toEqual([]);
  }
  const loading = panelState({ engine: compilingEngine });
  expect(announcements(loading, panelState())).toEqual(['The model is ready.']);
});

test('an answer of another branch, and one that the user has edited, has not just finished', () => {
  const other = panelState({ turns: [answer({ id: 'other', text: 'x', edited: true })] });
  expect(announcements(withAnswer({ text: 'y' }), other)).toEqual([]);
});
