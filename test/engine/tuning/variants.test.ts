// Variants are measured at the first load on a device and taken from disk at the next; a software device is not measured at all.
import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel } from '../../../engine/model/load.ts';
import { Qwen3Next } from '../../../engine/model/qwen3_next.ts';
import { errors, type HearthError } from '../../../engine/protocol/errors.ts';
import type { Candidates } from '../../../engine/tuning/candidates.ts';
import { keptVariants } from '../../../engine/tuning/variants.ts';
import { TuningStore, tuningKey } from '../../../engine/tuning/store.ts';
import { fixturePath } from '../../support/golden.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

/** Few: a software device takes seconds for every variant that it meets for the first time. */
const candidates: Candidates = {
  decode: [1, 8].map(teamLanes => ({ teamLanes, subgroupSums: false })),
  workgroups: [{ teamRows: 2, matvecLanes: 64, sharedRows: false }],
  route: [{ route: 'workgroup' }],
  matmul: [{ matmul: 'tile', staged: 'f32' }],
  attention: [{ attention: 'prefill' }],
  fewAttention: [{ fewAttention: 'split', groupsInFlight: 256 }],
};

async function load(gpu: Gpu, store: TuningStore): Promise<string> {
  const checkpoint = await openCheckpoint(fixturePath('tied_nonorm'));
  const model = await loadModel(gpu, checkpoint, {
    variants: keptVariants(store, { candidates, limitMs: 60_000 }),
  });
  await checkpoint.close();
  model.dispose();
  return tuningKey(gpu, model);
}

test('variants are measured once and kept', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const directory = temporaryDirectory();
  const store = new TuningStore(directory);
  const gpu = await openGpu({ software: false });
  try {
    const key = await load(gpu, store);
    expect(readdirSync(directory)).toHaveLength(1);
    expect(await store.read(key)).toEqual(gpu.variant);
    expect(log.mock.calls.flat().join()).toMatch(/variants of kernels measured in \d+ ms: .*decode.*µs/);
    // What is kept is taken as it is.
    const marked = { ...gpu.variant, teamLanes: 2 };
    await store.write(key, marked);
    log.mockClear();
    await load(gpu, store);
    expect(gpu.variant).toEqual(marked);
    expect(log).not.toHaveBeenCalled();
  } finally {
    log.mockRestore();
    gpu.dispose();
  }
});

test('variants with which a model does not run are neither kept nor used again', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const directory = temporaryDirectory();
  const store = new TuningStore(directory);
  const gpu = await openGpu({ software: false });
  const broken = (error: HearthError): Promise<HearthError> => {
    vi.spyOn(Qwen3Next.prototype, 'forward').mockRejectedValueOnce(error);
    return hearthErrorOf(() => load(gpu, store));
  };
  try {
    expect((await broken(errors.internal('70000 workgroups'))).code).toBe('internal');
    expect(readdirSync(directory)).toEqual([]);
    const key = await load(gpu, store);
    expect(readdirSync(directory)).toHaveLength(1);
    expect((await broken(errors.outOfDeviceMemory('all is full'))).code).toBe('outOfDeviceMemory');
    expect(await store.read(key)).toBeDefined();
    expect((await broken(errors.internal('70000 workgroups'))).code).toBe('internal');
    expect(await store.read(key)).toBeUndefined();
  } finally {
    vi.restoreAllMocks();
    log.mockRestore();
    gpu.dispose();
  }
});

test('a software device keeps the variants it has, and nothing is written', async () => {
  const directory = temporaryDirectory();
  const gpu = await openGpu({ software: true });
  const before = { ...gpu.variant };
  await load(gpu, new TuningStore(directory));
  expect(gpu.variant).toEqual(before);
  expect(readdirSync(directory)).toEqual([]);
  gpu.dispose();
});
