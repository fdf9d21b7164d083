// Device memory that the engine needs besides the weights, by the engine's own rules (engine/protocol/kv_format.ts, limits.ts):
// states and checkpoints of the texts that it keeps, their keys and values, and room for one of them to grow. Pure.
import { kvFormatFor, kvPositionsAtGrowth, kvRowWords } from '../../../engine/protocol/kv_format.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { projectionBytes, stateBytes } from './arithmetic.ts';
import type { ModelShape } from './model_shape.ts';

/** What a device has left for texts: bytes besides weights and fixed parts, and the largest buffer that a shader may read. */
export interface ContextRoom {
  roomBytes: number;
  bufferBytes: number;
}

/** Activations of a prefill batch, staging buffers, compiled kernels. */
export const workingBytes = 300e6;
/** Positions whose raw projections are kept beside every recurrent state (engine/model/sequence/state.ts). */
const ringRows = 16;
const texts = limits.chatSequencesMax + limits.completionSequencesMax;

/** Whatever the length of the context: working buffers, a state for each text, and checkpoints, one of them just being made. */
export function fixedBytes(shape: ModelShape): number {
  const state = stateBytes(shape);
  const row = projectionBytes(shape);
  const checkpoint = state + (shape.convKernel - 1) * row;
  const kept = Math.min(limits.checkpointBytesMax, limits.checkpointsPerSequenceMax * texts * checkpoint);
  return workingBytes + texts * (state + ringRows * row) + kept + checkpoint;
}

/** Keys and values of one position, in the form that a context of this length asks for. */
export function positionBytes(shape: ModelShape, contextTokens: number, layers: number): number {
  return layers * 2 * bufferRowBytes(shape, contextTokens);
}

/**
 * Keys and values when every conversation is as long as the context and one of them grows for the last time, and those of
 * completions.
 */
export function cacheBytes(shape: ModelShape, contextTokens: number): number {
  const { before, after } = kvPositionsAtGrowth(contextTokens, contextTokens);
  const read = limits.completionPromptTokensMax + limits.completionTokensMax;
  const completions = limits.completionSequencesMax * kvPositionsAtGrowth(read, contextTokens).after;
  const positions = before + limits.chatSequencesMax * after + completions;
  return positions * positionBytes(shape, contextTokens, shape.attentionLayers + (shape.mtpLayers ?? 1));
}

/** Whether a context of this length has room: all of it, and the keys of one layer in their buffer. */
export function hasRoomFor(shape: ModelShape, tokens: number, room: ContextRoom): boolean {
  return (
    cacheBytes(shape, tokens) <= room.roomBytes && tokens * bufferRowBytes(shape, tokens) <= room.bufferBytes
  );
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

/** Keys, or values, of one position in one layer; all positions of a layer lie in one buffer. */
function bufferRowBytes({ kvHeads, headDim }: ModelShape, contextTokens: number): number {
  return 4 * kvHeads * kvRowWords(kvFormatFor(contextTokens, headDim), headDim);
}
