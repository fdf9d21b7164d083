// Work that would hold up the page, done in slices: a few milliseconds in each frame, so that typing and scrolling go on.

/** One bounded step of a piece of work; false when nothing is left to do. */
export type Work = () => boolean;

/** How long a frame may work. */
export const sliceMs = 8;

/** Work waiting for its turn, oldest first. */
const waiting = new Set<Work>();
let around = (run: () => void): void => run();
let onFault = (error: unknown): void => reportError(error);
let scheduled = false;
/** The frame in which work was last done at once and not finished. */
let filledFrame: CSSNumberish | null = null;

/** Does work in the coming frames, until it is done. The same work is queued once. */
export function workSoon(work: Work): void {
  waiting.add(work);
  schedule();
}

/** Does as much work at once as fits into a slice, and the rest in the coming frames. */
export function workNow(work: Work): void {
  if (!workUntil(work, performance.now() + sliceMs)) {
    waiting.delete(work);
    return;
  }
  filledFrame = document.timeline.currentTime;
  workSoon(work);
}

/** From now on the work of each frame is done inside `wrap`. */
export function aroundSlices(wrap: (run: () => void) => void): void {
  around = wrap;
}

/** Who shows that work has failed. Failed work is not tried again. */
export function onSliceFault(show: (error: unknown) => void): void {
  onFault = show;
}

/** Steps until the time is up; true when there is more to do. */
function workUntil(work: Work, endMs: number): boolean {
  while (work()) if (performance.now() >= endMs) return true;
  return false;
}

function schedule(): void {
  // Lets a test wait until everything is there.
  document.documentElement.toggleAttribute('data-working', waiting.size > 0);
  if (scheduled || waiting.size === 0) return;
  scheduled = true;
  requestAnimationFrame(slice);
}

function slice(): void {
  scheduled = false;
  // A slice more would make the frame late.
  if (filledFrame === document.timeline.currentTime) return schedule();
  around(() => {
    const endMs = performance.now() + sliceMs;
    for (const work of [...waiting]) {
      if (!workSafely(work, endMs)) waiting.delete(work);
      if (performance.now() >= endMs) break;
    }
  });
  schedule();
}

function workSafely(work: Work, endMs: number): boolean {
  try {
    return workUntil(work, endMs);
  } catch (error) {
    onFault(error);
    return false;
  }
}
