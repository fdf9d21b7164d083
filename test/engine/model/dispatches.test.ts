// What a decoded token costs the host: how many kernels it records, and that it creates nothing on the device.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { StepSampling } from '../../../engine/language_model/language_model.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import { makeModel } from '../../bench/make_model.ts';
import type { ModelShape } from '../../bench/model_shapes.ts';
import { inFullRun } from '../../support/full.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

/** The layers of Qwen3-Next-80B-A3B at the smallest widths: 36 DeltaNet layers, 12 attention layers. */
const shape: ModelShape = {
  hidden: 32,
  layers: 48,
  attentionInterval: 4,
  heads: 2,
  kvHeads: 1,
  headDim: 16,
  linearKeyHeads: 2,
  linearValueHeads: 4,
  linearDim: 16,
  experts: 4,
  expertsPerToken: 2,
  expertFf: 16,
  sharedFf: 16,
  vocabulary: 320,
  contextTokens: 512,
};
const layerKernels = 36 * 7 + 12 * 9;

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu();
  const path = join(temporaryDirectory(), 'model.gguf');
  await makeModel({ name: 'dispatches', shape, type: 'F32', path });
  const checkpoint = await openCheckpoint(path);
  model = await loadModel(gpu, checkpoint);
  await checkpoint.close();
});
afterAll(() => gpu.dispose());

test('a token takes 7 kernels a DeltaNet layer, 9 an attention layer, embedding and head', async () => {
  const sequence = await model.createSequence();
  await model.forward(sequence, [1, 2, 3], 'none');
  await model.forward(sequence, [4], 'last');
  expect(model.dispatchCount).toBe(layerKernels + 2);
  expect(model.dispatchCount).toBeLessThanOrEqual(370);
  sequence.dispose();
});

test('a step takes one kernel more, which chooses the next token', async () => {
  const sequence = await model.createSequence();
  await model.step(sequence, 1, { drafts: 0, logits: false });
  expect(model.dispatchCount).toBe(layerKernels + 3);
  sequence.dispose();
});

const prompt = Array.from({ length: 20 }, (_, i) => i);

/** How to sample a text that begins with the prompt; its ids are to be added to `ids`. */
function sampling(params: SamplingParams): { ids: number[]; by: StepSampling } {
  const ids = [...prompt];
  const { rule } = createSampler({ ...params, seed: 1 });
  return { ids, by: { rule, history: { ids, generatedFrom: prompt.length } } };
}

test.each([
  { params: { temperature: 0.7, topK: 20, topP: 0.8 }, more: 2 },
  { params: { repetitionPenalty: 1.1 }, more: 1 },
  { params: { temperature: 0.7, presencePenalty: 1 }, more: 3 },
])('a step that samples by $params takes $more more', async ({ params, more }) => {
  const sequence = await model.createSequence();
  await model.forward(sequence, prompt, 'none');
  const { ids, by } = sampling(params);
  ids.push(3);
  await model.step(sequence, 3, { drafts: 0, logits: false, sampling: by });
  expect(model.dispatchCount).toBe(layerKernels + 3 + more);
  expect(model.dispatchCount).toBeLessThanOrEqual(370);
  sequence.dispose();
});

const creators = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createShaderModule',
  'createComputePipelineAsync',
] as const;

/** With what differs most; the ways between them are left to a full run. */
const ways: { name: string; logits?: boolean; ahead?: number; params?: SamplingParams }[] = [
  { name: 'the host chooses by their logits', logits: true },
  {
    name: 'the device draws with penalties and feeds to itself',
    ahead: 0,
    params: { temperature: 1, presencePenalty: 1, repetitionPenalty: 1.1 },
  },
  ...inFullRun<{ name: string; logits?: boolean; ahead?: number; params?: SamplingParams }[]>(
    [
      { name: 'the device feeds to itself', ahead: 0 },
      { name: 'the device draws', params: { temperature: 1, topP: 0.9 } },
      { name: 'the device draws and feeds to itself', ahead: 0, params: { temperature: 1, topK: 40 } },
    ],
    [],
  ),
];

test.each(ways)('a hundred decoded tokens that $name create nothing on the device', async options => {
  const { logits = false, ahead, params } = options;
  const sequence = await model.createSequence();
  await model.forward(sequence, prompt, 'last');
  const { ids, by } = sampling(params ?? {});
  let id = 5;
  const decode = async (count: number) => {
    for (let i = 0; i < count; i++) {
      ids.push(id);
      const step = { drafts: 0, logits, ahead, sampling: params && by };
      id = (await model.step(sequence, id, step)).picks[0] as number;
    }
  };
  await decode(3);
  const made: string[] = [];
  const spies = creators.map(name => {
    const original = gpu.device[name].bind(gpu.device) as (...given: unknown[]) => never;
    return vi.spyOn(gpu.device, name).mockImplementation((...given: unknown[]) => {
      made.push(`${name} ${(given[0] as { label?: string }).label}`);
      return original(...given);
    });
  });
  try {
    await decode(100);
    expect(made).toEqual([]);
    gpu.buffers.create('counted', [1]).dispose();
    expect(made, 'what is created is counted').toEqual(['createBuffer counted']);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(sequence.position).toBe(123);
  sequence.dispose();
});
