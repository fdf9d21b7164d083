import { expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import {
  firstTimeNote,
  followLoad,
  loadFraction,
  loadText,
  type LoadStep,
} from '../../../extension/link/load_progress.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import { FakeEngine, fakeModel, settle, silentLog } from '../../fakes/fake_engine.ts';

function supervisorOf(engine: FakeEngine): EngineSupervisor {
  return new EngineSupervisor({
    launch: async () => engine.running(),
    model: () => ({ path: '/a.gguf', contextTokensMax: 0 }),
    clientVersion: '0',
    log: silentLog,
  });
}

test('a load is told step by step, and never backwards', async () => {
  const engine = new FakeEngine();
  engine.onLoad = async (_params, progress) => {
    progress({ stage: 'reading', doneBytes: 0, totalBytes: 0 });
    for (const doneBytes of [1, 3, 2, 4]) progress({ stage: 'uploading', doneBytes, totalBytes: 4 });
    for (const done of [30, 60])
      progress({ stage: 'compiling', doneBytes: 4, totalBytes: 4, kernels: { done, total: 60 } });
    return fakeModel;
  };
  const steps: LoadStep[] = [];
  await followLoad(supervisorOf(engine), step => steps.push(step), CancellationToken.None);
  expect(steps.map(({ increment }) => Math.round(increment))).toEqual([0, 0, 0, 20, 40, 0, 20, 10, 9]);
  expect(steps.map(({ message }) => message)).toEqual([
    'Starting the engine',
    'Loading the model',
    'Reading the model',
    ...[20, 60, 40, 80].map(percent => `Loading the model, ${percent} %`),
    ...[30, 60].map(done => `Preparing the GPU: ${done} of 60. ${firstTimeNote()}`),
  ]);
});

test('a load is complete only when it has ended', () => {
  const weights = { doneBytes: 4, totalBytes: 4 };
  expect(loadFraction({ stage: 'reading', doneBytes: 0, totalBytes: 0 })).toBeUndefined();
  expect(loadFraction({ stage: 'uploading', doneBytes: 0, totalBytes: 0 })).toBeUndefined();
  expect(loadFraction({ stage: 'uploading', ...weights })).toBe(0.8);
  expect(loadFraction({ stage: 'compiling', ...weights })).toBe(0.8);
  expect(loadFraction({ stage: 'compiling', ...weights, kernels: { done: 0, total: 0 } })).toBe(0.8);
  expect(loadFraction({ stage: 'compiling', ...weights, kernels: { done: 30, total: 60 } })).toBe(0.9);
  expect(loadFraction({ stage: 'compiling', ...weights, kernels: { done: 60, total: 60 } })).toBe(0.99);
});

test('kernels that nobody has counted are not counted in words either', () => {
  expect(loadText({ stage: 'compiling', doneBytes: 4, totalBytes: 4 })).toBe('Preparing the GPU');
  expect(loadText(undefined)).toBe('Loading the model');
});

test('Cancel gives the load up and does not only hide it', async () => {
  const engine = new FakeEngine();
  let told = false;
  engine.onLoad = (_params, _progress, token) =>
    new Promise((_resolve, reject) =>
      token.onCancellationRequested(() => {
        told = true;
        reject(errors.loadCancelled());
      }),
    );
  const supervisor = supervisorOf(engine);
  const source = new CancellationTokenSource();
  const followed = followLoad(supervisor, () => undefined, source.token);
  await settle();
  source.cancel();
  await followed;
  expect(told).toBe(true);
  expect(supervisor.state).toMatchObject({ kind: 'failed', error: { code: 'loadCancelled' } });
});

test('a model that cannot be loaded is thrown', async () => {
  const engine = new FakeEngine();
  engine.onLoad = async () => {
    throw errors.badCheckpoint('/a.gguf', phrase`it is cut`);
  };
  await expect(
    followLoad(supervisorOf(engine), () => undefined, CancellationToken.None),
  ).rejects.toMatchObject({ code: 'badCheckpoint' });
});
