// Bytes of a decoded token, counted from the kernels a step records, against the least that the model's sizes allow (docs/MODEL.md 13.3).
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import type { Dispatch } from '../../../engine/gpu/dispatch.ts';
import { bytesPerToken } from '../../../engine/model/bytes_per_token.ts';
import type { ModelConfig } from '../../../engine/model/config/config_types.ts';
import { loadModel } from '../../../engine/model/load.ts';
import type { Qwen3Next } from '../../../engine/model/qwen3_next.ts';
import { matricesOf } from '../../../engine/model/weights/weights.ts';
import { recordDispatches } from '../../bench/recorder.ts';
import { WeightIndex } from '../../bench/weight_use.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

/** Tokens read before the one that is counted. */
const position = 40;

/** Weights a token needs, experts that were not chosen left out, the embedding's table too: the sums of docs/MODEL.md 13.1. */
function activeParameters(c: ModelConfig): { inMatrices: number; routers: number } {
  const { hiddenSize: H, linearKeyHeads, linearValueHeads: nv, linearKeyDim, linearValueDim } = c;
  const [keys, values] = [linearKeyHeads * linearKeyDim, nv * linearValueDim];
  const deltaNet = H * (2 * keys + 2 * values + 2 * nv) + H * values;
  const attention = H * c.headDim * (3 * c.headCount + 2 * c.kvHeadCount);
  const mixers = c.layerKinds.reduce((sum, kind) => sum + (kind === 'linear' ? deltaNet : attention), 0);
  const experts = c.layerCount * 3 * H * (c.expertsPerToken * c.expertFf + c.sharedExpertFf);
  return {
    inMatrices: mixers + experts + c.vocabularySize * H,
    routers: c.layerCount * H * (c.expertCount + 1),
  };
}

/** Bytes of the delta state of all layers, and of one position of all KV caches in halves. */
function stateBytes(c: ModelConfig): { delta: number; kvPosition: number } {
  const linear = c.layerKinds.filter(kind => kind === 'linear').length;
  return {
    delta: linear * c.linearValueHeads * c.linearKeyDim * c.linearValueDim * 4,
    kvPosition: (c.layerCount - linear) * 2 * c.kvHeadCount * c.headDim * 2,
  };
}

describe('bytes of a token', () => {
  let gpu: Gpu;
  let model: Qwen3Next;
  let step: Dispatch[];
  beforeAll(async () => {
    gpu = await openGpu();
    const checkpoint = await openCheckpoint(embeddedModelPath);
    model = await loadModel(gpu, checkpoint);
    await checkpoint.close();
    const sequence = await model.createSequence();
    await model.forward(
      sequence,
      Array.from({ length: position }, (_, i) => i + 1),
      'last',
    );
    step = await recordDispatches(() => model.step(sequence, 7, { drafts: 0, logits: false }));
    sequence.dispose();
  });
  afterAll(() => {
    model.dispose();
    gpu.dispose();
  });

  /** What the recorded kernels read of weights, and read and write of state. */
  function counted(): { weights: number; state: number; kv: number } {
    const index = new WeightIndex(matricesOf(model.weights), model.config);
    const c = model.config;
    const total = { weights: 0, state: 0, kv: 0 };
    for (const dispatch of step) {
      total.weights += index.useOf(dispatch, 1)?.bytes ?? 0;
      if (dispatch.spec.name.startsWith('gated_delta')) {
        const layer = c.linearValueHeads * c.linearKeyDim * c.linearValueDim * 4;
        // In sweeps it is read once for what the row needs, and once more to be changed.
        total.state += layer * (dispatch.spec.name.endsWith('_shuffle') ? 3 : 2);
      }
      if (dispatch.spec.name.startsWith('attention_decode'))
        total.kv += (position + 1) * 2 * c.kvHeadCount * c.headDim * 2;
    }
    return total;
  }

  test('the counter is what the kernels of a step read', () => {
    const { weights, kv } = counted();
    const { delta } = stateBytes(model.config);
    expect(Math.abs(bytesPerToken(model, position + 1) / (weights + kv + 2 * delta) - 1)).toBeLessThan(0.001);
  });

  test('no more than a tenth above the least', () => {
    const { inMatrices, routers } = activeParameters(model.config);
    const { delta, kvPosition } = stateBytes(model.config);
    // The file stores matrices as Q8_0 and routers as F32.
    const least = inMatrices * 1.0625 + routers * 4 + 2 * delta + (position + 1) * kvPosition;
    const { weights, state, kv } = counted();
    const all = weights + state + kv;
    expect(all / least).toBeGreaterThan(0.99);
    expect(all / least).toBeLessThan(1.1);
  });
});

test('the sums are those of the 80B model', () => {
  const layerKinds = Array.from({ length: 48 }, (_, i) =>
    i % 4 === 3 ? ('full' as const) : ('linear' as const),
  );
  const config = {
    hiddenSize: 2048,
    layerCount: 48,
    layerKinds,
    vocabularySize: 151_936,
    headCount: 16,
    kvHeadCount: 2,
    headDim: 256,
    linearKeyHeads: 16,
    linearValueHeads: 32,
    linearKeyDim: 128,
    linearValueDim: 128,
    expertCount: 512,
    expertsPerToken: 10,
    expertFf: 512,
    sharedExpertFf: 512,
  } as ModelConfig;
  const { inMatrices, routers } = activeParameters(config);
  // Section 8.1 counts convolutions, norms and other vectors too, 1.4 million in all.
  const vectors = 36 * (32_768 + 192) + 12 * 512 + 48 * 4096 + 2048;
  expect(inMatrices + routers + vectors).toBe(3_563_764_480);
  expect(stateBytes(config)).toEqual({ delta: 75_497_472, kvPosition: 24_576 });
});
