// Waiting until the engine has let go of every model but the one in force.
import type { EngineSupervisor } from './supervisor.ts';

/** Settles when the engine runs the model at `path` (asked again and again), or none. */
export function switchedTo(
  path: () => string,
  engine: Pick<EngineSupervisor, 'state' | 'onDidChangeState'>,
): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      const { state } = engine;
      const settled =
        state.kind === 'ready' ? state.model.path === path() : ['failed', 'stopped'].includes(state.kind);
      if (!settled) return;
      subscription.dispose();
      resolve();
    };
    const subscription = engine.onDidChangeState(look);
    look();
  });
}
