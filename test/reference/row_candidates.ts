// Reference of row_candidates: what can be drawn of a row, how much it weighs relative to the largest, and what is listed of it.
import type { Numbers } from './rows.ts';

export interface CandidateRule {
  temperature: number;
  /** 0: off. */
  topK: number;
  minP: number;
}

export interface Candidates {
  /** Ascending. */
  listed: number[];
  listedWeight: number;
  allCount: number;
  allWeight: number;
  /** Of those above min-p. */
  leastWeight: number;
}

/** x [width], cut into `slices` slices. */
export function rowCandidates(
  x: Numbers,
  { slices, ...rule }: CandidateRule & { slices: number },
): Candidates {
  const { temperature, topK, minP } = rule;
  const values = Array.from(x);
  const top = values.reduce((a, b) => Math.max(a, b));
  const long = Math.ceil(values.length / slices);
  const few = topK > 0 && topK <= slices;
  const peaks = Array.from({ length: slices }, (_, s) =>
    values.slice(s * long, (s + 1) * long).reduce((a, b) => Math.max(a, b), -Infinity),
  );
  const bar = few ? (peaks.sort((a, b) => b - a)[topK - 1] as number) : -Infinity;
  const found: Candidates = { listed: [], listedWeight: 0, allCount: 0, allWeight: 0, leastWeight: 0 };
  for (const [id, value] of values.entries()) {
    const distance = (top - value) / temperature;
    if (distance > 22 || value < bar) continue;
    const weight = Math.exp(-distance);
    found.allCount++;
    found.allWeight += weight;
    if (weight >= minP) found.leastWeight += weight;
    // A list of the front is enough most of the time; with few wanted, it has them all.
    if (!few && distance > 22 * 0.375) continue;
    found.listed.push(id);
    found.listedWeight += weight;
  }
  return found;
}
