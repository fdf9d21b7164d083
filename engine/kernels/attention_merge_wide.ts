// Kernel attention_merge_wide: attention_merge for GPUs, a workgroup for a slice of a head.
import type { CommandList } from '../gpu/dispatch.ts';
import { mergeWork, type attentionMerge } from './attention_merge.ts';
import source from './attention_merge_wide.wgsl';
import { splitRowsMax } from './decode_plan.ts';
import { groupCount } from './launch.ts';

/** Quads of a slice: 128 neighbouring bytes of each split. */
const slice = 8;
const lanesMost = 128;

/** See attentionMerge; at most splitRowsMax splits. */
export function attentionMergeWide(
  list: CommandList,
  { partial, stats, gate, o }: Parameters<typeof attentionMerge>[1],
  s: Parameters<typeof attentionMerge>[2],
): void {
  const lanes = Math.min(lanesMost, list.gpu.limits.invocationsPerWorkgroupMax);
  list.dispatch({
    spec: {
      name: 'attention_merge_wide',
      source,
      preamble: `const WG = ${lanes}u;\nconst SLICE = ${slice}u;\nconst SPLITS_MAX = ${splitRowsMax}u;\n`,
    },
    tensors: [partial, stats, gate.tensor, o],
    words: [
      s.heads,
      s.dim / 4,
      s.splits,
      gate.offset / 4,
      gate.stride / 4,
      s.gateHeadStride / 4,
      s.firstRow ?? 0,
    ],
    groups: [groupCount(s.dim / 4, slice), s.count * s.heads],
    work: mergeWork(s),
  });
}
