// Waiting for a condition. The limits are for a machine that hangs; a software GPU on two cores is slow, not broken.
import { setTimeout as delay } from 'node:timers/promises';

export const limitsMs = {
  /** Something that the editor itself draws. */
  editor: 60_000,
  /** Start of the engine, a model, a whole answer. */
  engine: 300_000,
};

/** Polls until `look` gives something other than undefined or false; fails with what was waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = limitsMs.engine,
): Promise<T> {
  for (const endMs = Date.now() + limitMs; ;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await delay(50);
  }
}
