// The way of stored weights to their planes on the device: files are read straight into mapped memory, then copied, repacked or
// rounded by the device. Knows bytes and formats, not tensors' places in the model.
import { fp8ColumnsMultiple } from '../../checkpoint/quant.ts';
import type { Gpu } from '../../gpu/device.ts';
import { runOnce } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { UploadRing } from '../../gpu/upload_ring.ts';
import { quantizeBlocks, quantizedBlock, type QuantizedFormat } from '../../kernels/quantize_blocks.ts';
import { repackAlignBlocks, repackBlocks } from '../../kernels/repack_blocks.ts';
import { formatFacts, type WeightFormat } from '../../kernels/weight_matrix.ts';
import { errors } from '../../protocol/errors.ts';
import type { RowBytes, RowScales } from './source_bytes.ts';

/** Host memory of one read; four of them are in flight at most. */
const chunkBytesMax = 8 * 1024 * 1024;

/** The buffer that raw rows or blocks are copied to; the repack kernel reads one word past their end. */
const rawWords = chunkBytesMax / 4 + 2;

/** Bytes of a row as it is stored, without scales that lie apart. */
export function storedRowBytes(format: WeightFormat, columns: number): number {
  const { elements, planeBytes, block } = formatFacts(format);
  return (columns / elements) * (block?.bytes ?? planeBytes[0] ?? 0);
}

/** Rows up to this long can be rounded: two of them have to fit one read. */
export const roundedRowBytesMax = chunkBytesMax / 2;

export class WeightStream {
  readonly #ring: UploadRing;
  readonly #staging = new Map<string, GpuTensor>();

  /** onBytes: told of the bytes that were read since it was told last. `signal` ends the stream with loadCancelled. */
  constructor(
    private readonly gpu: Gpu,
    private readonly onBytes: (byteLength: number) => void,
    private readonly signal?: AbortSignal,
  ) {
    this.#ring = new UploadRing(gpu, chunkBytesMax);
  }

  /** Bytes as they are. */
  async plain(bytes: RowBytes, plane: GpuTensor, byteLength: number): Promise<void> {
    for (let at = 0; at < byteLength; at += chunkBytesMax)
      await this.#send(bytes, Math.min(chunkBytesMax, byteLength - at), plane, at);
  }

  /** Scales that lie apart, `perRow` a row; there are few, and progress counts the rows only. */
  async scales(scales: RowScales, plane: GpuTensor, rows: number, perRow: number): Promise<void> {
    const rowBytes = perRow * 4;
    const chunkRows = Math.max(1, Math.floor(chunkBytesMax / rowBytes));
    for (let row = 0; row < rows; row += chunkRows)
      plane.write(await scales.next(Math.min(chunkRows, rows - row)), row * rowBytes);
  }

  /** Whole rows, an even number at a time, rounded on the device. A row has at most roundedRowBytesMax bytes. */
  async rounded(
    { bytes, scales, stored }: { bytes: RowBytes; scales: RowScales | undefined; stored: WeightFormat },
    to: { format: QuantizedFormat; planes: readonly GpuTensor[] },
    { rows, columns }: { rows: number; columns: number },
  ): Promise<void> {
    const rowBytes = storedRowBytes(stored, columns);
    const rowBlocks = columns / quantizedBlock;
    const chunkRows = Math.floor(chunkBytesMax / rowBytes / 2) * 2;
    const raw = this.#stage('raw blocks', rawWords);
    const planes = [raw];
    const rawScales = scales && this.#stage('raw scales', chunkBytesMax / fp8ColumnsMultiple);
    if (rawScales) planes.push(rawScales);
    for (let row = 0; row < rows; row += chunkRows) {
      const count = Math.min(chunkRows, rows - row);
      await this.#send(bytes, count * rowBytes, raw, 0);
      if (scales) rawScales?.write(await scales.next(count));
      const blocks = { count: count * rowBlocks, first: row * rowBlocks };
      await runOnce(this.gpu, list => quantizeBlocks(list, { format: stored, planes }, to, blocks));
    }
  }

  /** GGUF's packed blocks, repacked into planes on the device. */
  async blocks(
    bytes: RowBytes,
    format: WeightFormat,
    planes: readonly GpuTensor[],
    blocks: number,
  ): Promise<void> {
    const blockBytes = formatFacts(format).block?.bytes as number;
    const chunkBlocks = Math.floor(chunkBytesMax / blockBytes / repackAlignBlocks) * repackAlignBlocks;
    const raw = this.#stage('raw blocks', rawWords);
    const unused = this.#stage('unused plane', 4);
    for (let first = 0; first < blocks; first += chunkBlocks) {
      const count = Math.min(chunkBlocks, blocks - first);
      await this.#send(bytes, count * blockBytes, raw, 0);
      await runOnce(this.gpu, list => repackBlocks(list, format, raw, planes, unused, { count, first }));
    }
  }

  /** Waits until the device has everything. Throws what went wrong there. */
  async finish(): Promise<void> {
    await this.#ring.drained();
    await this.gpu.idle();
  }

  /** Frees what was used on the way. */
  dispose(): void {
    this.#ring.dispose();
    for (const tensor of this.#staging.values()) tensor.dispose();
    this.#staging.clear();
  }

  async #send(bytes: RowBytes, byteLength: number, to: GpuTensor, at: number): Promise<void> {
    if (this.signal?.aborted) throw errors.loadCancelled();
    const slot = await this.#ring.take();
    this.#ring.send(slot, to, at, await bytes.read(slot.bytes, byteLength));
    this.onBytes(byteLength);
  }

  /** A buffer on the device, kept until the end. */
  #stage(label: string, words: number): GpuTensor {
    let tensor = this.#staging.get(label);
    if (!tensor) this.#staging.set(label, (tensor = this.gpu.buffers.create(label, [words], 'u32')));
    return tensor;
  }
}
