// Sends an engine that nobody has asked for anything in a while to rest, so that the GPU is free for other work. No vscode.
import { DisposableStore, toDisposable, type Disposable } from '../dispose.ts';
import type { Log } from '../log.ts';
import type { EngineSupervisor } from './supervisor.ts';

export interface IdleDeps {
  engine: Pick<EngineSupervisor, 'idleMs' | 'onDidChangeState' | 'rest'>;
  /** After so many minutes; 0: never. */
  minutes(): number;
  onDidChangeMinutes(listener: () => void): Disposable;
  /** An answer is under way, even if the engine is not working on it now. */
  isBusy(): boolean;
  log: Log;
}

/** Watches until disposed. */
export function restWhenIdle({ engine, minutes, onDidChangeMinutes, isBusy, log }: IdleDeps): Disposable {
  const store = new DisposableStore();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    const { idleMs } = engine;
    const afterMs = minutes() * 60_000;
    if (afterMs === 0 || idleMs === undefined) return;
    const leftMs = isBusy() ? afterMs : afterMs - idleMs;
    if (leftMs > 0) timer = setTimeout(look, leftMs);
    else {
      log.info(`Nothing was asked for ${minutes()} minutes: the engine rests and the GPU is free.`);
      void engine.rest('idle');
    }
  };
  store.add(toDisposable(() => clearTimeout(timer)));
  store.add(engine.onDidChangeState(look));
  store.add(onDidChangeMinutes(look));
  look();
  return store;
}
