// Waiting for a condition. The limits are for a machine that hangs; a software GPU on two cores is slow, not broken.
import { setTimeout as delay } from 'node:timers/promises';

export const limitsMs = {
  /** Something that the editor itself draws. */
  editor: 60_000,
  /** Start of the engine, a model, a whole answer. */
  engine: 300_000,
};

/** So long an act may take to show its effect before it is done again. */
const effectMs = 5_000;

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

/** Does something until that has its effect, as a person does: a click on what is just being drawn again is lost. */
export async function actUntil(
  what: string,
  act: () => Promise<void>,
  hasEffect: () => Promise<boolean>,
): Promise<void> {
  for (const endMs = Date.now() + limitsMs.editor; !(await hasEffect());) {
    if (Date.now() > endMs) throw new Error(`waited ${limitsMs.editor / 1000} s for ${what}`);
    await act();
    await until(what, hasEffect, effectMs).catch(() => undefined);
  }
}
