// Loads a model as the engine does, text first, and says what that took of the host's memory: node PROGRAM PATH [QUANTIZE].
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import { openGpu } from '../../engine/gpu/device.ts';
import { loadModel } from '../../engine/model/load.ts';
import type { LoadProgress, QuantizedType } from '../../engine/protocol/lifecycle.ts';
import { loadText } from '../../engine/service/loaded.ts';
import { compileLater, peakBytes, resetPeak } from './peak_memory.ts';

export interface LoadingReport {
  /** Ids of a text, last of all the one with the highest number. */
  ids: number[];
  /** host: the most that was resident until the weights were there, above what was before and what is on the device. */
  bytes: { device: number; host: number };
}

const [, , path = '', quantize] = process.argv;
const gpu = await openGpu();
const before = process.memoryUsage.rss();
resetPeak();
const checkpoint = await openCheckpoint(path);
const { tokenizer } = await loadText(checkpoint);

/** Ends the process when the weights are there; the kernels that bring them compile before. */
function onProgress({ stage, doneBytes, totalBytes }: LoadProgress): void {
  if (stage !== 'compiling' || totalBytes === 0 || doneBytes < totalBytes) return;
  const device = gpu.buffers.liveBytes;
  const host = peakBytes() - before - device;
  const report: LoadingReport = {
    ids: tokenizer.encode('text<|endoftext|>', { special: true }),
    bytes: { device, host },
  };
  process.send?.(report, () => process.exit(0));
}
await loadModel(gpu, checkpoint, {
  ...(quantize ? { quantize: quantize as QuantizedType } : {}),
  onProgress,
  variants: compileLater,
});
