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
  const formats = { short: 'f16', long } as const;
  const pages = kvPageLayout(formats, dim);
  const equalRoom = Math.ceil(contextTokensMax / pages.long) * pages.short;
  return { ...formats, shortTokensMax: Math.min(equalRoom, limits.kvHalfContextTokensMax) };
}

/**
 * The plan where one tensor has room for so many pages: a text goes on in the long format while it still has its pages in the short one, so
 * it does that as early as both have room.
 */
export function kvPlanWithin(plan: KvPlan, dim: number, pagesMost: number): KvPlan {
  if (plan.short === plan.long) return plan;
  const { short, long } = kvPageLayout(plan, dim);
  // What is read next is in the long format at once.
  const next = Math.ceil(limits.prefillBatchTokensMax / long) + 1;
  const shortPages = Math.max(0, Math.floor(((pagesMost - next) * long) / (short + long)));
  return { ...plan, shortTokensMax: Math.min(plan.shortTokensMax, shortPages * short) };
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

/** Fewest positions of a page of keys and values: whatever kernels take keys by divides it. */
const pagePositionsLeast = 128;

/** How pages of a model's keys are laid out, and of its values. All are equally large, whatever the format of the text that has one. */
export interface KvPageLayout {
  /** Words for each key head. */
  headWords: number;
  /** Positions that one holds of a text in either format, a power of two. */
  short: number;
  long: number;
}

/** The layout that wastes least where a model has texts in two formats: nothing with one. */
export function kvPageLayout(plan: Pick<KvPlan, 'short' | 'long'>, dim: number): KvPageLayout {
  const short = pagePositionsLeast;
  const [shortWords, rowWords] = [short * kvRowWords(plan.short, dim), kvRowWords(plan.long, dim)];
  const layouts = [1, 2, 4].map(times => {
    const long = times * short;
    const headWords = Math.max(shortWords, long * rowWords);
    return { layout: { headWords, short, long }, used: (shortWords + long * rowWords) / headWords };
  });
  return layouts.reduce((best, other) => (other.used > best.used ? other : best)).layout;
}

/** Pages that a text of so many positions takes. */
export function kvPagesFor(plan: KvPlan, dim: number, tokens: number): number {
  const { short, long } = kvPageLayout(plan, dim);
  return Math.ceil(tokens / (kvFormatAt(plan, tokens) === plan.short ? short : long));
}

/** Entries of the table of a text within a context of this length. */
export function kvTableEntries({ shortTokensMax }: KvPlan, contextTokensMax: number): number {
  // In the long format a page holds as many positions or more.
  return Math.max(1, Math.ceil(Math.max(shortTokensMax, contextTokensMax) / pagePositionsLeast));
}

/** Pages that the longest text takes: at the end of the context, or just before it is kept in the long format. */
export function kvPagesOfText(plan: KvPlan, dim: number, contextTokensMax: number): number {
  const lengths = [contextTokensMax, Math.min(plan.shortTokensMax, contextTokensMax)];
  return Math.max(...lengths.map(tokens => kvPagesFor(plan, dim, tokens)));
}

/**
 * Pages of all texts that are kept at a time, when they have nothing in common: conversations as long as the context, what completions read,
 * and of each a page in which it goes on from what it has in common with another.
 */
export function kvPagesMost(plan: KvPlan, dim: number, contextTokensMax: number): number {
  const { completionPromptTokensMax, completionTokensMax, chatSequencesMax, completionSequencesMax } = limits;
  const read = Math.min(completionPromptTokensMax + completionTokensMax, contextTokensMax);
  return (
    chatSequencesMax * (kvPagesOfText(plan, dim, contextTokensMax) + 1) +
    completionSequencesMax * (kvPagesFor(plan, dim, read) + 1)
  );
}

/** Pages that there is room for when the first text begins. */
export const kvFirstPages = 2;

/** Room for `need` pages once `pages` are too few: twice as many, up to `most` or what is needed. */
export function kvNextPages(pages: number, need: number, most: number): number {
  return Math.max(need, Math.min(2 * pages, most));
}
