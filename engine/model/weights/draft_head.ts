// The head of drafts: the rows of the model's head for the most frequent ids, as a matrix of its own. A draft reads a small part of the
// head then; what it misses costs a draft and nothing else, because the model decides (docs/MODEL.md 8.3).
import type { Gpu } from '../../gpu/device.ts';
import { runOnce } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { canGather, gatherRows } from '../../kernels/gather_rows.ts';
import { formatFacts, WeightMatrix, type WeightPart } from '../../kernels/weight_matrix.ts';
import { isDeviceMemoryLack } from '../../protocol/errors.ts';

export interface DraftHead {
  matrix: WeightMatrix;
  /** u32 [matrix.rows]: the ids that the rows belong to. */
  ids: GpuTensor;
}

/**
 * The rows of `head` for these ids, which are distinct and in the vocabulary. Undefined where there is no memory for them, or where rows
 * of this storage type cannot be taken apart.
 */
export async function makeDraftHead(
  gpu: Gpu,
  head: WeightMatrix,
  ids: Uint32Array<ArrayBuffer>,
): Promise<DraftHead | undefined> {
  if (!canGather(head.format, head.columns)) return undefined;
  const { memory } = gpu.buffers;
  const bytes = Math.ceil((head.byteLength / head.rows) * ids.length) + ids.byteLength;
  if (memory.budget('draft head', bytes) < bytes) return undefined;
  let made: DraftHead;
  try {
    made = await gpu.buffers.obtain('the head of drafts', 'draft head', () =>
      emptyDraftHead(gpu, head, ids.length),
    );
  } catch (error) {
    if (isDeviceMemoryLack(error)) return undefined;
    throw error;
  }
  made.ids.write(ids);
  await runOnce(gpu, list => gatherRows(list, head, made.ids, made.matrix));
  return made;
}

export function disposeDraftHead({ matrix, ids }: DraftHead): void {
  matrix.dispose();
  ids.dispose();
}

/** For so many rows of such a head, none of them filled, in parts that fit the device's binding limit, as those of any matrix. */
export function emptyDraftHead(gpu: Gpu, { format, columns }: WeightMatrix, rows: number): DraftHead {
  const { planeBytes, elements, table } = formatFacts(format);
  const blocks = columns / elements;
  const most = Math.floor(gpu.limits.storageBindingBytesMax / (blocks * Math.max(...planeBytes)));
  const create = (name: string, words: number): GpuTensor =>
    gpu.buffers.create(`head of drafts ${name}`, [Math.max(4, words)], 'u32');
  const parts: WeightPart[] = [];
  for (let rowStart = 0; rowStart < rows; rowStart += most) {
    const rowCount = Math.min(most, rows - rowStart);
    const planes = planeBytes.map((bytes, i) =>
      create(`[${rowStart}] plane ${i}`, (rowCount * blocks * bytes) / 4),
    );
    if (table) planes.push(create(`[${rowStart}] table`, table.length));
    parts.push({ rowStart, rowCount, planes });
  }
  return {
    matrix: new WeightMatrix('head of drafts', format, rows, columns, parts),
    ids: create('ids', rows),
  };
}
