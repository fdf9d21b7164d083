// A model with its MTP block loaded but no drafts computes what it computes without the block, over many windows of rotary positions.
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

/** With this many the window's end once lies between a row and what the block reads after it. */
const promptTokens = 13;
const decodedTokens = 300;

test('300 tokens decoded without drafts are the same with and without the MTP block', async () => {
  const gpu = await openGpu();
  const checkpoint = await openCheckpoint(embeddedModelPath);
  const id = (i: number): number => (i * 37 + 11) % 8000;
  const logitsOf = async (model: LoadedModel): Promise<Float32Array | undefined> => {
    const sequence = await model.createSequence();
    await model.forward(
      sequence,
      Array.from({ length: promptTokens }, (_, i) => id(i)),
      'none',
    );
    let last: Float32Array | undefined;
    for (let i = 0; i < decodedTokens; i++)
      last = (await model.step(sequence, id(i), { drafts: 0, logits: i === decodedTokens - 1 })).logits;
    model.dispose();
    return last;
  };
  const without = await logitsOf(await loadModel(gpu, checkpoint, { mtp: false }));
  const withBlock = await logitsOf(await loadModel(gpu, checkpoint, { mtp: true }));
  expect(without).toBeDefined();
  expect(withBlock).toEqual(without);
  await checkpoint.close();
  gpu.dispose();
});
