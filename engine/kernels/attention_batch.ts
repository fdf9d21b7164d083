// Attention of a batch of rows: picks the kernel by the form the device runs.
import type { BatchForm } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionPrefill, type AttentionShape, type AttentionTensors } from './attention_prefill.ts';
import { attentionShuffle } from './attention_shuffle.ts';

const kernels: Record<BatchForm, typeof attentionPrefill> = {
  lanes: attentionPrefill,
  shuffle: attentionShuffle,
  tiles: attentionPrefill,
};

/** o = sigmoid(gate) · softmax(q · keys) · values, causal; see attentionPrefill. */
export function attentionBatch(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  kernels[list.gpu.variant.attention](list, t, shape);
}
