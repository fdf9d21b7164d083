// Attention of few rows: its keys in splits, by the kernel of the variant that the device runs, and the splits joined.
import type { FewAttentionVariant, Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { addWords, mapWord } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { attentionDecode } from './attention_decode.ts';
import { attentionDecodeShuffle } from './attention_decode_shuffle.ts';
import { attentionDecodeTeam, decodeTeamBlocks, decodeTeamRule } from './attention_decode_team.ts';
import { attentionMerge } from './attention_merge.ts';
import { attentionMergeWide } from './attention_merge_wide.ts';
import type { AttentionTensors } from './attention_prefill.ts';
import { attentionTeamLanes } from './attention_team_plan.ts';
import { decodeBlocks, decodeRule, splitPlan, type DecodeShape, type SplitRule } from './decode_plan.ts';
import { kvRowWords, type KvFormat } from './kv_cache.ts';

/** q, o f32 [count, heads, dim]; partial f32 [splitRowsMax, heads, dim] and stats f32 [splitRowsMax, heads, 2] are scratch. */
export type SplitAttentionTensors = AttentionTensors & { partial: GpuTensor; stats: GpuTensor };

/** How a form of the kernel splits keys, and how many of its workgroups read each of them. */
interface Form {
  kernel: typeof attentionDecode;
  rule(gpu: Gpu, format: KvFormat, shape: Omit<DecodeShape, 'start'>): SplitRule;
  readers(gpu: Gpu, format: KvFormat, shape: Omit<DecodeShape, 'start'>): number;
}

const byBlocks = {
  rule: (gpu: Gpu, _format: KvFormat, shape: Omit<DecodeShape, 'start'>) => decodeRule(gpu, shape),
  readers: (_gpu: Gpu, _format: KvFormat, shape: Omit<DecodeShape, 'start'>) => decodeBlocks(shape),
};
const forms: Record<FewAttentionVariant, Form> = {
  split: { kernel: attentionDecode, ...byBlocks },
  shuffle: { kernel: attentionDecodeShuffle, ...byBlocks },
  team: { kernel: attentionDecodeTeam, rule: decodeTeamRule, readers: decodeTeamBlocks },
};

function formOf(gpu: Gpu): Form {
  const { fewAttention } = gpu.variant;
  // A variant that was kept for this device cannot be run where its subgroups are not used.
  return forms[fewAttention === 'team' && attentionTeamLanes(gpu) === 0 ? 'split' : fewAttention];
}

/** The kernel that joins splits on this device. */
export function mergeOf({ software }: Pick<Gpu, 'software'>): typeof attentionMerge {
  return software ? attentionMerge : attentionMergeWide;
}

/** o = sigmoid(gate) · softmax(q · keys) · values, causal, for the rows of one step; two kernels, whose splits follow the position. */
export function attentionFew(list: CommandList, t: SplitAttentionTensors, shape: DecodeShape): void {
  const { count, start, accepted, heads, dim } = shape;
  const { kernel, rule: ruleOf } = formOf(list.gpu);
  const rule = ruleOf(list.gpu, t.cache.format, shape);
  kernel(list, t, shape, { rule });
  mergeOf(list.gpu)(list, t, {
    count,
    heads,
    dim,
    splits: mapWord(addWords(start, accepted?.most ?? 0), at => splitPlan(rule, at + count).splits),
    gateHeadStride: t.gateHeadStride,
  });
}

/** Bytes of keys and values that one step of `count` rows from `start` on reads of the cache in a layer, as often as they are read. */
export function fewAttentionCacheBytes(
  gpu: Gpu,
  format: KvFormat,
  { start, ...shape }: DecodeShape & { start: number },
): number {
  const rowBytes = 4 * shape.kvHeads * kvRowWords(format, shape.dim);
  return 2 * rowBytes * (start + shape.count) * formOf(gpu).readers(gpu, format, shape);
}
