// What is checked of a real model: every storage type and width, in each of its uses, and all of it is right here.
import { expect, test } from 'vitest';
import { matrixUses } from '../../../engine/check/matrix_uses.ts';
import { wrongKernels } from '../../../engine/check/run_products.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { loadModel } from '../../../engine/model/load.ts';
import { matricesOf } from '../../../engine/model/weights/weights.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

test('the embedded model is checked in all its uses', async () => {
  const gpu = await openGpu();
  try {
    const checkpoint = await openCheckpoint(embeddedModelPath);
    const model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 64 });
    await checkpoint.close();
    const uses = matrixUses(model);
    expect(new Set(uses.map(use => JSON.stringify(use))).size).toBe(uses.length);
    expect(new Set(uses.map(({ role }) => role.kind))).toEqual(
      new Set(['embedding', 'draft head', 'projection', 'output', 'delta output', 'gate and up', 'down']),
    );
    const sizes = (all: readonly { format: string; columns: number }[]) =>
      new Set(all.map(({ format, columns }) => `${format} ${columns}`));
    expect(sizes(uses)).toEqual(sizes(matricesOf(model.weights)));
    expect(await wrongKernels(gpu, uses)).toEqual([]);
    model.dispose();
  } finally {
    gpu.dispose();
  }
});
