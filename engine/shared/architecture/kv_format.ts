// How keys and values are kept: the formats that a context asks for, the length of a row, and how the room for them grows. Pure; the
// engine and the advice before a download go by the same rules.
import { limits } from '../../protocol/limits.ts';

export type KvFormat = 'f32' | 'f16' | 'q8';

/** Heads of this width can be stored so: every format takes multiples of 4, q8 only whole groups of 32. */
export function kvFits(format: KvFormat, dim: number): boolean {
  return format !== 'q8' || dim % 32 === 0;
}

/** The format for the end of a context of this length; `wanted` instead, when set. Heads that q8 cannot store are kept in f16. */
export function kvFormatFor(contextTokensMax: number, dim: number, wanted?: KvFormat): KvFormat {
  const format = wanted ?? (contextTokensMax > limits.kvHalfContextTokensMax ? 'q8' : 'f16');
  return kvFits(format, dim) ? format : 'f16';
}

/** How keys and values of one text are kept: in `short` up to so many positions, and from then on all of them in `long`. */
export interface KvPlan {
  short: KvFormat;
  shortTokensMax: number;
  long: KvFormat;
}

/**
 * The plan for a context of this length. What is kept in 8 bits at its end begins in halves, for as long as they take no more room than
 * that end, and at most as long as a context that is kept in halves throughout.
 */
export function kvPlanFor(contextTokensMax: number, dim: number, wanted?: KvFormat): KvPlan {
  const long = kvFormatFor(contextTokensMax, dim, wanted);
  if (long !== 'q8' || wanted) return { short: long, shortTokensMax: contextTokensMax, long };
  const equalRoom = Math.floor((contextTokensMax * kvRowWords('q8', dim)) / kvRowWords('f16', dim));
  return { short: 'f16', shortTokensMax: Math.min(equalRoom, limits.kvHalfContextTokensMax), long };
}

/** The format of a text of so many positions. */
export function kvFormatAt({ short, shortTokensMax, long }: KvPlan, tokens: number): KvFormat {
  return tokens <= shortTokensMax ? short : long;
}

/** Words of one row, whole 16 bytes. */
export function kvRowWords(format: KvFormat, dim: number): number {
  if (format === 'f32') return dim;
  const words = format === 'f16' ? dim / 2 : dim / 4 + Math.ceil(dim / 64);
  return Math.ceil(words / 4) * 4;
}

/** Positions that a new sequence has room for. */
export function kvFirstCapacity(contextTokensMax: number): number {
  return Math.min(256, contextTokensMax);
}

/** Room for `need` positions once `capacity` is too little: twice as much, up to the context or what one format is for. */
export function kvNextCapacity(capacity: number, need: number, tokensMax: number): number {
  return Math.min(Math.max(need, capacity * 2), tokensMax);
}

/** Positions in memory at the worst moment of a text that reaches `tokens`: the last room that was too small is there beside the new one. */
export function kvPositionsAtGrowth(
  tokens: number,
  contextTokensMax: number,
): { before: number; after: number } {
  let before = 0;
  let after = kvFirstCapacity(contextTokensMax);
  while (after < Math.min(tokens, contextTokensMax)) {
    before = after;
    after = kvNextCapacity(after, after + 1, contextTokensMax);
  }
  return { before, after };
}
