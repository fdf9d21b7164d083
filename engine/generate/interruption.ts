// Why a generation is to end early. The one kind of cancellation in the engine is an AbortSignal, whose reason is one of these.

/** 'cancelled' by whoever asked; 'superseded' by a newer request; its 'deadline' has passed. */
export type Interruption = 'cancelled' | 'superseded' | 'deadline';

/** The reason of an aborted signal, 'cancelled' for any reason that is not an Interruption; undefined while it is not aborted. */
export function interruptionOf(signal: AbortSignal): Interruption | undefined {
  if (!signal.aborted) return undefined;
  const reason: unknown = signal.reason;
  return reason === 'superseded' || reason === 'deadline' ? reason : 'cancelled';
}

/** Aborts `controller` as soon as one of the signals is aborted, with its interruption. Returns how to stop listening. */
export function follow(
  controller: AbortController,
  signals: readonly (AbortSignal | undefined)[],
): () => void {
  const stops = signals.flatMap(signal => {
    if (!signal) return [];
    const abort = () => controller.abort(interruptionOf(signal));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    return [() => signal.removeEventListener('abort', abort)];
  });
  return () => {
    for (const stop of stops) stop();
  };
}
