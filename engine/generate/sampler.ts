// Logits -> token id: penalties, temperature, top-k, top-p, min-p, in that order; seeded.
import type { SamplingParams } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';

export interface Sampler {
  /** Picks a token; logits [vocab] are changed. `seen`: ids of the prompt and of what was generated. Throws badWeights for NaN. */
  sample(logits: Float32Array, seen: TokenHistory): number;
}

/** Ids so far; `generatedFrom` is the index of the first generated one. */
export interface TokenHistory {
  ids: readonly number[];
  generatedFrom: number;
}

/** Unset fields switch their step off; temperature 0 (or unset) is greedy, ties go to the lower id. */
export function createSampler(params: SamplingParams): Sampler {
  const {
    temperature = 0,
    topK = 0,
    topP = 1,
    minP = 0,
    repetitionPenalty = 1,
    presencePenalty = 0,
  } = params;
  const random = randomNumbers(params.seed ?? Math.floor(Math.random() * 2 ** 32));
  return {
    sample(logits, seen) {
      if (repetitionPenalty !== 1) repetition(logits, seen.ids, repetitionPenalty);
      if (presencePenalty !== 0) presence(logits, seen.ids.slice(seen.generatedFrom), presencePenalty);
      if (temperature <= 0) return argmax(logits);
      const count = topK > 0 ? Math.min(topK, logits.length) : logits.length;
      let ids = largest(logits, count);
      const top = logits[ids[0] as number] as number;
      if (Number.isNaN(top)) throw errors.badWeights('the model', 'it computes NaN');
      let weights = ids.map(id => Math.exp(((logits[id] as number) - top) / temperature));
      if (topP < 1) {
        const total = weights.reduce((a, b) => a + b, 0);
        let sum = 0;
        let keep = 0;
        while (keep < weights.length && sum < topP * total) sum += weights[keep++] as number;
        weights = weights.slice(0, Math.max(1, keep));
      }
      // Weights are relative to the largest, which is 1.
      if (minP > 0) weights = weights.filter(weight => weight >= minP);
      ids = ids.slice(0, weights.length);
      let left = random() * weights.reduce((a, b) => a + b, 0);
      for (let i = 0; i < ids.length; i++) {
        left -= weights[i] as number;
        if (left < 0) return ids[i] as number;
      }
      return ids.at(-1) as number;
    },
  };
}

/** Index of the largest value, the lower one on a tie. Throws badWeights for NaN. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  if (Number.isNaN(values[best])) throw errors.badWeights('the model', 'it computes NaN');
  return best;
}

/** CTRL's penalty as the reference applies it: positive logits divided, negative ones multiplied, once per distinct id. */
function repetition(logits: Float32Array, ids: readonly number[], penalty: number): void {
  for (const id of new Set(ids)) {
    const value = logits[id] as number;
    logits[id] = value > 0 ? value / penalty : value * penalty;
  }
}

function presence(logits: Float32Array, ids: readonly number[], penalty: number): void {
  for (const id of new Set(ids)) logits[id] = (logits[id] as number) - penalty;
}

/** Ids of the `count` largest logits, largest first, ties by lower id. A heap of `count`, no full sort when count is small. */
function largest(logits: Float32Array, count: number): number[] {
  const before = (a: number, b: number) => (logits[b] as number) - (logits[a] as number) || a - b;
  if (count >= logits.length / 4) return Array.from(logits.keys()).sort(before).slice(0, count);
  // A min-heap on (logit, -id): its root is the one to beat.
  const heap: number[] = [];
  const worse = (a: number, b: number) => before(a, b) > 0;
  const down = (start: number) => {
    for (let at = start; ;) {
      let child = 2 * at + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && worse(heap[child + 1] as number, heap[child] as number)) child++;
      if (!worse(heap[child] as number, heap[at] as number)) return;
      [heap[at], heap[child]] = [heap[child] as number, heap[at] as number];
      at = child;
    }
  };
  for (let id = 0; id < logits.length; id++) {
    if (heap.length < count) {
      heap.push(id);
      if (heap.length === count) for (let i = count >> 1; i >= 0; i--) down(i);
    } else if (before(id, heap[0] as number) < 0) {
      heap[0] = id;
      down(0);
    }
  }
  return heap.sort(before);
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
