// Waits until the engine runs the chosen model, and so reads no file of another one any more.
import type { EngineSupervisor } from './supervisor.ts';

/**
 * Resolves when the engine runs the model at `path` (asked again and again), or none. Rejects with the reason when the
 * engine cannot load that model and runs another one instead.
 */
export function switchedTo(
  path: () => string,
  engine: Pick<EngineSupervisor, 'state' | 'onDidChangeState'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { state } = engine;
      if (state.kind === 'ready') {
        if (state.refused?.path === path()) reject(state.refused.error);
        else if (state.model.path === path()) resolve();
        else return;
      } else if (state.kind === 'failed' || state.kind === 'stopped') resolve();
      else return;
      subscription.dispose();
    };
    const subscription = engine.onDidChangeState(look);
    look();
  });
}
