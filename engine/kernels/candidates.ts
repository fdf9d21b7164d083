// What the kernels that draw a token tell each other about a row: its slices, and the ids worth looking at.
import type { Gpu } from '../gpu/device.ts';
import type { Word } from '../gpu/encoded_kernel.ts';
import order from './draw/order.wgsl';

/** Most ids of a row that are listed. Where more are near, the row itself is searched. */
export const listedMax = 16_384;
/** Slices of a row: a top-k of no more is cut by the largest values of slices. */
export const sliceCount = 128;
export const headerWords = 16;

/** u32 words that a row needs. */
export const candidateWords = headerWords + sliceCount + listedMax;

/** The preamble of row_peaks, row_candidates and sample_rows, and how many workgroups share the slices of a row. */
export function candidateLayout(gpu: Gpu): { preamble: string; groups: number } {
  // Each of them compares all slices, so a software device wants few.
  const groups = gpu.software ? 4 : sliceCount;
  const sizes = Object.entries({
    HEADER: headerWords,
    SLICES: sliceCount,
    LISTED: listedMax,
    GROUPS: groups,
  });
  return { preamble: sizes.map(([name, size]) => `const ${name} = ${size}u;\n`).join('') + order, groups };
}

/** Numbers of a DrawRule (language_model/sampling.ts), which may change from step to step. */
export interface DrawWords {
  /** Of the candidates the first so many; 0: all. */
  topK: Word;
  /** The fewest whose share of the weight is more than share / 2^32; 2^32 - 1: all. */
  share: Word;
  /** Smallest weight; 0: any. */
  least: Word;
  /** 1 / temperature. */
  inverse: Word;
  /** Values further than this below the largest are never drawn. */
  reach: Word;
}
