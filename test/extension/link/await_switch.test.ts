import { describe, expect, test } from 'vitest';
import { Emitter } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import type { EngineState } from '../../../extension/link/engine_state.ts';
import { switchedTo } from '../../../extension/link/await_switch.ts';
import { fakeDevice, fakeModel, settle } from '../../fakes/fake_engine.ts';

const ready = (path: string): EngineState => ({
  kind: 'ready',
  device: fakeDevice,
  model: { ...fakeModel, path },
  generation: 1,
});

async function settlesAfter(states: EngineState[], path = '/new.gguf'): Promise<number | undefined> {
  const changed = new Emitter<EngineState>();
  const engine = { state: states[0] as EngineState, onDidChangeState: changed.event };
  let done = false;
  const waiting = switchedTo(() => path, engine).then(() => (done = true));
  for (const [count, state] of states.entries()) {
    engine.state = state;
    changed.fire(state);
    await settle();
    if (done) {
      await waiting;
      return count;
    }
  }
  return undefined;
}

describe('the engine has switched', () => {
  const loading: EngineState = { kind: 'loading', device: fakeDevice };

  test('when it runs the model in force, not while it runs or loads another', async () => {
    expect(await settlesAfter([ready('/old.gguf'), loading, ready('/new.gguf')])).toBe(2);
    expect(await settlesAfter([ready('/new.gguf')])).toBe(0);
    expect(await settlesAfter([ready('/old.gguf'), loading, ready('/other.gguf')])).toBeUndefined();
  });

  test('never, when the model in force cannot be loaded and another one stays loaded: the reason is thrown', async () => {
    const refused = { path: '/new.gguf', error: errors.badCheckpoint('/new.gguf', phrase`it is truncated`) };
    const changed = new Emitter<EngineState>();
    const engine = { state: ready('/old.gguf'), onDidChangeState: changed.event };
    const waiting = switchedTo(() => '/new.gguf', engine);
    engine.state = { ...ready('/old.gguf'), refused } as EngineState;
    changed.fire(engine.state);
    await expect(waiting).rejects.toMatchObject({ code: 'badCheckpoint' });
    const older = { ...ready('/old.gguf'), refused: { ...refused, path: '/other.gguf' } } as EngineState;
    expect(await settlesAfter([older, ready('/new.gguf')])).toBe(1);
  });

  test('when it runs no more', async () => {
    expect(await settlesAfter([loading, { kind: 'failed', error: errors.noModel() }])).toBe(1);
    expect(await settlesAfter([{ kind: 'stopped' }])).toBe(0);
    expect(await settlesAfter([{ kind: 'restarting', error: errors.noModel(), attempt: 1 }])).toBeUndefined();
  });
});
