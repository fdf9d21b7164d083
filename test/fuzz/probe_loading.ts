// Loads a model onto the device and reads a few tokens. An error of the GPU itself is a defect: work that is not valid must
// never be submitted, whatever a file says. Nothing may stay on the device.
import { openCheckpoint } from '../../engine/checkpoint/open_checkpoint.ts';
import type { Gpu } from '../../engine/gpu/device.ts';
import { loadModel } from '../../engine/model/load.ts';
import { checkNamed } from './probe.ts';

const ours: ReadonlySet<string> = new Set(['gpuError', 'deviceLost', 'badParams']);

export async function probeLoading(gpu: Gpu, path: string): Promise<string[]> {
  const before = gpu.buffers.liveCount;
  let outcome = 'load: ok';
  try {
    const checkpoint = await openCheckpoint(path);
    try {
      await loadAndRead(gpu, checkpoint);
    } finally {
      await checkpoint.close();
    }
  } catch (error) {
    const { code } = checkNamed(error);
    if (ours.has(code)) throw error;
    outcome = `load: ${code}`;
  }
  await gpu.idle();
  const left = gpu.buffers.liveCount - before;
  if (left !== 0) throw new Error(`${left} buffers stay on the device after "${outcome}"`);
  return [outcome];
}

async function loadAndRead(gpu: Gpu, checkpoint: Parameters<typeof loadModel>[1]): Promise<void> {
  const model = await loadModel(gpu, checkpoint, { mtp: true });
  const sequence = await model.createSequence();
  try {
    const ids = [0, model.vocabularySize - 1].slice(0, model.contextTokensMax);
    const logits = await model.forward(sequence, ids, 'last');
    if (logits.length !== model.vocabularySize) throw new Error(`${logits.length} logits`);
  } finally {
    sequence.dispose();
    model.dispose();
  }
}
