// The length of context that a model is loaded with when the user has set none: what was found to fit when it was chosen.
import * as z from 'zod';
import type { StoredValue } from '../../stored_value.ts';
import { contextTokensUseful, type FitAdvice } from './advice.ts';

/** Null: no bound is needed, although the usual GPU needs one. */
const remembered = z.record(z.string(), z.number().int().min(1).nullable());

/** Lengths by the path of the model; kept in the editor's memory. */
export class AutomaticContexts {
  /** `usual`: of the GPU that is taken where none is chosen; a bound from there is better than none. */
  constructor(
    private readonly stored: StoredValue,
    private readonly usual?: Pick<StoredValue, 'get'>,
  ) {}

  /** Undefined: as long as the model was made for. */
  of(path: string): number | undefined {
    const all = allIn(this.stored);
    return (Object.hasOwn(all, path) ? all[path] : this.#usually(path)) ?? undefined;
  }

  async set(path: string, tokens: number | undefined): Promise<void> {
    if (this.of(path) === tokens) return;
    const { [path]: _before, ...others } = allIn(this.stored);
    const isUsual = tokens === undefined && this.#usually(path) === undefined;
    await this.stored.set(isUsual ? others : { ...others, [path]: tokens ?? null });
  }

  #usually(path: string): number | undefined {
    const all = this.usual ? allIn(this.usual) : {};
    return (Object.hasOwn(all, path) ? all[path] : undefined) ?? undefined;
  }
}

function allIn(stored: Pick<StoredValue, 'get'>): Record<string, number | null> {
  const parsed = remembered.safeParse(stored.get());
  return parsed.success ? parsed.data : {};
}

/** The length that advice about a model asks for; undefined: no bound is needed, or none is known. */
export function automaticContext(advice: FitAdvice): number | undefined {
  if (advice.verdict === 'unknown') return undefined;
  // A model that was chosen although it does not fit has its best chance with a short context.
  const tokens = advice.verdict === 'does-not-fit' ? contextTokensUseful : advice.contextTokensMax;
  return tokens < advice.contextTokens ? tokens : undefined;
}
