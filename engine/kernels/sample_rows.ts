// Kernel sample_rows: the drawn choice of a token, on the device. What is drawn is defined in language_model/sampling.ts.
import type { CommandList } from '../gpu/dispatch.ts';
import type { Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import { candidateLayout, candidateWords, type DrawWords } from './candidates.ts';
import type { RingRows } from './matvec.ts';
import randomCounted from './draw/random_counted.wgsl';
import randomGiven from './draw/random_given.wgsl';
import source from './sample_rows.wgsl';
import { overValues } from './work.ts';

/** Most rows of one call, each with a random number of its own. */
export const sampleRowsMax = 5;

/** The random words of draws number first + accepted() … of a seed (see language_model/sampling.ts). */
export interface CountedDraws {
  seed: Word;
  first: Word;
  accepted: GpuTensor;
}

/**
 * ids[(row + t) & mask] = a token drawn by x[t] with the random word t, or noPick as in argmax_rows. x f32 [count, width];
 * found as row_candidates left it, by the same rule. random: the words, or which draws of a text these are.
 */
export function sampleRows(
  list: CommandList,
  { x, found }: { x: GpuTensor; found: GpuTensor },
  ids: GpuTensor,
  options: {
    count: number;
    width: number;
    rule: DrawWords;
    random: readonly Word[] | CountedDraws;
    ring: RingRows;
  },
): void {
  const { count, width, rule, random, ring } = options;
  const counted = 'seed' in random ? random : undefined;
  const words = 'seed' in random ? [random.seed, random.first] : random;
  if (count > sampleRowsMax || (!counted && words.length < count))
    throw errors.internal(`${count} rows to draw with ${words.length} random numbers`);
  const lanes = list.gpu.software ? 8 : Math.min(256, list.gpu.limits.invocationsPerWorkgroupMax);
  const randomWords = Array.from({ length: sampleRowsMax }, (_, t) => words[t] ?? 0);
  list.dispatch({
    spec: {
      name: 'sample_rows',
      source,
      preamble:
        candidateLayout(list.gpu).preamble +
        (counted ? acceptedPreamble(counted.accepted) + randomCounted : randomGiven),
      constants: { wg: lanes },
    },
    tensors: [x, found, ids, ...acceptedTensors(counted?.accepted)],
    words: [width, ring.row, ring.mask, rule.topK, rule.share, rule.least, ...randomWords],
    floats: [rule.inverse, rule.reach],
    groups: [count],
    work: overValues(count * candidateWords),
  });
}
