// Progress of loading as often as a person can follow it.
import type { LoadProgress } from '../protocol/lifecycle.ts';

const progressIntervalMs = 100;

/** Progress comes with every tensor and kernel; a person and the wire want it a few times a second. Changes of stage and the last kernel always pass. */
export function throttled(onProgress: (progress: LoadProgress) => void): (progress: LoadProgress) => void {
  let last = 0;
  let stage: string | undefined;
  return progress => {
    const now = performance.now();
    const { kernels } = progress;
    const isComplete = kernels !== undefined && kernels.done === kernels.total;
    if (progress.stage === stage && !isComplete && now - last < progressIntervalMs) return;
    last = now;
    stage = progress.stage;
    onProgress(progress);
  };
}
