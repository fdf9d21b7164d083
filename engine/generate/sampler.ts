// Logits -> token id: penalties, temperature, top-k, top-p, min-p, in that order; seeded.
import type { SamplingParams } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { largest } from './largest.ts';

export interface Sampler {
  /** Always the largest logit: the device's own pick will do. */
  readonly greedy: boolean;
  /**
   * Picks a token; logits [vocab] are changed. `seen`: ids of the prompt and of what was generated, which only grow from
   * call to call. Throws badWeights for NaN.
   */
  sample(logits: Float32Array, seen: TokenHistory): number;
}

/** Ids so far; `generatedFrom` is the index of the first generated one. */
export interface TokenHistory {
  ids: readonly number[];
  generatedFrom: number;
}

/** Unset fields switch their step off; temperature 0 (or unset) is greedy, ties go to the lower id. */
export function createSampler(params: SamplingParams): Sampler {
  const { temperature = 0, repetitionPenalty = 1, presencePenalty = 0 } = params;
  const random = randomNumbers(params.seed ?? Math.floor(Math.random() * 2 ** 32));
  const penalize = createPenalties(repetitionPenalty, presencePenalty);
  return {
    greedy: temperature <= 0 && !penalize,
    sample(logits, seen) {
      penalize?.(logits, seen);
      const best = argmax(logits);
      return temperature <= 0 ? best : draw(keep(logits, best, temperature, params), random());
    },
  };
}

/** Index of the largest value, the lower one on a tie. Throws badWeights for NaN and where nothing is finite. */
export function argmax(values: Float32Array): number {
  let best = -Infinity;
  let at = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value <= best) continue;
    // Larger, or NaN.
    if (Number.isNaN(value)) throw errors.badWeights('the model', 'it computes NaN');
    best = value;
    at = i;
  }
  if (!Number.isFinite(best)) throw errors.badWeights('the model', 'it computes no finite number');
  return at;
}

/** Candidates and their weights relative to the best one, whose weight is 1. */
interface Kept {
  ids: number[];
  weights: number[];
}

function keep(
  logits: Float32Array,
  best: number,
  temperature: number,
  { topK = 0, topP = 1, minP = 0 }: SamplingParams,
): Kept {
  const top = logits[best] as number;
  const weight = (id: number) => Math.exp(((logits[id] as number) - top) / temperature);
  const limited = topK > 0 && topK < logits.length;
  let ids: number[];
  if (limited) ids = largest(logits, topK);
  else if (topP < 1) ids = heaviest(logits, top, temperature, topP);
  else ids = Array.from(logits.keys());
  let weights = ids.map(weight);
  if (topP < 1) {
    const wanted = topP * (limited ? sum(weights) : totalWeight(logits, top, temperature));
    let count = 0;
    for (let reached = 0; count < weights.length && reached < wanted; count++)
      reached += weights[count] as number;
    ids.length = Math.max(1, count);
    weights.length = ids.length;
  }
  if (minP > 0) {
    // The best one stays even if minP is above 1.
    const least = Math.min(1, minP);
    ids = ids.filter((_, i) => (weights[i] as number) >= least);
    weights = weights.filter(value => value >= least);
  }
  return { ids, weights };
}

/** Sorted ids whose weights reach the share topP: lowers the bar until they do, so that the long tail is never sorted. */
function heaviest(logits: Float32Array, top: number, temperature: number, topP: number): number[] {
  const wanted = topP * totalWeight(logits, top, temperature);
  for (let reach = 4; ; reach *= 2) {
    const bar = top - reach * temperature;
    const ids: number[] = [];
    let reached = 0;
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id] as number;
      if (logit < bar) continue;
      ids.push(id);
      reached += Math.exp((logit - top) / temperature);
    }
    if (reached >= wanted || ids.length === logits.length)
      return ids.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  }
}

function totalWeight(logits: Float32Array, top: number, temperature: number): number {
  let total = 0;
  for (const logit of logits) total += Math.exp((logit - top) / temperature);
  return total;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `at` in [0, 1) chooses by weight. */
function draw({ ids, weights }: Kept, at: number): number {
  let left = at * sum(weights);
  for (let i = 0; i < ids.length; i++) {
    left -= weights[i] as number;
    if (left < 0) return ids[i] as number;
  }
  // Rounding left something over: the last one that can be chosen at all.
  return ids[weights.findLastIndex(value => value > 0)] as number;
}

/** Both penalties; each id counts once. Undefined when both are off. */
function createPenalties(
  repetition: number,
  presence: number,
): ((logits: Float32Array, seen: TokenHistory) => void) | undefined {
  if (repetition === 1 && presence === 0) return undefined;
  const all = new Set<number>();
  const generated = new Set<number>();
  let counted = 0;
  return (logits, { ids, generatedFrom }) => {
    for (; counted < ids.length; counted++) {
      all.add(ids[counted] as number);
      if (counted >= generatedFrom) generated.add(ids[counted] as number);
    }
    // As the reference applies it: positive logits divided, negative ones multiplied.
    if (repetition !== 1)
      for (const id of all) {
        const value = logits[id] as number;
        logits[id] = value > 0 ? value / repetition : value * repetition;
      }
    if (presence !== 0) for (const id of generated) logits[id] = (logits[id] as number) - presence;
  };
}

/** Mulberry32: 32 bits of state, uniform in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
