// Numbers and labels as shown.
import { expect, test } from 'vitest';
import {
  clampFraction,
  contextLength,
  count,
  duration,
  engineLabel,
  percent,
  statsLine,
  thoughtLabel,
  timeSpan,
  waitLabel,
  workspaceLabel,
} from '../../../webview/view/format.ts';
import type { EngineView } from '../../../webview/protocol.ts';
import { readyEngine, readyWorkspace } from '../../support/panel_states.ts';

test('lengths of context read as model cards write them', () => {
  expect([100, 32_768, 262_144, 1_010_000].map(contextLength)).toEqual([
    '100 tokens',
    '32K tokens',
    '256K tokens',
    '1.01M tokens',
  ]);
});

test('numbers are grouped and rounded', () => {
  expect(count(1234567.6)).toBe('1,234,568');
  expect(percent(0.427)).toBe('43 %');
  expect(duration(999)).toBe('999 ms');
  expect(duration(1240)).toBe('1.2 s');
});

test('a thought tells how long it took and how long it is', () => {
  const thought = { text: 'So\nit goes ', startedAt: 1000 };
  expect(thoughtLabel(thought, 1000)).toBe('Thinking… · 3 words');
  expect(thoughtLabel(thought, 13_400)).toBe('Thinking… 12 s · 3 words');
  expect(thoughtLabel(thought, 0)).toBe('Thinking… · 3 words');
  expect(thoughtLabel({ ...thought, tookMs: 125_000 }, undefined)).toBe('Thought for 2 min 5 s · 3 words');
  expect(thoughtLabel({ ...thought, tookMs: 0, text: 'x' }, undefined)).toBe('Thought · 1 word');
  expect([3600, 6000, 59.6, 0].map(timeSpan)).toEqual(['1 h', '1 h 40 min', '1 min', '0 s']);
});

test('a fraction outside its range is brought inside', () => {
  expect([-1, 0.5, 7, NaN, Infinity].map(clampFraction)).toEqual([0, 0.5, 1, 0, 0]);
});

test('the numbers of an answer leave out a reuse of nothing', () => {
  const stats = {
    tokensPerSecond: 3.14159,
    generatedTokens: 12,
    promptTokens: 1000,
    reusedTokens: 0,
    firstTokenMs: 80,
  };
  expect(statsLine(stats)).toBe('3.1 tokens/s · first token 80 ms · 1,000 prompt tokens · 12 generated');
  expect(statsLine({ ...stats, reusedTokens: 900 })).toContain('1,000 prompt tokens (900 reused)');
  expect(statsLine({ ...stats, modelWaitMs: 1840 })).toMatch(/^model loaded in 1\.8 s · 3\.1 tokens\/s · /);
  expect(statsLine({ ...stats, tokensPerSecond: undefined, generatedTokens: 1 })).toBe(
    'first token 80 ms · 1,000 prompt tokens · 1 generated',
  );
});

test('loading shows how far it is when that is known', () => {
  const label = (change: Partial<EngineView>) => engineLabel({ ...readyEngine, state: 'loading', ...change });
  expect(label({})).toBe('Loading the model');
  expect(label({ loadStage: 'reading' })).toBe('Reading the model');
  expect(label({ loadStage: 'uploading', loadFraction: 0 })).toBe('Loading the model, 0 %');
  expect(label({ loadStage: 'uploading', loadFraction: 0.427 })).toBe('Loading the model, 43 %');
  expect(label({ loadStage: 'compiling', loadFraction: 0.8 })).toBe('Preparing the GPU, only the first time');
  const kernels = { done: 12, total: 1060 };
  expect(label({ loadStage: 'compiling', kernels })).toBe(
    'Preparing the GPU, only the first time: 12 of 1,060',
  );
});

test('what an answer waits for is the prompt, and kernels where some compile', () => {
  const kernels = { done: 31, total: 60 };
  expect(waitLabel(undefined, undefined)).toBe('Waiting for the model');
  expect(waitLabel(undefined, kernels)).toBe('Preparing the GPU, only the first time: 31 of 60');
  expect(waitLabel({ done: 61, total: 1066 }, undefined)).toBe('Reading 61 of 1,066 tokens');
  expect(waitLabel({ done: 61, total: 66 }, kernels)).toBe(
    'Reading 61 of 66 tokens. Preparing the GPU, only the first time: 31 of 60',
  );
});

test('the workspace line says how much of it is seen', () => {
  expect(workspaceLabel(readyWorkspace)).toBe(
    'sample: 14 files: 12 seen whole, 2 in part or not at all (3,456 of 6,000 tokens)',
  );
  expect(workspaceLabel({ ...readyWorkspace, state: 'none' })).toBe(
    'sample: read with the first workspace question',
  );
  expect(workspaceLabel({ ...readyWorkspace, name: undefined, state: 'none' })).toBe('No folder is open');
});
