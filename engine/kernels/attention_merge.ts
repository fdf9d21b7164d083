// Kernel attention_merge: joins the splits of attention_decode and applies the output gate.
import type { CommandList } from '../gpu/dispatch.ts';
import { wordNow, type Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import type { Work } from '../shared/prediction/cost.ts';
import source from './attention_merge.wgsl';
import { groupCount, laneCount, type RowView } from './launch.ts';
import { overValues } from './work.ts';

/** What joining the splits has to do. */
export function mergeWork(s: { count: number; heads: number; dim: number; splits: Word }): () => Work {
  return () => overValues(s.count * s.heads * s.dim * (wordNow(s.splits) + 2));
}

/** partial, stats as attention_decode writes them; gate rows hold heads gateHeadStride apart; o f32 [count, heads, dim]. */
export function attentionMerge(
  list: CommandList,
  { partial, stats, gate, o }: { partial: GpuTensor; stats: GpuTensor; gate: RowView; o: GpuTensor },
  s: {
    count: number;
    heads: number;
    dim: number;
    splits: Word;
    gateHeadStride: number;
    /** Row of o that row 0 becomes. */
    firstRow?: number;
  },
): void {
  const wg = laneCount(list.gpu);
  const count = (s.count * s.heads * s.dim) / 4;
  list.dispatch({
    spec: { name: 'attention_merge', source, constants: { wg } },
    tensors: [partial, stats, gate.tensor, o],
    words: [
      count,
      s.heads,
      s.dim / 4,
      s.splits,
      gate.offset / 4,
      gate.stride / 4,
      s.gateHeadStride / 4,
      s.firstRow ?? 0,
    ],
    groups: [groupCount(count, wg)],
    work: mergeWork(s),
  });
}
