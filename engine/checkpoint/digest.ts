// Which weights a checkpoint has, found without reading all of them: names, types and shapes of all tensors, and bytes from the beginning,
// the middle and the end of many. Weights that were trained on differ nearly everywhere.
import { createHash } from 'node:crypto';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';

/** Tensors that are looked into; more would take long on a slow disk. */
const sampledMax = 1_000;
const sampleBytes = 1024;

/** The same text for the same weights. Throws badCheckpoint, fileUnreadable. */
export async function checkpointDigest(checkpoint: Pick<Checkpoint, 'tensors' | 'read'>): Promise<string> {
  const hash = createHash('sha256');
  const tensors = [...checkpoint.tensors.values()].filter(({ byteLength }) => byteLength > 0);
  for (const { name, type, shape, byteLength } of tensors)
    hash.update(JSON.stringify([name, type, shape, byteLength]));
  const every = Math.ceil(tensors.length / sampledMax);
  for (const tensor of tensors.filter((_, i) => i % every === 0))
    for (const offset of offsetsIn(tensor)) {
      const bytes = new Uint8Array(Math.min(sampleBytes, tensor.byteLength));
      await checkpoint.read(tensor, offset, bytes);
      hash.update(bytes);
    }
  return hash.digest('hex');
}

function offsetsIn({ byteLength }: TensorEntry): number[] {
  const last = Math.max(0, byteLength - sampleBytes);
  return [...new Set([0, Math.floor(last / 2), last])];
}
