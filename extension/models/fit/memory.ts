// Device memory that the engine needs besides the weights, by the figures and limits that the engine plans by itself
// (engine/shared/architecture/, engine/protocol/limits.ts): states and snapshots of the texts that it keeps, their keys and values, and room
// for one of them to grow. Pure.
import { limits } from '../../../engine/protocol/limits.ts';
import {
  batchRowsFor,
  cachedLayers,
  kvPageBytes,
  sequenceBytes,
  snapshotBytes,
  workingSetBytes,
} from '../../../engine/shared/architecture/footprint.ts';
import {
  kvPagesFor,
  kvPagesMost,
  kvPagesOfText,
  kvPlanFor,
  kvTableEntries,
} from '../../../engine/shared/architecture/kv_format.ts';
import type { ModelShape } from '../../../engine/shared/architecture/shape.ts';

/** What a device has left for texts: bytes besides weights and fixed parts, and the largest buffer that a shader may read. */
export interface ContextRoom {
  roomBytes: number;
  bufferBytes: number;
}

/** Staging buffers (32 MiB), compiled kernels, and what a driver keeps for itself. */
const driverBytes = 230e6;
/** What a model of unknown shape is taken to need besides its weights and texts. */
export const usualWorkingBytes = 300e6;
const texts = limits.chatSequencesMax + limits.completionSequencesMax;

/** Whatever the length of the context: working buffers, a state for each text, and snapshots, one of them just being made. */
export function fixedBytes(shape: ModelShape): number {
  const snapshot = snapshotBytes(shape);
  const kept = Math.min(limits.snapshotBytesMax, limits.snapshotsPerSequenceMax * texts * snapshot);
  const working = workingSetBytes(shape, batchRowsFor(shape)) + driverBytes;
  return working + texts * sequenceBytes(shape) + kept + snapshot;
}

/**
 * Keys and values when every conversation is as long as the context and has nothing in common with others, and those of completions, which
 * are short, while a conversation that has become long is written anew in 8 bits, and room for that is made. A conversation that is still kept in halves takes no more.
 */
export function cacheBytes(shape: ModelShape, contextTokens: number): number {
  const plan = kvPlanFor(contextTokens, shape.headDim);
  const all = kvPagesMost(plan, shape.headDim, contextTokens);
  const converting = plan.long === plan.short ? 0 : kvPagesFor(plan, shape.headDim, plan.shortTokensMax + 1);
  const tensors = 2 * cachedLayers(shape);
  // Of one layer the keys, or the values, are there twice while they get more room.
  const pages = (all + converting) * (tensors + 1);
  return pages * kvPageBytes(shape, contextTokens) + texts * 4 * kvTableEntries(plan, contextTokens);
}

/** Whether a context of this length has room: all of it, and the keys of one layer in their buffer. */
export function hasRoomFor(shape: ModelShape, tokens: number, room: ContextRoom): boolean {
  const plan = kvPlanFor(tokens, shape.headDim);
  const bufferBytes = kvPagesOfText(plan, shape.headDim, tokens) * kvPageBytes(shape, tokens);
  return cacheBytes(shape, tokens) <= room.roomBytes && bufferBytes <= room.bufferBytes;
}

/** The longest context up to `most` that has room. */
export function longestContext(shape: ModelShape, most: number, room: ContextRoom): number {
  const fits = (tokens: number): boolean => hasRoomFor(shape, tokens, room);
  if (fits(most)) return most;
  // Within one format more tokens need more memory; just beyond the border to the more compact format they need less again.
  const border = limits.kvHalfContextTokensMax / step;
  const search = (from: number, to: number): number => {
    let [low, high] = [from, to + 1];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle * step)) low = middle;
      else high = middle;
    }
    return low * step;
  };
  const whole = Math.floor(most / step);
  const long = whole > border ? search(border, whole) : 0;
  return long > limits.kvHalfContextTokensMax ? long : search(0, Math.min(border, whole));
}

/** Lengths that are offered are multiples of this. */
const step = 1024;
