// What decides (which experts, how much is forgotten) comes out the same whatever a device's blocks of products hold, on rows that the
// layers of a fixture see and on sums of two of them. The same products left to halves send some rows to other experts.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Expected } from '../../../engine/cli/verify_expected.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { runOnce, type CommandList } from '../../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../../engine/gpu/tensor.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { matmul } from '../../../engine/kernels/matmul.ts';
import { route } from '../../../engine/model/layers/sparse_moe.ts';
import { loadModel } from '../../../engine/model/load.ts';
import type { Qwen3Next } from '../../../engine/model/qwen3_next.ts';
import type { MoeWeights } from '../../../engine/model/weights/weights.ts';
import { fixturePath } from '../../support/golden.ts';

const fixture = 'default';
/** Sums with so many other rows; the first is with itself. */
const rounds = 16;

let gpu: Gpu;
let model: Qwen3Next;
let ids: number[];
let seen: Float32Array[];

/** The normed rows that the router of each layer is given. */
async function normedRows(): Promise<Float32Array[]> {
  const { pass, config } = model;
  const taps = model.weights.layers.map((_, i) =>
    gpu.buffers.create(`tap ${i}`, [model.batchTokensMax, config.hiddenSize]),
  );
  const bytes = ids.length * config.hiddenSize * 4;
  const tap = (list: CommandList, layer: number) =>
    list.copy(pass.scratch.normed, 0, taps[layer] as GpuTensor, 0, bytes);
  const sequence = await model.createSequence();
  await model.forward(sequence, [...ids], 'none', { tap });
  const read: Float32Array[] = [];
  for (const tensor of taps) {
    read.push(await gpu.readback.floats(tensor, 0, ids.length * config.hiddenSize));
    tensor.dispose();
  }
  sequence.dispose();
  return read;
}

/** The experts that each row goes to, by logits that `record` puts into scratch.routed. */
async function choices(
  moe: MoeWeights,
  count: number,
  record: (list: CommandList) => void,
): Promise<string[]> {
  const {
    config,
    pass: { scratch },
  } = model;
  await runOnce(gpu, list => {
    record(list);
    route(list, config, moe, scratch, count);
  });
  const { expertsPerToken: chosen } = config;
  const words = await gpu.readback.words(scratch.choice, 0, count * (chosen + 1) * 2);
  return Array.from({ length: count }, (_, t) => {
    const ids = Array.from({ length: chosen }, (_, slot) => words[2 * (t * (chosen + 1) + slot)] as number);
    return ids.sort((a, b) => a - b).join();
  });
}

beforeAll(async () => {
  gpu = await openGpu({
    software: true,
    variant: { matmul: 'block' },
    emulateMatrix: { outputs: 16, rows: 16, depth: 16, halves: true },
  });
  const checkpoint = await openCheckpoint(fixturePath(fixture));
  model = await loadModel(gpu, checkpoint);
  await checkpoint.close();
  ids = (await Expected.open(fixturePath(fixture))).ints('input_ids').slice(0, model.batchTokensMax);
  seen = await normedRows();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});
afterEach(() => {
  gpu.variant = { ...gpu.variant, staged: 'f32' };
});

test.each(['f16', 'matrix'] as const)('no row goes to other experts for blocks of %s', async staged => {
  const { scratch } = model.pass;
  const { hiddenSize: H } = model.config;
  const count = ids.length;
  const plain = gpu.variant;
  let looked = 0;
  const flips = { exact: 0, rounded: 0 };
  for (const [i, { mlp: moe }] of model.weights.layers.entries()) {
    if (moe.kind !== 'moe') continue;
    const x = rows(scratch.normed, H);
    const run = (list: CommandList) => moe.gate.run(list, x, scratch.routed, count);
    const rounded = (list: CommandList) =>
      matmul(list, x, moe.gate.matrices[0]!, moe.gate.view('router', scratch.routed), { count });
    const first = seen[i] as Float32Array;
    for (let other = 0; other < count; other += Math.ceil(count / rounds)) {
      const second = (at: number) => first[(at + other * H) % first.length] as number;
      scratch.normed.write(Float32Array.from(first, (value, at) => (value + second(at)) / 2));
      const want = await choices(moe, count, run);
      gpu.variant = { ...plain, staged };
      const got = await choices(moe, count, run);
      const others = await choices(moe, count, rounded);
      gpu.variant = plain;
      for (const [t, experts] of want.entries()) {
        looked++;
        if (got[t] !== experts) flips.exact++;
        if (others[t] !== experts) flips.rounded++;
      }
    }
  }
  console.info(`${fixture}: of ${looked} rows ${flips.rounded} would go to other experts, ${flips.exact} do`);
  expect(flips.rounded).toBeGreaterThan(0);
  expect(flips.exact).toBe(0);
});

test('the gates of the delta rule are the same bits in blocks of halves, which round what stands beside them', async () => {
  const { scratch } = model.pass;
  const mixer = model.weights.layers[0]!.mixer;
  if (mixer.kind !== 'linear') throw new Error('the first layer is no DeltaNet layer');
  const { in_proj } = mixer;
  scratch.normed.write(seen[0] as Float32Array<ArrayBuffer>);
  const project = async () => {
    await runOnce(gpu, list =>
      in_proj.run(list, rows(scratch.normed, model.config.hiddenSize), scratch.projected, ids.length),
    );
    const values = await gpu.readback.floats(scratch.projected);
    const heads = model.config.linearValueHeads;
    const of = (name: string) => {
      const { offset, stride } = in_proj.view(name, scratch.projected);
      return ids.map((_, t) => values.slice(offset + t * stride, offset + t * stride + heads));
    };
    return { gates: [of('b'), of('a')], qkv: of('qkv') };
  };
  const want = await project();
  gpu.variant = { ...gpu.variant, staged: 'f16' };
  const got = await project();
  expect(got.gates).toEqual(want.gates);
  expect(got.qkv).not.toEqual(want.qkv);
});
