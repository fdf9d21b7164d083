// Writing with drafts, as the self-check does it on a GPU: right here, and off as soon as what the device accepts is miscounted or misplaced.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { draftsError } from '../../../engine/check/drafts_error.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { breakKernels } from '../../support/broken_kernels.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => gpu.dispose());

async function errorOf(): Promise<number> {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  let model: LoadedModel | undefined;
  try {
    model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 80 });
    return await draftsError(model, goldenTokenizer.prompts.plain.ids);
  } finally {
    model?.dispose();
    await checkpoint.close();
  }
}

test('a device that computes rightly is well within what is allowed, and nothing is left on it', async () => {
  const live = gpu.buffers.liveBytes;
  expect(await errorOf()).toBeLessThan(0.12);
  expect(gpu.buffers.liveBytes).toBe(live);
});

test.each([
  {
    what: 'accepted drafts that are miscounted',
    where: 'How many drafts of a step are right',
    text: 'accepted[0] = right;',
    by: 'accepted[0] = right + 1u;',
  },
  {
    what: 'keys that are not put behind the accepted drafts',
    where: 'rope_row + accepted()',
    text: 'kv_at(params.start + accepted() + t,',
    by: 'kv_at(params.start + t,',
  },
  {
    what: 'picks that are no largest logits',
    where: 'named(i), i the index of the largest of x[t, :]',
    text: 'named(min(pick, params.width - 1u))',
    by: 'named(min(pick ^ 1u, params.width - 1u))',
  },
])('$what are noticed', async ({ where, text, by }) => {
  const mend = breakKernels(gpu, { where, text, by });
  try {
    expect(await errorOf()).not.toBeLessThanOrEqual(0.25);
  } finally {
    mend();
  }
});
