// Recommended sampling that comes with a model, checked.
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { describeValue } from './describe_value.ts';

/** What a model recommends; unset fields have no recommendation. */
export interface RecommendedSampling {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repetitionPenalty?: number;
  presencePenalty?: number;
}

/** From and to what a value makes sense. */
const ranges: Record<keyof RecommendedSampling, readonly [number, number]> = {
  temperature: [0, 100],
  topK: [0, 2 ** 31],
  topP: [0, 1],
  minP: [0, 1],
  repetitionPenalty: [0.01, 10],
  presencePenalty: [-10, 10],
};

/** Checks values as found in a file; undefined when none is there. Throws badCheckpoint naming the value. */
export function readSampling(
  path: string,
  found: Partial<Record<keyof RecommendedSampling, unknown>>,
): RecommendedSampling | undefined {
  const sampling: RecommendedSampling = {};
  for (const [name, [min, max]] of Object.entries(ranges) as [
    keyof RecommendedSampling,
    [number, number],
  ][]) {
    const value = found[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !(value >= min && value <= max))
      throw errors.badCheckpoint(
        path,
        phrase`its recommended ${name} is ${describeValue(value)}, not a number from ${min} to ${max}`,
      );
    sampling[name] = value;
  }
  return Object.keys(sampling).length > 0 ? sampling : undefined;
}
