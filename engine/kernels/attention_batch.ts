// Attention of a batch of rows: picks the kernel by the variant that the device runs.
import type { AttentionVariant } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import { attentionFlash, flashDimMax } from './attention_flash.ts';
import { attentionPrefill, type AttentionShape, type AttentionTensors } from './attention_prefill.ts';
import { attentionShuffle } from './attention_shuffle.ts';
import { attentionWork, rowPieces, type RowPiece } from './work.ts';

const kernels: Record<AttentionVariant, typeof attentionPrefill> = {
  prefill: attentionPrefill,
  shuffle: attentionShuffle,
  flash: attentionFlash,
};

/** Pieces of a batch begin at multiples of it: what the workgroups of all kernels begin at, for any number of heads. */
const pieceRows = 8;

const rowsOf = (shape: AttentionShape, { first, count }: RowPiece): AttentionShape => ({
  ...shape,
  firstRow: first,
  count,
});

/** o = sigmoid(gate) · softmax(q · keys) · values, causal; see attentionPrefill. Rows are cut where all at once are too much work. */
export function attentionBatch(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { attention } = list.gpu.variant;
  const kernel = kernels[attention === 'flash' && shape.dim > flashDimMax ? 'prefill' : attention];
  const cut = { count: shape.count, multiple: pieceRows };
  for (const { first, count } of rowPieces(list.gpu, cut, piece => attentionWork(rowsOf(shape, piece))))
    kernel(list, t, rowsOf(shape, { first, count }));
}
