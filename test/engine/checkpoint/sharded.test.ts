// A GGUF model in several files is, to whoever reads it, the same model in one file, whichever part is opened.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import { ggufBytes, ggufInput, type GgufInput } from '../../support/gguf_writer.ts';
import { fixturePath } from '../../support/golden.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const directory = temporaryDirectory();

async function closing<T>(path: string, use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await use(checkpoint);
  } finally {
    await checkpoint.close();
  }
}
const configAndTensors = async (checkpoint: Checkpoint) => ({
  config: readModelConfig(checkpoint),
  tensors: new Map((await ggufInput(checkpoint)).tensors.map(tensor => [tensor.name, tensor])),
});

test('a model in three parts has the configuration and every byte of the whole file, from any part', async () => {
  const whole = fixturePath('gguf_next', 'model.gguf');
  const { metadata, tensors } = await closing(whole, ggufInput);
  const third = Math.ceil(tensors.length / 3);
  const paths = [0, 1, 2].map(number => {
    const split = {
      'split.no': { type: 'u16', value: number },
      'split.count': { type: 'u16', value: 3 },
      'split.tensors.count': tensors.length,
    };
    const part: GgufInput = {
      metadata: number === 0 ? { ...metadata, ...split } : split,
      tensors: tensors.slice(number * third, (number + 1) * third),
    };
    const path = join(directory, `model-0000${number + 1}-of-00003.gguf`);
    writeFileSync(path, ggufBytes(part));
    return path;
  });
  const want = await closing(whole, configAndTensors);
  for (const path of paths) expect(await closing(path, configAndTensors)).toEqual(want);
});
