// An engine that gives the GPU back: it ends, and the next question brings it back.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CancellationToken, Emitter } from 'vscode-jsonrpc/node';
import { startsByTyping, type EngineState, type RestReason } from '../../../extension/link/engine_state.ts';
import { restWhenIdle } from '../../../extension/link/idle.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import { completionParams } from '../../support/completion_params.ts';
import { fakeAnswer, FakeEngine, fakeModel, settle, silentLog } from '../../fakes/fake_engine.ts';

function setUp(prepare: (engine: FakeEngine) => void = () => undefined) {
  const engines: FakeEngine[] = [];
  const states: EngineState[] = [];
  const world = { now: 0 };
  const supervisor = new EngineSupervisor({
    launch: async () => {
      const engine = new FakeEngine();
      prepare(engine);
      engines.push(engine);
      return engine.running();
    },
    model: () => ({ path: '/a.gguf', contextTokensMax: 0 }),
    clientVersion: '0',
    log: silentLog,
    now: () => world.now,
  });
  supervisor.onDidChangeState(state => states.push(state));
  const ready = () => supervisor.whenReady(CancellationToken.None, { retryFailed: false });
  return { supervisor, engines, states, world, ready };
}

describe('an engine at rest', () => {
  test('has ended its process, says why it rests, and comes back when it is asked', async () => {
    const { supervisor, engines, states, ready } = setUp();
    const before = await ready();
    await supervisor.rest('idle');
    expect(supervisor.pid).toBeUndefined();
    expect(states.at(-1)).toEqual({ kind: 'stopped', rest: 'idle' });
    await settle();
    expect(engines).toHaveLength(1);
    const after = await ready();
    expect(after?.process).toBe((before?.process ?? 0) + 1);
    expect(supervisor.state.kind).toBe('ready');
  });

  test('is awaited and started by a question that comes while it ends', async () => {
    const { supervisor, engines, ready } = setUp();
    await ready();
    const resting = supervisor.rest('idle');
    const asked = ready();
    await resting;
    expect(await asked).toBeDefined();
    expect(engines).toHaveLength(2);
  });

  test('is not started by those who waited for the load that was given up', async () => {
    const { supervisor, engines, ready } = setUp(engine => {
      engine.onLoad = () => new Promise(() => undefined);
    });
    const waiting = ready();
    await settle();
    await supervisor.rest('byHand');
    expect(await waiting).toBeUndefined();
    await settle();
    expect(engines).toHaveLength(1);
    expect(supervisor.state).toEqual({ kind: 'stopped', rest: 'byHand' });
  });

  test('has nothing to end when it never started, and says nothing then', async () => {
    const { supervisor, states } = setUp();
    await supervisor.rest('byHand');
    expect(states).toEqual([]);
  });

  test('tells whoever waits for it how long that took; a ready one is there at once', async () => {
    const { world, ready } = setUp(engine => {
      engine.onLoad = async () => {
        world.now += 1800;
        return fakeModel;
      };
    });
    expect((await ready())?.waitedMs).toBe(1800);
    expect(await ready()).not.toHaveProperty('waitedMs');
  });
});

describe('how long an engine has been idle', () => {
  test('is not known before it is ready, and counts from then', async () => {
    const { supervisor, world, ready } = setUp();
    expect(supervisor.idleMs).toBeUndefined();
    world.now = 500;
    await ready();
    world.now = 700;
    expect(supervisor.idleMs).toBe(200);
  });

  test('is nothing while it works, and counts from the end of an answer or a completion', async () => {
    let end: () => void = () => undefined;
    const { supervisor, world, ready } = setUp(engine => {
      engine.onChat = async () => {
        await new Promise<void>(resolve => (end = resolve));
        return fakeAnswer('x');
      };
    });
    const client = (await ready())?.client;
    world.now = 1000;
    const answer = client?.chatSend({ messages: [], sampling: {} }, () => undefined, CancellationToken.None);
    await settle();
    expect(supervisor.idleMs).toBe(0);
    expect(supervisor.isAnswering).toBe(true);
    end();
    await answer;
    expect(supervisor.isAnswering).toBe(false);
    world.now = 1300;
    expect(supervisor.idleMs).toBe(300);
    await client?.complete(completionParams({}), CancellationToken.None);
    expect(supervisor.idleMs).toBe(0);
    // Files that are sent in the background are nothing that the user asked for.
    world.now = 1400;
    await client?.forgetWorkspace('file:///x');
    expect(supervisor.idleMs).toBe(100);
  });
});

describe('typing', () => {
  test.each<['whenAsked' | 'withWindow', RestReason | undefined, boolean]>([
    ['whenAsked', undefined, false],
    ['whenAsked', 'idle', false],
    ['whenAsked', 'byHand', false],
    ['withWindow', undefined, true],
    ['withWindow', 'idle', true],
    ['withWindow', 'byHand', false],
  ])('with %s, an engine at rest by %s is started: %s', (start, rest, starts) => {
    expect(startsByTyping(start, { kind: 'stopped', rest })).toBe(starts);
    expect(startsByTyping(start, { kind: 'starting' })).toBe(true);
  });
});

describe('after the idle time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watch(minutes = 30) {
    const changed = new Emitter<EngineState>();
    const changedMinutes = new Emitter<void>();
    const usedAt = { ms: Date.now() as number | undefined };
    const world = { minutes, busy: false };
    const rests: RestReason[] = [];
    const watching = restWhenIdle({
      engine: {
        get idleMs() {
          return usedAt.ms === undefined ? undefined : Date.now() - usedAt.ms;
        },
        onDidChangeState: changed.event,
        rest: async reason => {
          rests.push(reason);
          usedAt.ms = undefined;
        },
      },
      minutes: () => world.minutes,
      onDidChangeMinutes: listener => changedMinutes.event(listener),
      isBusy: () => world.busy,
      log: silentLog,
    });
    return { changed, changedMinutes, usedAt, world, rests, watching };
  }
  const pass = (minutes: number) => vi.advanceTimersByTimeAsync(minutes * 60_000);

  test('the engine rests, and not before', async () => {
    const { rests, usedAt } = watch();
    await pass(20);
    usedAt.ms = Date.now();
    await pass(29);
    expect(rests).toEqual([]);
    await pass(1);
    expect(rests).toEqual(['idle']);
    await pass(60);
    expect(rests).toEqual(['idle']);
  });

  test('it does not while an answer is under way', async () => {
    const { rests, world } = watch();
    world.busy = true;
    await pass(100);
    expect(rests).toEqual([]);
    world.busy = false;
    await pass(30);
    expect(rests).toEqual(['idle']);
  });

  test('an engine that becomes ready later is watched from then, another time counts at once, and 0 means never', async () => {
    const { rests, usedAt, world, changed, changedMinutes } = watch(0);
    await pass(100);
    usedAt.ms = Date.now();
    changed.fire({ kind: 'starting' });
    await pass(100);
    expect(rests).toEqual([]);
    world.minutes = 200;
    changedMinutes.fire();
    await pass(99);
    expect(rests).toEqual([]);
    await pass(1);
    expect(rests).toEqual(['idle']);
  });

  test('nothing rests any more once the watch has ended', async () => {
    const { rests, watching } = watch();
    watching.dispose();
    await pass(100);
    expect(rests).toEqual([]);
  });
});
