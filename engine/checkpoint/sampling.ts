// Recommended sampling that comes with a model, checked.
import { errors } from '../protocol/errors.ts';
import { shown } from './shown.ts';

/** What a model recommends; unset fields have no recommendation. */
export interface RecommendedSampling {
  temperature?: number;
  topK?: number;
  topP?: number;
}

/** Checks values as found in a file; undefined when none is there. Throws badCheckpoint naming the value. */
export function readSampling(
  path: string,
  found: Record<keyof RecommendedSampling, unknown>,
): RecommendedSampling | undefined {
  const read = (name: keyof RecommendedSampling, max: number) => {
    const value = found[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value >= 0 && value <= max) return value;
    throw errors.badCheckpoint(
      path,
      `its recommended ${name} is ${shown(value)}, not a number from 0 to ${max}`,
    );
  };
  const sampling = {
    temperature: read('temperature', 100),
    topK: read('topK', 2 ** 31),
    topP: read('topP', 1),
  };
  return Object.values(sampling).some(value => value !== undefined) ? sampling : undefined;
}
