// Logits -> token id on the host, by the definition of language_model/sampling.ts, which the device follows too.
import {
  drawRule,
  partOf,
  penaltyRule,
  randomWord,
  shareOfAll,
  weightOf,
  type DrawRule,
  type PenaltyRule,
  type SamplingRule,
  type TokenHistory,
} from '../language_model/sampling.ts';
import type { SamplingParams } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { largest } from './largest.ts';

export interface Sampler {
  /** Always the largest logit. */
  readonly greedy: boolean;
  /** For a device that chooses by itself: the same ids come out, up to the rounding of its exp. */
  readonly rule: SamplingRule;
  /**
   * Picks a token; logits [vocab] are changed. `history`: ids of the prompt and of what was generated, which only grow from
   * call to call; how many were generated is the number of the draw. Throws badWeights for NaN.
   */
  sample(logits: Float32Array, history: TokenHistory): number;
}

/** Unset fields switch their step off; temperature 0 (or unset) is greedy, ties go to the lower id. An unset seed is random. */
export function createSampler(params: SamplingParams): Sampler {
  const seed = params.seed ?? Math.floor(Math.random() * 2 ** 32);
  return samplerOf({ draw: drawRule(params), penalties: penaltyRule(params), seed });
}

export function samplerOf(rule: SamplingRule): Sampler {
  const { draw, penalties, seed } = rule;
  const penalize = penalties && createPenalties(penalties);
  return {
    greedy: !draw && !penalties,
    rule,
    sample(logits, history) {
      penalize?.(logits, history);
      const best = argmax(logits);
      if (!draw) return best;
      return drawn(logits, best, draw, randomWord(seed, history.ids.length - history.generatedFrom));
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
    if (Number.isNaN(value)) throw errors.badWeights(phrase`the model`, phrase`it computes NaN`);
    best = value;
    at = i;
  }
  if (!Number.isFinite(best))
    throw errors.badWeights(phrase`the model`, phrase`it computes no finite number`);
  return at;
}

function drawn(logits: Float32Array, best: number, rule: DrawRule, random: number): number {
  const { topK, share, least } = rule;
  const top = logits[best] as number;
  const weight = (logit: number) => weightOf(logit, top, rule);
  const first = topK > 0 && topK < logits.length ? largest(logits, topK) : undefined;
  // Where the running weight passes `goal`: the candidate, and the weight with its own.
  const place = (goal: number): { id: number; mass: number } => {
    let mass = 0;
    for (const id of first ?? heaviest(logits, top, rule, goal)) {
      mass += weight(logits[id] as number);
      if (mass > goal) return { id, mass };
    }
    throw errors.internal(`weights of ${mass} do not pass ${goal}`);
  };
  let mass = 0;
  if (first) for (const id of first) mass += weight(logits[id] as number);
  else for (const logit of logits) mass += weight(logit);
  if (share < shareOfAll) ({ mass } = place(partOf(mass, share)));
  if (least > 0) {
    let above = 0;
    for (const logit of logits) if (weight(logit) >= least) above += weight(logit);
    mass = Math.min(mass, above);
  }
  return place(partOf(mass, random)).id;
}

/** Sorted ids whose weights pass `goal`: lowers the bar until they do, so that the long tail is seldom sorted. */
function heaviest(logits: Float32Array, top: number, rule: DrawRule, goal: number): number[] {
  for (let reach = rule.reach / 8; ; reach *= 2) {
    const ids: number[] = [];
    let mass = 0;
    for (let id = 0; id < logits.length; id++) {
      const logit = logits[id] as number;
      if (Math.fround(top - logit) > reach) continue;
      ids.push(id);
      mass += weightOf(logit, top, rule);
    }
    if (mass > goal || reach >= rule.reach)
      return ids.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  }
}

/** Both penalties; each id counts once. */
function createPenalties({
  repetition,
  inverse,
  presence,
}: PenaltyRule): (logits: Float32Array, history: TokenHistory) => void {
  const all = new Set<number>();
  const generated = new Set<number>();
  let counted = 0;
  return (logits, { ids, generatedFrom }) => {
    for (; counted < ids.length; counted++) {
      all.add(ids[counted] as number);
      if (counted >= generatedFrom) generated.add(ids[counted] as number);
    }
    // As the reference applies it: positive logits divided, negative ones multiplied.
    for (const id of all) {
      const value = logits[id] as number;
      logits[id] = value * (value > 0 ? inverse : repetition);
    }
    for (const id of generated) logits[id] = (logits[id] as number) - presence;
  };
}
