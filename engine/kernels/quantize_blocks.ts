// Kernel quantize_blocks: rounds weights of any stored format to Q8_0 or Q4_0 while a model is loaded.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import type { QuantizedType } from '../protocol/lifecycle.ts';
import { groupCount, laneCount } from './launch.ts';
import source from './quantize_blocks.wgsl';
import { formatFacts, type WeightFormat } from './weight_matrix.ts';

/** What weights can be rounded to. */
export type QuantizedFormat = QuantizedType;

/** Values of a block with one scale; rows of other lengths cannot be rounded. */
export const quantizedBlock = 32;
/** Blocks of one call start at a multiple of this in their planes: two scales fill a word. */
const alignBlocks = 2;
const groupsX = 1024;

/** Reads `count` blocks from the start of the planes `from` and writes them to block `first` of the planes `to`. */
export function quantizeBlocks(
  list: CommandList,
  from: { format: WeightFormat; planes: readonly GpuTensor[] },
  to: { format: QuantizedFormat; planes: readonly GpuTensor[] },
  { count, first }: { count: number; first: number },
): void {
  if (first % alignBlocks !== 0) throw errors.internal(`${to.format} is written at block ${first}`);
  const wg = laneCount(list.gpu);
  const groups = groupCount(count, wg * alignBlocks);
  list.dispatch({
    spec: {
      name: 'quantize_blocks',
      source,
      preamble: `const Q4 = ${to.format === 'Q4_0'};\n${formatFacts(from.format).accessor}`,
      constants: { wg },
    },
    tensors: [...from.planes, ...to.planes],
    words: [count, first],
    groups: [Math.min(groups, groupsX), groupCount(groups, groupsX)],
  });
}
