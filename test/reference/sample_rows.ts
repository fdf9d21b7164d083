// Reference of sample_rows: sorts a row, applies top-k, top-p and min-p by their definitions, and draws from what is left.
import type { SamplingParams } from '../../engine/protocol/chat.ts';
import type { Numbers } from './rows.ts';

/** Ids that can be drawn, in their order, and the probability of each. */
export interface Kept {
  ids: number[];
  shares: number[];
}

/** x [width], all finite or -Infinity. */
export function keptOf(x: Numbers, { temperature = 1, topK = 0, topP = 1, minP = 0 }: SamplingParams): Kept {
  const order = Array.from(x, (_, id) => id).sort((a, b) => (x[b] as number) - (x[a] as number) || a - b);
  const top = x[order[0] as number] as number;
  const weights = order.map(id => Math.exp(((x[id] as number) - top) / temperature));
  const sum = (count: number) => weights.slice(0, count).reduce((a, b) => a + b, 0);
  let count = order.length;
  if (topK > 0) count = Math.min(count, topK);
  if (topP < 1) {
    const wanted = topP * sum(count);
    let fewest = 0;
    for (let reached = 0; fewest < count && reached < wanted;) reached += weights[fewest++] as number;
    count = Math.max(1, fewest);
  }
  // The largest stays even if minP is above 1.
  count = Math.min(count, weights.filter(weight => weight >= Math.min(1, minP)).length);
  const total = sum(count);
  return { ids: order.slice(0, count), shares: weights.slice(0, count).map(weight => weight / total) };
}

/** The id whose share holds the point `random` of [0, 1). */
export function sampleRow({ ids, shares }: Kept, random: number): number {
  let running = 0;
  const place = shares.findIndex(share => (running += share) > random);
  return ids.at(place) as number;
}
