// Progress of loading as often as a person can follow it.
import type { LoadProgress } from '../protocol/lifecycle.ts';

const progressIntervalMs = 100;

/** Progress comes with every tensor; a person and the wire want it a few times a second. Stage changes always pass. */
export function throttled(onProgress: (progress: LoadProgress) => void): (progress: LoadProgress) => void {
  let last = 0;
  let stage: string | undefined;
  return progress => {
    const now = performance.now();
    if (progress.stage === stage && now - last < progressIntervalMs) return;
    last = now;
    stage = progress.stage;
    onProgress(progress);
  };
}
