// A sequence begins with nothing, wherever its memory has been before: as Dawn is shipped, nobody else clears it.
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/locate.ts';
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
      const sequence = model.createSequence();
      const logits = [...(await model.forward(sequence, ids, 'last'))];
      for (const id of ids) await model.forward(sequence, [id], 'none');
      sequence.dispose();
      return logits;
    };
    const first = await read();
    for (let again = 0; again < 3; again++) expect(await read()).toEqual(first);
    model.dispose();
  } finally {
    gpu.dispose();
  }
});
