// What becomes of a step that runs ahead when the device is lost, or when what the step before gave cannot be read.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { PrefixCache, type Lease } from '../../../engine/generate/prefix_cache.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { rightDrafts } from '../../../engine/model/decode_steps.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { whole } from '../../../engine/language_model/whole.ts';

const prompt = goldenTokenizer.prompts.plain.ids;
const drafts = 2;

let gpu: Gpu;
let model: LoadedModel;
beforeEach(async () => {
  gpu = await openGpu();
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 256 });
  await checkpoint.close();
});
afterEach(() => {
  model.dispose();
  gpu.dispose();
});

const options = { drafts, logits: false, ahead: drafts };

async function leaseOf(cache: PrefixCache): Promise<Lease> {
  const lease = (await cache.acquire(prompt, 'chat'))!;
  await whole(lease.read(prompt.slice(lease.position), 'none'));
  return lease;
}

/** The ids of so many steps. */
async function idsOf(lease: Lease, steps: number): Promise<number[]> {
  const ids = [11];
  for (let n = 0; n < steps; n++) {
    const step = await lease.step(ids.at(-1) as number, options);
    const right = rightDrafts(step);
    lease.accept(right);
    ids.push(...step.picks.slice(0, right + 1));
  }
  return ids;
}

test('a device that is lost while a step runs ahead ends in that error, and all of it can be freed', async () => {
  const sequence = await model.createSequence();
  await model.forward(sequence, prompt, 'none');
  const first = await model.step(sequence, 11, options);
  sequence.takeBack(drafts - rightDrafts(first));
  const running = hearthErrorOf(() =>
    model.step(sequence, first.picks[rightDrafts(first)] as number, options),
  );
  gpu.device.destroy();
  expect((await running).code).toBe('deviceLost');
  expect((await hearthErrorOf(() => model.step(sequence, 5, options))).code).toBe('deviceLost');
  sequence.dispose();
});

test('a result that cannot be read drops the step behind it, and the text is the same on a new sequence', async () => {
  const cache = new PrefixCache(model);
  const lease = await leaseOf(cache);
  const wanted = await idsOf(lease, 3);
  lease.release();
  const broken = await leaseOf(cache);
  const { readback } = gpu;
  const after = readback.after.bind(readback);
  let kept = 0;
  readback.after = (...of) => {
    const read = after(...of);
    kept++;
    return {
      words: () => {
        kept--;
        read.drop();
        return Promise.reject(errors.gpuError('no words'));
      },
      drop: () => {
        kept--;
        read.drop();
      },
    };
  };
  expect((await hearthErrorOf(() => broken.step(11, options))).code).toBe('gpuError');
  readback.after = after;
  expect(kept, 'reads that nobody ended').toBe(0);
  expect((await hearthErrorOf(() => broken.step(11, options))).message).toMatch(/after it failed/);
  broken.release();
  const again = await leaseOf(cache);
  expect(await idsOf(again, 3)).toEqual(wanted);
  again.release();
  cache.dispose();
});
