// How a token is chosen by logits: one definition, which the host follows in generate/sampler.ts and the device in penalize_rows,
// row_candidates and sample_rows.
// Order: larger logits first, ties by lower id. Penalties, then top-k, top-p and min-p, each of which keeps a front of that order;
// then the first candidate is taken whose running weight passes a random share of the weight kept.
// Weights are e^((logit - largest) / temperature) as whole numbers of 2^-31: sums do not depend on their order, so that every
// device cuts at the same candidate. What would weigh less than one half of that is out of reach and never drawn.
import type { SamplingParams } from '../protocol/chat.ts';

/** Ids so far; `generatedFrom` is the index of the first generated one. */
export interface TokenHistory {
  ids: readonly number[];
  generatedFrom: number;
}

/** Unset steps stand as numbers that switch them off. All are exact as f32 or u32. */
export interface DrawRule {
  /** 0: all. */
  topK: number;
  /** Top-p keeps the fewest whose share of the weight is more than share / 2^32; shareOfAll: all. */
  share: number;
  /** Smallest weight that min-p keeps. */
  least: number;
  /** 1 / temperature. */
  inverse: number;
  /** How far below the largest a logit can be drawn. */
  reach: number;
}

export interface PenaltyRule {
  repetition: number;
  /** 1 / repetition. */
  inverse: number;
  presence: number;
}

/** What chooses the tokens of one text. */
export interface SamplingRule {
  /** Undefined: the largest logit. */
  draw: DrawRule | undefined;
  penalties: PenaltyRule | undefined;
  seed: number;
}

export const weightOfLargest = 2 ** 31;
export const shareOfAll = 2 ** 32 - 1;

/** e^-22 is rounded up to the smallest weight. */
const reachInTemperatures = 22;

/** Undefined for temperature 0 (or unset), which is greedy. */
export function drawRule({
  temperature = 0,
  topK = 0,
  topP = 1,
  minP = 0,
}: SamplingParams): DrawRule | undefined {
  if (temperature <= 0) return undefined;
  // Beyond these, f32 has no numbers for the reach or its inverse.
  const usable = Math.min(Math.max(temperature, 1e-30), 1e30);
  return {
    topK,
    share: Math.min(Math.max(Math.ceil(topP * 2 ** 32) - 1, 0), shareOfAll),
    // The largest stays even if minP is above 1.
    least: Math.ceil(Math.min(minP, 1) * weightOfLargest),
    inverse: Math.fround(1 / usable),
    reach: Math.fround(reachInTemperatures * usable),
  };
}

/** Undefined where both penalties are off. */
export function penaltyRule({
  repetitionPenalty = 1,
  presencePenalty = 0,
}: SamplingParams): PenaltyRule | undefined {
  if (repetitionPenalty === 1 && presencePenalty === 0) return undefined;
  return {
    repetition: Math.fround(repetitionPenalty),
    inverse: Math.fround(1 / repetitionPenalty),
    presence: Math.fround(presencePenalty),
  };
}

/** Weight of a logit, 0 when it is out of reach. */
export function weightOf(logit: number, largest: number, { inverse, reach }: DrawRule): number {
  const distance = Math.fround(largest - logit);
  // Two infinities have no distance.
  if (!(distance <= reach)) return 0;
  return Math.round(Math.exp(-Math.fround(distance * inverse)) * weightOfLargest);
}

/** floor(mass * part / 2^32), exactly. */
export function partOf(mass: number, part: number): number {
  return Number((BigInt(mass) * BigInt(part)) >> 32n);
}

/** Which share of the weight draw number `index` of a text passes, in 2^-32. Draw 0 gives the first generated token. */
export function randomWord(seed: number, index: number): number {
  // Philox2x32-10 (Salmon et al. 2011): a counter and a key, no state.
  let [left, right, key] = [index >>> 0, 0, seed >>> 0];
  for (let round = 0; round < 10; round++) {
    const product = 0xd256d193n * BigInt(left);
    left = (Number(product >> 32n) ^ key ^ right) >>> 0;
    right = Number(product & 0xffffffffn);
    key = (key + 0x9e3779b9) >>> 0;
  }
  return left;
}
