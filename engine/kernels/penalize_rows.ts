// Kernel penalize_rows: repetition and presence penalty, in place, before a token is chosen.
import type { CommandList } from '../gpu/dispatch.ts';
import type { Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import { groupCount, laneCount } from './launch.ts';
import source from './penalize_rows.wgsl';
import { overValues } from './work.ts';

/** Ids that one word of `seen` tells of. */
export const seenIdsPerWord = 16;

/** Numbers of a PenaltyRule (language_model/sampling.ts), which may change from step to step. */
export interface PenaltyWords {
  repetition: Word;
  /** 1 / repetition. */
  inverse: Word;
  presence: Word;
}

/** Ids that `seen` does not hold: row t takes count + accepted() + t of them, from place `first` of a ring. */
export interface RecentIds {
  tokens: GpuTensor;
  mask: number;
  first: Word;
  count: Word;
  /** See accepted.ts. */
  accepted?: GpuTensor | undefined;
}

/** Penalises x [count, width] for the ids in `seen`, u32 [width / 16 rounded up], two bits an id, and for the recent ones. */
export function penalizeRows(
  list: CommandList,
  x: GpuTensor,
  seen: GpuTensor,
  { count, width, rule, recent }: { count: number; width: number; rule: PenaltyWords; recent: RecentIds },
): void {
  const wg = laneCount(list.gpu);
  list.dispatch({
    spec: {
      name: 'penalize_rows',
      source,
      preamble: acceptedPreamble(recent.accepted),
      constants: { wg },
    },
    tensors: [x, seen, recent.tokens, ...acceptedTensors(recent.accepted)],
    words: [width, recent.first, recent.mask, recent.count],
    floats: [rule.repetition, rule.inverse, rule.presence],
    groups: [groupCount(groupCount(width, seenIdsPerWord), wg), count],
    work: overValues(count * width),
  });
}
