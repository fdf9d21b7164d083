// How fast the page is, measured inside it, beside a loop that is always the same: bounds scale with the loop's time, so that a slower
// or busier machine gets more of it.
import type { ToPanel } from '../../webview/protocol.ts';

/** What the loop took where the bounds were set: two cores at 2.6 GHz, Chromium without a GPU, nothing else running. */
export const calibrationMsWhereSet = 20;

/** Runs in the page: a fixed piece of work of the kind that the page does, in milliseconds. */
export function calibrate(): number {
  const startMs = performance.now();
  const counts = new Map<string, number>();
  for (let round = 0; round < 60; round++) {
    const words = Array.from({ length: 1000 }, (_, index) => `word${(index * 7919 + round) % 1009}`);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + word.replace(/\d+/, '').length);
    if (words.join(' ').split(/[ \n]+/).length !== 1000) throw new Error('never');
  }
  return performance.now() - startMs;
}

export interface Stretch {
  /** The longest time for which the page did not get to anything else. */
  longestMs: number;
  /** From the first message until everything was drawn. */
  tookMs: number;
  /** The loop, at both ends. */
  calibrationMs: number;
}

/** Runs in the page: delivers messages, one a frame, until all of them are drawn. */
export async function measure({ messages, loop }: { messages: ToPanel[]; loop: string }): Promise<Stretch> {
  const calibrateHere = (0, eval)(`(${loop})`) as () => number;
  const { port1, port2 } = new MessageChannel();
  const frame = (): Promise<number> => new Promise(done => requestAnimationFrame(done));
  const calibrationBefore = (calibrateHere() + calibrateHere()) / 2;
  await frame();
  let longestMs = 0;
  let lastMs = performance.now();
  let running = true;
  port1.onmessage = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (running) port2.postMessage(0);
  };
  port2.postMessage(0);
  const startMs = performance.now();
  for (const message of messages) {
    window.record.deliver(message);
    await frame();
  }
  while (document.querySelector('#app[data-due], [data-working]')) await frame();
  const tookMs = performance.now() - startMs;
  await frame();
  running = false;
  return {
    longestMs,
    tookMs,
    calibrationMs: (calibrationBefore + (calibrateHere() + calibrateHere()) / 2) / 2,
  };
}
