// Reference of moe_route (docs/MODEL.md 7.1): p = softmax over all experts, the k largest (ties: lower index), divided by their sum if asked.
import { at, type Rows } from './rows.ts';

/** ids, weights [count, chosen], the largest first. */
export function moeRoute(
  logits: Rows,
  {
    count,
    experts,
    chosen,
    renormalise,
  }: { count: number; experts: number; chosen: number; renormalise: boolean },
): { ids: number[]; weights: Float64Array } {
  const ids: number[] = [];
  const weights = new Float64Array(count * chosen);
  for (let t = 0; t < count; t++) {
    const logit = Array.from({ length: experts }, (_, e) => at(logits, t, e));
    const top = Math.max(...logit);
    const total = logit.reduce((sum, v) => sum + Math.exp(v - top), 0);
    const p = logit.map(v => Math.exp(v - top) / total);
    const best = p.map((_, e) => e).sort((a, b) => (logit[b] as number) - (logit[a] as number) || a - b);
    const picked = best.slice(0, chosen);
    const pickedSum = picked.reduce((sum, e) => sum + (p[e] as number), 0);
    ids.push(...picked);
    picked.forEach((e, n) => (weights[t * chosen + n] = (p[e] as number) / (renormalise ? pickedSum : 1)));
  }
  return { ids, weights };
}
