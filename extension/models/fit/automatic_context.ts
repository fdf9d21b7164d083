// The length of context that a model is loaded with when the user has set none: what was found to fit when it was chosen.
import * as z from 'zod';
import type { StoredValue } from '../../stored_value.ts';
import { contextTokensUseful, type FitAdvice } from './advice.ts';

const remembered = z.record(z.string(), z.number().int().min(1));

/** Lengths by the path of the model; kept in the editor's memory. */
export class AutomaticContexts {
  constructor(private readonly stored: StoredValue) {}

  /** Undefined: as long as the model was made for. */
  of(path: string): number | undefined {
    const all = this.#all();
    return Object.hasOwn(all, path) ? all[path] : undefined;
  }

  async set(path: string, tokens: number | undefined): Promise<void> {
    if (this.of(path) === tokens) return;
    const { [path]: _before, ...others } = this.#all();
    await this.stored.set(tokens === undefined ? others : { ...others, [path]: tokens });
  }

  #all(): Record<string, number> {
    const parsed = remembered.safeParse(this.stored.get());
    return parsed.success ? parsed.data : {};
  }
}

/** The length that advice about a model asks for; undefined: no bound is needed, or none is known. */
export function automaticContext(advice: FitAdvice): number | undefined {
  if (advice.verdict === 'unknown') return undefined;
  // A model that was chosen although it does not fit has its best chance with a short context.
  const tokens = advice.verdict === 'does-not-fit' ? contextTokensUseful : advice.contextTokensMax;
  return tokens < advice.contextTokens ? tokens : undefined;
}
