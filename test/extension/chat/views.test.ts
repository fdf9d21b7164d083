import { describe, expect, test } from 'vitest';
import { engineErrorCodes, errors, type EngineErrorName } from '../../../engine/protocol/errors.ts';
import { answerActions, cutOf, engineView, sourceViews, statsView } from '../../../extension/chat/views.ts';
import type { EngineState } from '../../../extension/link/engine_state.ts';
import { fakeDevice, fakeModel, fakeStats } from '../../fakes/fake_engine.ts';

describe('views of the engine', () => {
  test('show how far a model is loaded', () => {
    const progress = { stage: 'uploading', doneBytes: 1, totalBytes: 4 } as const;
    expect(engineView({ kind: 'loading', device: fakeDevice, progress }, 'fake')).toMatchObject({
      state: 'loading',
      loadStage: 'uploading',
      loadFraction: 0.2,
      software: true,
    });
    expect(
      engineView({ kind: 'loading', device: fakeDevice, progress: { ...progress, totalBytes: 0 } }, 'fake')
        .loadFraction,
    ).toBeUndefined();
  });

  test('show kernels that compile, while loading and while ready', () => {
    const kernels = { done: 12, total: 60 };
    const progress = { stage: 'compiling', doneBytes: 4, totalBytes: 4, kernels } as const;
    expect(engineView({ kind: 'loading', device: fakeDevice, progress }, 'fake')).toMatchObject({
      loadStage: 'compiling',
      loadFraction: expect.closeTo(0.84),
      kernels,
    });
    const ready = { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 } as const;
    expect(engineView({ ...ready, compiling: kernels }, 'fake')).toMatchObject({ state: 'ready', kernels });
    expect(engineView(ready, 'fake').kernels).toBeUndefined();
  });

  test('name the chosen model in every state, and the loaded one when it is ready', () => {
    const error = errors.engineExited('x');
    const states: EngineState[] = [
      { kind: 'stopped' },
      { kind: 'starting' },
      { kind: 'loading', device: fakeDevice },
      { kind: 'restarting', error, attempt: 1 },
      { kind: 'failed', error },
      { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 },
    ];
    expect(states.map(state => engineView(state, 'chosen').modelName)).toEqual([
      ...Array.from({ length: 5 }, () => 'chosen'),
      'fake',
    ]);
  });

  test('name model and device when ready', () => {
    expect(engineView({ kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 }, 'x')).toEqual({
      state: 'ready',
      modelName: 'fake',
      textOnly: false,
      deviceName: 'fake device',
      software: true,
    });
  });

  test('say where only the text part of a model is used', () => {
    const model = { ...fakeModel, textOnly: true };
    expect(engineView({ kind: 'ready', device: fakeDevice, model, generation: 1 }, 'x').textOnly).toBe(true);
  });

  test('offer another model when this one is bad, and a restart when the engine failed', () => {
    const bad = engineView({ kind: 'failed', error: errors.badCheckpoint('/a', 'b') }, 'x');
    expect(bad.failure?.actions[0]).toBe('chooseModel');
    expect(engineView({ kind: 'failed', error: errors.loadCancelled() }, 'x').failure?.actions).toEqual([
      'restartEngine',
      'chooseModel',
    ]);
    expect(engineView({ kind: 'failed', error: errors.engineGaveUp(6, 'x') }, 'x').failure?.actions[0]).toBe(
      'restartEngine',
    );
  });

  test('offer at least one button for every error', () => {
    for (const code of Object.keys(engineErrorCodes) as EngineErrorName[])
      expect(answerActions(code).length).toBeGreaterThan(0);
  });

  test('label sources by their lines', () => {
    const link = { path: 'a.ts', uri: 'u', startLine: 3, endLine: 3, origin: 'ranked' } as const;
    expect(
      sourceViews([link, { ...link, endLine: 5, origin: 'cited' }]).map(({ label, cited }) => [label, cited]),
    ).toEqual([
      ['a.ts:3', false],
      ['a.ts:3-5', true],
    ]);
  });

  test('give the speed of the steps after the first token, and none when there was no step', () => {
    expect(statsView({ ...fakeStats, generatedTokens: 7, decodeMs: 300 }).tokensPerSecond).toBe(20);
    expect(statsView({ ...fakeStats, generatedTokens: 1, decodeMs: 0.2 }).tokensPerSecond).toBeUndefined();
    expect(statsView({ ...fakeStats, generatedTokens: 0, decodeMs: 0 }).tokensPerSecond).toBeUndefined();
    expect(statsView({ ...fakeStats, decodeMs: 0 }).tokensPerSecond).toBeUndefined();
  });

  test('say why an answer was cut', () => {
    expect(
      ['stop', 'length', 'context', 'repetition', 'cancelled'].map(finishReason =>
        cutOf({ finishReason } as Parameters<typeof cutOf>[0]),
      ),
    ).toEqual([undefined, 'length', 'context', 'repetition', undefined]);
  });
});
