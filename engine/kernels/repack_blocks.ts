// Kernel repack_blocks: GGUF's packed blocks into the aligned planes the accessors read, bit for bit.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import { groupCount, laneCount } from './launch.ts';
import source from './repack_blocks.wgsl';
import { formatFacts, type PackedBlock, type WeightFormat } from './weight_matrix.ts';

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
  const { block, planeBytes } = formatFacts(format);
  const [codes, scale] = planes;
  const [codeBytes = 0, scaleBytes = 0] = planeBytes;
  const cutsHigh = block?.highAt !== undefined;
  const [high = unused, highBytes = 0] = cutsHigh ? [planes[2], planeBytes[2]] : [];
  if (!block || !codes || !scale || first % repackAlignBlocks !== 0)
    throw errors.internal(`repack of ${format} at block ${first}`);
  const wg = laneCount(list.gpu);
  const groups = groupCount(count, wg * Math.max(1, 4 / scaleBytes));
  const preamble = {
    BLOCK_BYTES: block.bytes,
    CODE_AT: block.codesAt,
    CODE_WORDS: codeBytes / 4,
    SCALE_AT: block.scaleAt,
    SCALE_BYTES: scaleBytes < 4 ? scaleBytes : usedScaleBytes(block, scaleBytes),
    HIGH_AT: block.highAt ?? 0,
    HIGH_WORDS: highBytes / 4,
  };
  list.dispatch({
    spec: {
      name: 'repack_blocks',
      source,
      preamble: Object.entries(preamble)
        .map(([name, value]) => `const ${name} = ${value}u;\n`)
        .join(''),
      constants: { wg },
    },
    tensors: [raw, codes, scale, high],
    words: [count, first],
    groups: [Math.min(groups, groupsX), groupCount(groups, groupsX)],
  });
}

/** The scale plane is padded to whole words; a block may end inside its last one. */
function usedScaleBytes(block: PackedBlock, planeBytes: number): number {
  return Math.min(planeBytes, block.bytes - block.scaleAt);
}
