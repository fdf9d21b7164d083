// Attention of a batch of rows: picks the kernel by the form the device runs.
import type { BatchForm } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionFlash, flashDimMax } from './attention_flash.ts';
import { attentionPrefill, type AttentionShape, type AttentionTensors } from './attention_prefill.ts';
import { attentionShuffle } from './attention_shuffle.ts';

const kernels: Record<BatchForm, typeof attentionPrefill> = {
  lanes: attentionPrefill,
  shuffle: attentionShuffle,
  tiles: attentionFlash,
};

/** o = sigmoid(gate) · softmax(q · keys) · values, causal; see attentionPrefill. */
export function attentionBatch(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { attention: form } = list.gpu.variant;
  kernels[form === 'tiles' && shape.dim > flashDimMax ? 'lanes' : form](list, t, shape);
}
