// A sequence begins with zeros, wherever its memory has been before, with Dawn as it is shipped too.
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { loadModel } from '../../../engine/model/load.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';

test('a text is read alike in fresh memory and in memory that other texts have left', async () => {
  const gpu = await openGpu({ dawn: 'release' });
  try {
    const checkpoint = await openCheckpoint(embeddedModelPath);
    const model = await loadModel(gpu, checkpoint);
    await checkpoint.close();
    const { ids } = goldenTokenizer.prompts.plain;
    const read = async (): Promise<number[]> => {
      const sequence = await model.createSequence();
      const logits = [...(await model.forward(sequence, ids, 'last'))];
      sequence.dispose();
      return logits;
    };
    const first = await read();
    const { layers } = await model.createSequence();
    const sizes = layers.flatMap(layer =>
      layer.kind === 'linear' ? [layer.ring, layer.recurrent].map(({ length }) => length) : [],
    );
    for (let again = 0; again < 3; again++) {
      const left = [...sizes, ...sizes].map(size =>
        gpu.buffers.from('left', [size], new Float32Array(size).fill(again + 1)),
      );
      await gpu.idle();
      for (const tensor of left) tensor.dispose();
      await gpu.idle();
      expect(await read()).toEqual(first);
    }
    model.dispose();
  } finally {
    gpu.dispose();
  }
});
