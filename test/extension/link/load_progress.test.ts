import { expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { followLoad, type LoadStep } from '../../../extension/link/load_progress.ts';
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
    return fakeModel;
  };
  const steps: LoadStep[] = [];
  await followLoad(supervisorOf(engine), step => steps.push(step), CancellationToken.None);
  expect(steps.map(({ increment }) => increment)).toEqual([25, 50, 0, 25]);
  expect(steps[0]?.message).toBe('uploading');
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
    throw errors.badCheckpoint('/a.gguf', 'it is cut');
  };
  await expect(
    followLoad(supervisorOf(engine), () => undefined, CancellationToken.None),
  ).rejects.toMatchObject({ code: 'badCheckpoint' });
});
