// Attention of a batch of rows: picks the kernel by the variant that the device runs.
import type { AttentionVariant } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionFlash, flashDimMax } from './attention_flash.ts';
import { attentionPrefill, type AttentionShape, type AttentionTensors } from './attention_prefill.ts';
import { attentionShuffle } from './attention_shuffle.ts';

const kernels: Record<AttentionVariant, typeof attentionPrefill> = {
  prefill: attentionPrefill,
  shuffle: attentionShuffle,
  flash: attentionFlash,
};

/** o = sigmoid(gate) · softmax(q · keys) · values, causal; see attentionPrefill. */
export function attentionBatch(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { attention } = list.gpu.variant;
  kernels[attention === 'flash' && shape.dim > flashDimMax ? 'prefill' : attention](list, t, shape);
}
