import { describe, expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import {
  restartDelayMs,
  type EngineState,
  restartDelayFirstMs,
  restartDelayMaxMs,
} from '../../../extension/link/engine_state.ts';
import { followLoad } from '../../../extension/link/load_progress.ts';
import {
  EngineSupervisor,
  restartsInARowMax,
  restartStableAfterMs,
} from '../../../extension/link/supervisor.ts';
import { fakeAnswer, FakeEngine, fakeModel, settle, silentLog } from '../../fakes/fake_engine.ts';

function setUp(prepare: (engine: FakeEngine, index: number) => void = () => undefined) {
  const engines: FakeEngine[] = [];
  const waits: number[] = [];
  const states: EngineState[] = [];
  const world = { now: 0, model: { path: '/a.gguf', contextTokensMax: 0 } };
  const supervisor = new EngineSupervisor({
    launch: async () => {
      const engine = new FakeEngine();
      prepare(engine, engines.length);
      engines.push(engine);
      return engine.running();
    },
    model: () => world.model,
    clientVersion: '0',
    log: silentLog,
    wait: async delayMs => void waits.push(delayMs),
    now: () => world.now,
  });
  supervisor.onDidChangeState(state => states.push(state));
  const ready = () => supervisor.whenReady(CancellationToken.None, { retryFailed: false });
  return { supervisor, engines, waits, states, world, ready };
}

describe('engine supervisor', () => {
  test('starts nothing before the first use, then starts once for all who wait', async () => {
    const { engines, ready } = setUp();
    await settle();
    expect(engines).toHaveLength(0);
    const [one, two] = await Promise.all([ready(), ready()]);
    expect(engines).toHaveLength(1);
    expect(one?.client).toBe(two?.client);
    expect(one?.model).toEqual(fakeModel);
  });

  test('goes through starting and loading with progress to ready', async () => {
    const { states, ready } = setUp(engine => {
      engine.onLoad = async (_params, progress) => {
        progress({ stage: 'uploading', doneBytes: 1, totalBytes: 4 });
        return fakeModel;
      };
    });
    await ready();
    expect(states.map(state => state.kind)).toEqual(['starting', 'loading', 'loading', 'ready']);
    expect(states[2]).toMatchObject({ progress: { doneBytes: 1, totalBytes: 4 } });
  });

  test('carries the count of kernels while it loads', async () => {
    const { states, ready } = setUp(engine => {
      engine.onLoad = async (_params, progress) => {
        const kernels = { done: 12, total: 60 };
        progress({ stage: 'compiling', doneBytes: 4, totalBytes: 4, kernels });
        return fakeModel;
      };
    });
    await ready();
    expect(states[2]).toMatchObject({ progress: { stage: 'compiling', kernels: { done: 12, total: 60 } } });
  });

  test('tells what compiles while it is ready, and changes nothing else by it', async () => {
    const { supervisor, engines, states, ready } = setUp();
    const compiled: EngineState[] = [];
    supervisor.onDidCompile(state => compiled.push(state));
    await ready();
    const before = await ready();
    const told = states.length;
    await engines[0]?.report({ state: 'ready' });
    for (const done of [31, 32]) await engines[0]?.report({ state: 'ready', compiling: { done, total: 60 } });
    await settle();
    const ofReady = { kind: 'ready', model: fakeModel, generation: before?.generation };
    expect(compiled).toEqual(
      [31, 32].map(done => expect.objectContaining({ ...ofReady, compiling: { done, total: 60 } })),
    );
    expect(supervisor.state).toBe(compiled.at(-1));
    await engines[0]?.report({ state: 'ready' });
    await settle();
    expect(compiled).toHaveLength(3);
    expect(supervisor.state).toMatchObject(ofReady);
    expect(supervisor.state).not.toHaveProperty('compiling.total');
    expect(states).toHaveLength(told);
    expect(await ready()).toEqual(before);
  });

  test('knows from the first moment what compiles, and no longer once another model is loaded', async () => {
    const { supervisor, engines, states, world, ready } = setUp(engine => {
      engine.onLoad = async ({ path }) => {
        await engine.report({ state: 'loading' });
        if (path === '/a.gguf') await engine.report({ state: 'ready', compiling: { done: 1, total: 2 } });
        else await engine.report({ state: 'ready' });
        return fakeModel;
      };
    });
    await ready();
    expect(supervisor.state).toMatchObject({ kind: 'ready', compiling: { done: 1, total: 2 } });
    const told = states.length;
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    await engines[0]?.report({ state: 'ready', compiling: { done: 2, total: 2 } });
    await ready();
    expect(states.slice(told).map(({ kind }) => kind)).toEqual(['loading', 'loading', 'ready']);
    expect(supervisor.state).not.toHaveProperty('compiling.total');
  });

  test('counts the time since the model was ready, whatever has compiled in it', async () => {
    const { engines, waits, world, ready } = setUp();
    for (let round = 0; round < 3; round += 1) {
      const engine = await ready();
      world.now += restartStableAfterMs;
      await engines.at(-1)?.report({ state: 'ready', compiling: { done: 1, total: 2 } });
      await settle();
      engines.at(-1)?.crash();
      await engine?.client.failed;
      await settle();
    }
    await ready();
    expect(waits).toEqual([1, 2, 3].map(() => restartDelayFirstMs));
  });

  test('names the model in force whether or not it is loaded', async () => {
    const { supervisor, world } = setUp();
    expect(supervisor.modelName).toBe('a');
    world.model = { path: '/models/Qwen3-Next.d/', contextTokensMax: 0 };
    expect(supervisor.modelName).toBe('Qwen3-Next.d');
  });

  test('starts a dead engine again, as another process with a higher generation', async () => {
    const { engines, waits, states, ready } = setUp();
    const before = await ready();
    engines[0]?.crash();
    await before?.client.failed;
    await settle();
    const after = await ready();
    expect(engines).toHaveLength(2);
    expect(waits).toEqual([restartDelayFirstMs]);
    expect(states.map(state => state.kind)).toContain('restarting');
    expect(after?.process).toBe((before?.process ?? 0) + 1);
    expect(after?.generation).toBe((before?.generation ?? 0) + 1);
  });

  test('doubles the delay up to a cap', () => {
    expect([1, 2, 3].map(restartDelayMs)).toEqual([250, 500, 1000]);
    expect(restartDelayMs(50)).toBe(restartDelayMaxMs);
  });

  test('gives up after too many failures in a row and can be restarted by hand', async () => {
    let broken = true;
    const { supervisor, engines, waits, ready } = setUp(engine => {
      if (broken) engine.crash('exit code 1');
    });
    await expect(ready()).rejects.toMatchObject({
      code: 'engineGaveUp',
      message: expect.stringContaining('exit code 1'),
    });
    expect(engines).toHaveLength(restartsInARowMax + 1);
    expect(waits).toEqual([1, 2, 3, 4, 5].map(restartDelayMs));
    await expect(ready()).rejects.toMatchObject({ code: 'engineGaveUp' });
    broken = false;
    await supervisor.restart();
    expect(await ready()).toBeDefined();
  });

  test('begins a new row of failures after the engine was ready for long', async () => {
    const { engines, waits, world, ready } = setUp();
    for (let round = 0; round < restartsInARowMax + 3; round += 1) {
      const engine = await ready();
      world.now += restartStableAfterMs;
      engines.at(-1)?.crash();
      await engine?.client.failed;
      await settle();
    }
    expect(new Set(waits)).toEqual(new Set([restartDelayFirstMs]));
  });

  test('begins a new row of failures after an answer was given', async () => {
    const { engines, waits, ready } = setUp(engine => {
      engine.onChat = async () => fakeAnswer('Yes.');
    });
    const question = { messages: [{ role: 'user' as const, content: 'Well?' }], sampling: {} };
    for (let round = 0; round < restartsInARowMax + 3; round += 1) {
      const engine = await ready();
      await engine?.client.chatSend(question, () => undefined, CancellationToken.None);
      engines.at(-1)?.crash();
      await engine?.client.failed;
      await settle();
    }
    expect(new Set(waits)).toEqual(new Set([restartDelayFirstMs]));
  });

  test('does not start again after a failure that only the user can cure', async () => {
    const { engines, states, ready } = setUp(engine => {
      engine.onInitialize = async () => {
        throw errors.noAdapter('none');
      };
    });
    await expect(ready()).rejects.toMatchObject({ code: 'noAdapter' });
    await settle();
    expect(engines).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'noAdapter' } });
  });

  test('tries a failed engine once more when the user asks for something by hand', async () => {
    const { supervisor, engines, ready } = setUp((engine, index) => {
      if (index === 0)
        engine.onInitialize = async () => {
          throw errors.noAdapter('none');
        };
    });
    await expect(ready()).rejects.toMatchObject({ code: 'noAdapter' });
    expect(await supervisor.whenReady(CancellationToken.None, { retryFailed: true })).toBeDefined();
    expect(engines).toHaveLength(2);
  });

  test('starts again when the device was lost although the process lives', async () => {
    const { engines, ready } = setUp();
    await ready();
    await engines[0]?.report({ state: 'failed', error: { code: 'deviceLost', message: phrase`lost` } });
    await settle();
    await ready();
    expect(engines).toHaveLength(2);
  });

  test('loads another model into the running engine', async () => {
    const { supervisor, engines, states, world, ready } = setUp();
    const before = await ready();
    world.model = { path: '/b.gguf', contextTokensMax: 7 };
    await supervisor.modelChanged();
    const after = await ready();
    expect(engines).toHaveLength(1);
    expect(engines[0]?.loads.map(load => load.path)).toEqual(['/a.gguf', '/b.gguf']);
    expect(after?.process).toBe(before?.process);
    expect(after?.generation).toBe((before?.generation ?? 0) + 1);
    expect(states.at(-1)?.kind).toBe('ready');
  });

  test('cancels a load that is overtaken by another model', async () => {
    const { supervisor, engines, world, ready } = setUp(engine => {
      engine.onLoad = (params, _progress, token) =>
        params.path === '/a.gguf'
          ? new Promise((_resolve, reject) =>
              token.onCancellationRequested(() => reject(errors.internal('cancelled'))),
            )
          : Promise.resolve(fakeModel);
    });
    const waiting = ready();
    await settle();
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    expect(await waiting).toBeDefined();
    expect(engines).toHaveLength(1);
  });

  test('names a model that cannot be loaded, and loads the next one chosen', async () => {
    const { supervisor, world, ready } = setUp(engine => {
      engine.onLoad = async ({ path }) => {
        if (path === '/a.gguf') throw errors.badCheckpoint(path, phrase`it is truncated`);
        return fakeModel;
      };
    });
    await expect(ready()).rejects.toMatchObject({ code: 'badCheckpoint' });
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    expect(await ready()).toBeDefined();
  });

  /** An engine that loads /a.gguf and finds every other file unusable. */
  const refusing =
    (keepsModel: boolean) =>
    (engine: FakeEngine): void => {
      engine.keepsModel = keepsModel;
      engine.onLoad = async ({ path }) => {
        if (path !== '/a.gguf') throw errors.badCheckpoint(path, phrase`it is truncated`);
        return { ...fakeModel, name: 'a' };
      };
    };

  test('goes on with the model that the engine has kept when another one cannot be loaded, and tells why', async () => {
    const { supervisor, engines, states, waits, world, ready } = setUp(refusing(true));
    const before = await ready();
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    await expect(followLoad(supervisor, () => undefined, CancellationToken.None)).rejects.toMatchObject({
      code: 'badCheckpoint',
      message: expect.stringContaining('/b.gguf'),
      remedy: expect.stringContaining('a stays loaded'),
    });
    expect(supervisor.state).toMatchObject({
      kind: 'ready',
      model: { name: 'a' },
      refused: { path: '/b.gguf', error: { code: 'badCheckpoint' } },
    });
    expect(await ready()).toMatchObject({ client: before?.client, generation: before?.generation });
    expect(engines).toHaveLength(1);
    expect(waits).toEqual([]);
    expect(states.map(({ kind }) => kind)).not.toContain('failed');

    world.model = { path: '/a.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    await followLoad(supervisor, () => undefined, CancellationToken.None);
    expect(supervisor.state).not.toHaveProperty('refused.path');
  });

  test('fails when the engine has given the old model up before the load of another one failed', async () => {
    const { supervisor, engines, world, ready } = setUp(refusing(false));
    await ready();
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    await expect(ready()).rejects.toMatchObject({ code: 'badCheckpoint' });
    await settle();
    expect(supervisor.state.kind).toBe('failed');
    expect(supervisor.pid).toBeUndefined();
    expect(engines).toHaveLength(1);
  });

  test('starts a fresh process when the engine dies while it loads another model', async () => {
    const { supervisor, engines, world, ready } = setUp((engine, index) => {
      engine.onLoad = async ({ path }) => {
        if (index === 0 && path === '/b.gguf') {
          await engine.report({ state: 'ready' });
          engine.crash();
        }
        return fakeModel;
      };
    });
    await ready();
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    expect(await ready()).toBeDefined();
    expect(engines.map(({ loads }) => loads.map(({ path }) => path))).toEqual([
      ['/a.gguf', '/b.gguf'],
      ['/b.gguf'],
    ]);
  });

  test('goes on with the model whose load was overtaken too late, when the one after it cannot be loaded', async () => {
    let release: () => void = () => undefined;
    const { supervisor, world, ready } = setUp(engine => {
      engine.onLoad = async ({ path }) => {
        if (path === '/c.gguf') throw errors.badCheckpoint(path, phrase`it is truncated`);
        if (path === '/b.gguf') await new Promise<void>(resolve => (release = resolve));
        return { ...fakeModel, path };
      };
    });
    const before = await ready();
    for (const path of ['/b.gguf', '/c.gguf']) {
      world.model = { path, contextTokensMax: 0 };
      await supervisor.modelChanged();
      await settle();
    }
    release();
    const after = await ready();
    expect(after?.model.path).toBe('/b.gguf');
    expect(after?.generation).toBe((before?.generation ?? 0) + 1);
  });

  test('refuses an engine of another protocol', async () => {
    const { ready } = setUp(engine => {
      const answer = engine.onInitialize;
      engine.onInitialize = async () => ({ ...(await answer()), protocolVersion: 99 });
    });
    await expect(ready()).rejects.toMatchObject({
      code: 'badParams',
      message: expect.stringContaining('99'),
    });
  });

  test('lets a waiting caller go when it cancels', async () => {
    const { supervisor } = setUp(engine => {
      engine.onLoad = () => new Promise(() => undefined);
    });
    const source = new CancellationTokenSource();
    const waiting = supervisor.whenReady(source.token, { retryFailed: false });
    source.cancel();
    expect(await waiting).toBeUndefined();
  });

  test('gives up a load when asked, tells the engine, and stays down with a remedy until it is restarted', async () => {
    let cancelled = 0;
    const { supervisor, engines, ready } = setUp((engine, index) => {
      if (index > 0) return;
      engine.onLoad = (_params, _progress, token) =>
        new Promise((_resolve, reject) =>
          token.onCancellationRequested(() => {
            cancelled += 1;
            reject(errors.loadCancelled());
          }),
        );
    });
    const waiting = ready();
    await settle();
    expect(supervisor.state.kind).toBe('loading');
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'loadCancelled' }),
      supervisor.cancelLoad(),
    ]);
    expect(cancelled).toBe(1);
    expect(supervisor.pid).toBeUndefined();
    expect(supervisor.state).toMatchObject({ kind: 'failed', error: { code: 'loadCancelled' } });
    expect(errors.loadCancelled().remedy).not.toBe('');
    supervisor.start();
    await settle();
    expect(engines).toHaveLength(1);
    expect(await supervisor.whenReady(CancellationToken.None, { retryFailed: true })).toBeDefined();
    expect(engines).toHaveLength(2);
  });

  test('gives up a start that hangs, and another model in a running engine', async () => {
    const hanging = setUp(engine => {
      engine.onInitialize = () => new Promise(() => undefined);
    });
    hanging.supervisor.start();
    await settle();
    expect(hanging.supervisor.state.kind).toBe('starting');
    await hanging.supervisor.cancelLoad();
    expect(hanging.supervisor.state).toMatchObject({ kind: 'failed', error: { code: 'loadCancelled' } });

    const { supervisor, world, ready } = setUp(engine => {
      engine.onLoad = ({ path }) =>
        path === '/b.gguf' ? new Promise(() => undefined) : Promise.resolve(fakeModel);
    });
    await ready();
    world.model = { path: '/b.gguf', contextTokensMax: 0 };
    await supervisor.modelChanged();
    await settle();
    await supervisor.cancelLoad();
    expect(supervisor.state).toMatchObject({ kind: 'failed', error: { code: 'loadCancelled' } });
  });

  test('has nothing to give up when a model is ready, when it failed, or before it starts', async () => {
    const { supervisor, ready } = setUp();
    await supervisor.cancelLoad();
    expect(supervisor.state.kind).toBe('stopped');
    await ready();
    await supervisor.cancelLoad();
    expect(supervisor.state.kind).toBe('ready');
  });

  test('stops even in the middle of a load and does not start again when disposed', async () => {
    const { supervisor, engines, ready } = setUp(engine => {
      engine.onLoad = () => new Promise(() => undefined);
    });
    supervisor.start();
    await settle();
    await supervisor.stop();
    expect(supervisor.state.kind).toBe('stopped');
    supervisor.dispose();
    supervisor.start();
    await expect(ready()).rejects.toMatchObject({ code: 'engineExited' });
    await settle();
    expect(engines).toHaveLength(1);
  });
});
