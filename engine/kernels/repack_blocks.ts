// Kernel repack_blocks: GGUF's packed 32-element blocks into the aligned planes the accessors read, bit for bit.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import { groupCount, laneCount } from './launch.ts';
import source from './repack_blocks.wgsl';
import { weightFormats, type WeightFormat } from './weight_matrix.ts';

/** Blocks of one call start at a multiple of this in their planes (four one-byte scales fill a word). */
export const repackAlignBlocks = 4;
const groupsX = 1024;

/**
 * Writes `count` raw blocks to block `first` of the planes. `raw` holds the bytes and at least one word more;
 * `unused` stands in for the plane of fifth bits of formats that have none.
 */
export function repackBlocks(
  list: CommandList,
  format: WeightFormat,
  raw: GpuTensor,
  planes: readonly GpuTensor[],
  unused: GpuTensor,
  { count, first }: { count: number; first: number },
): void {
  const { block, planeBytes } = weightFormats[format];
  const [codes, scale, high = unused] = planes;
  if (!block || !codes || !scale || first % repackAlignBlocks !== 0) throw errors.internal(`repack of ${format} at block ${first}`);
  const wg = laneCount(list.gpu);
  const scaleBytes = planeBytes[1] as number;
  const groups = groupCount(count, wg * (4 / scaleBytes));
  list.dispatch({
    spec: {
      name: 'repack_blocks',
      source,
      preamble: [
        `const BLOCK_BYTES = ${block.bytes}u;`,
        `const CODE_AT = ${block.codesAt}u;`,
        `const CODE_WORDS = ${(planeBytes[0] as number) / 4}u;`,
        `const SCALE_BYTES = ${scaleBytes}u;`,
        `const HIGH_AT = ${block.highAt}u;\n`,
      ].join('\n'),
      constants: { wg },
    },
    tensors: [raw, codes, scale, high],
    words: [count, first],
    groups: [Math.min(groups, groupsX), groupCount(groups, groupsX)],
  });
}
