// Kernel attention_shuffle: attention_prefill for devices with subgroups of exactly 8 lanes.
import type { CommandList } from '../gpu/dispatch.ts';
import { acceptedPreamble } from './accepted.ts';
import type { AttentionShape, AttentionTensors } from './attention_prefill.ts';
import source from './attention_shuffle.wgsl';
import variant from './variants/attention_shuffle.wgsl';
import { kvAccessor, kvUnits, type KvCache } from './kv_cache.ts';
import { groupCount } from './launch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { attentionWork } from './work.ts';

/** Queries of one workgroup. */
export const shuffleQueries = 8;

/** What stands in front of a kernel of variants/attention_shuffle with so many queries a workgroup. */
export function attentionShufflePreamble(
  queries: number,
  cache: Pick<KvCache, 'format' | 'page'>,
  dim: number,
  accepted?: GpuTensor,
): string {
  const sizes = `const M = ${queries}u;\nconst UNITS = ${kvUnits(cache.format, dim)}u;\n`;
  return sizes + acceptedPreamble(accepted) + kvAccessor(cache, dim) + variant;
}

/** See attentionPrefill. */
export function attentionShuffle(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { count, firstRow = 0, start, heads, kvHeads, dim } = shape;
  const { keys, values, table } = t.cache;
  list.dispatch({
    spec: {
      name: 'attention_shuffle',
      source,
      preamble: attentionShufflePreamble(shuffleQueries, t.cache, dim),
      subgroups: true,
    },
    tensors: [t.q, keys, values, t.gate.tensor, t.o, table],
    words: [
      firstRow + count,
      heads,
      kvHeads,
      start,
      t.gate.offset / 4,
      t.gate.stride / 4,
      t.gateHeadStride / 4,
      (firstRow * heads) / kvHeads,
    ],
    floats: [dim ** -0.5],
    groups: [groupCount((count * heads) / kvHeads, shuffleQueries), kvHeads],
    work: attentionWork({ ...shape, format: t.cache.format }),
  });
}
