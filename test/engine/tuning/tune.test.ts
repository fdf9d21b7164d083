// Measuring variants on a device that is treated as a GPU: what is chosen computes the same, what does not is dropped, and the time
// is bounded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import type { MatrixShape } from '../../../engine/gpu/matrices.ts';
import { loadModel } from '../../../engine/model/load.ts';
import type { Qwen3Next } from '../../../engine/model/qwen3_next.ts';
import { candidatesFor, type Candidates, type TunedPart } from '../../../engine/tuning/candidates.ts';
import { trialsOf } from '../../../engine/tuning/trials.ts';
import { tune, type TuneOptions } from '../../../engine/tuning/tune.ts';
import { isFullRun } from '../../support/full.ts';
import { fixturePath } from '../../support/golden.ts';

let gpu: Gpu;
let model: Qwen3Next;
beforeAll(async () => {
  gpu = await openGpu({ software: false, rolledLoops: !isFullRun });
  const checkpoint = await openCheckpoint(fixturePath('realdims'));
  model = await loadModel(gpu, checkpoint);
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

/** So few keys that a software device is done with them at once. */
const trialsFor = () => trialsOf(model, { longKeysMax: 256 });
const measure = (options: TuneOptions) => tune(model, { trials: trialsFor(), ...options });

/** A device that has nothing special. */
const plain = { hasF16: false, matrix: undefined };

/** One variant of each part, the plainest, and what a test adds. */
const few = (more: Partial<Candidates> = {}): Candidates => ({
  decode: [{ teamLanes: 1, subgroupSums: false }],
  workgroups: [{ teamRows: 2, matvecLanes: 64, sharedRows: false }],
  route: [{ route: 'workgroup' }],
  matmul: [{ matmul: 'tile', staged: 'f32' }],
  attention: [{ attention: 'prefill' }],
  fewAttention: [{ fewAttention: 'split', groupsInFlight: 256 }],
  ...more,
});

describe('measuring variants', () => {
  test('tries every variant that was compiled, chooses one of each part and leaves nothing behind', async () => {
    const before = { ...gpu.variant };
    const live = gpu.buffers.liveCount;
    const candidates = few({
      decode: [
        { teamLanes: 1, subgroupSums: false },
        { teamLanes: 8, subgroupSums: true },
      ],
      attention: [{ attention: 'prefill' }, { attention: 'flash' }],
      fewAttention: [
        { fewAttention: 'split', groupsInFlight: 256 },
        { fewAttention: 'team', fewHeldQuads: 16, groupsInFlight: 512 },
      ],
    });
    const { variant, measured } = await measure({ limitMs: 60_000, candidates });
    expect(measured.map(({ dropped }) => dropped)).toEqual(measured.map(() => undefined));
    expect(measured.every(({ us = 0 }) => us > 0)).toBe(true);
    expect(measured.filter(({ chosen }) => chosen).map(({ part }) => part)).toEqual([
      'decode',
      'workgroups',
      'route',
      'matmul',
      'attention',
      'fewAttention',
    ]);
    for (const one of measured) if (one.chosen) expect(variant).toMatchObject(one.variant);
    expect(gpu.variant).toEqual(before);
    expect(gpu.buffers.liveCount).toBe(live);
  });

  test('drops a variant that computes something else', async () => {
    const trials = trialsFor();
    const { decode, matmul } = trials.parts as Required<typeof trials.parts>;
    trials.parts.decode = {
      ...decode,
      // The variant with teams of 4 multiplies other activations.
      record: list => (list.gpu.variant.teamLanes === 4 ? matmul : decode).record(list),
    };
    const candidates = few({ decode: [1, 4, 8].map(teamLanes => ({ teamLanes, subgroupSums: false })) });
    const { variant, measured } = await measure({ limitMs: 60_000, candidates, trials });
    expect(measured.slice(0, 3).map(({ dropped }) => dropped)).toEqual([
      undefined,
      expect.stringMatching(/^it differs by/),
      undefined,
    ]);
    expect(variant.teamLanes).not.toBe(4);
  });

  test('measures batches by what experts make of them too', async () => {
    const variants = [
      { matmul: 'tile', staged: 'f32' },
      { matmul: 'block', staged: 'f32' },
    ] as const;
    const right = await measure({ limitMs: 60_000, candidates: few({ matmul: variants }) });
    expect(right.measured.map(({ dropped }) => dropped)).toEqual([...new Array<undefined>(7)]);
    const trials = trialsFor();
    const { matmul } = trials.parts as Required<typeof trials.parts>;
    trials.parts.matmul = {
      ...matmul,
      // Tiles whose experts give nothing.
      record(list) {
        matmul.record(list);
        if (list.gpu.variant.matmul === 'block') list.clear(model.pass.scratch.expertOut);
      },
    };
    const { measured } = await measure({
      limitMs: 60_000,
      candidates: few({ matmul: variants }),
      trials,
    });
    const blocks = measured.find(({ variant }) => variant.matmul === 'block');
    expect(blocks?.dropped).toMatch(/^it differs by 1/);
  });

  test('drops a variant that does not compile, and goes on with the others', async () => {
    const trials = trialsFor();
    const { decode } = trials.parts as Required<typeof trials.parts>;
    const broken = { name: 'broken', source: '@compute @workgroup_size(1) fn main() { let x: u32 = 1.5; }' };
    trials.parts.decode = {
      ...decode,
      record: list =>
        list.gpu.variant.teamLanes === 4
          ? list.dispatch({ spec: broken, tensors: [], groups: [1] })
          : decode.record(list),
    };
    const candidates = few({ decode: [1, 4].map(teamLanes => ({ teamLanes, subgroupSums: false })) });
    const { measured } = await measure({ limitMs: 60_000, candidates, trials });
    expect(measured[1]?.dropped).toMatch(/broken does not compile/);
    expect(measured[0]?.chosen).toBe(true);
    gpu.check();
  });

  test('keeps to its time: without any, only the plainest variants are looked at', async () => {
    const candidates = few({
      decode: [1, 2, 4, 8, 16].map(teamLanes => ({ teamLanes, subgroupSums: false })),
    });
    const { measured } = await measure({ limitMs: 0, candidates });
    expect(measured.filter(({ us }) => us !== undefined).map(({ variant }) => variant)).toEqual([
      candidates.decode[0],
      { ...candidates.decode[0], ...candidates.workgroups[0] },
      candidates.route[0],
      candidates.matmul[0],
      candidates.attention[0],
      candidates.fewAttention[0],
    ]);
  });

  test('offers subgroup sums only where subgroups are never smaller than a team', () => {
    const facts = (subgroupMinSize: number) => ({
      ...gpu.facts,
      limits: { ...gpu.facts.limits, subgroupMinSize },
    });
    const teams = (subgroupMinSize: number) =>
      candidatesFor({ ...plain, facts: facts(subgroupMinSize), limits: gpu.limits })
        .decode.filter(({ subgroupSums }) => subgroupSums)
        .map(({ teamLanes }) => teamLanes);
    expect(teams(0)).toEqual([]);
    expect(teams(8)).toEqual([4, 8]);
    expect(teams(32)).toEqual([4, 8, 16, 32]);
  });

  test('measures rows of weights a team and lanes of a workgroup with the team that was chosen', async () => {
    const candidates = few({
      decode: [{ teamLanes: 8, subgroupSums: false }],
      workgroups: [
        { teamRows: 2, matvecLanes: 64, sharedRows: false },
        { teamRows: 4, matvecLanes: 128, sharedRows: true },
      ],
      route: [{ route: 'workgroup' }, { route: 'subgroup' }],
    });
    const { variant, measured } = await measure({ limitMs: 60_000, candidates });
    const of = (part: TunedPart) => measured.filter(one => one.part === part);
    expect(of('workgroups').map(one => one.variant)).toEqual(
      candidates.workgroups.map(one => ({ teamLanes: 8, subgroupSums: false, ...one })),
    );
    expect(measured.map(({ dropped }) => dropped)).toEqual(measured.map(() => undefined));
    expect(variant.teamLanes).toBe(8);
    expect(variant).toMatchObject(of('workgroups').find(({ chosen }) => chosen)!.variant);
  });

  test('offers the plainest workgroups first, and every other kind once', () => {
    const of = (subgroupMinSize: number) => {
      const limits = { ...gpu.facts.limits, subgroupMinSize };
      return candidatesFor({ ...plain, facts: { ...gpu.facts, limits }, limits: gpu.limits });
    };
    const { workgroups, route } = of(0);
    expect(workgroups[0]).toEqual({ teamRows: 2, matvecLanes: 64, sharedRows: false });
    const keys = workgroups.map(one => JSON.stringify(one));
    expect(keys).toHaveLength(12);
    expect(new Set(keys).size).toBe(12);
    expect(route).toEqual([{ route: 'workgroup' }]);
    expect(of(4).route).toHaveLength(2);
  });

  test('offers attention by teams only where subgroups have 8 lanes or more, as all of Apple have', () => {
    const forms = (vendor: string, subgroupMinSize: number) =>
      new Set(
        candidatesFor({
          ...plain,
          facts: { ...gpu.facts, vendor, limits: { ...gpu.facts.limits, subgroupMinSize } },
          limits: gpu.limits,
        }).fewAttention.map(({ fewAttention }) => fewAttention),
      );
    expect([...forms('intel', 0)]).toEqual(['split']);
    expect([...forms('arm', 4)]).toEqual(['split']);
    expect([...forms('intel', 8)]).toEqual(['split', 'team']);
    expect([...forms('apple', 4)]).toEqual(['split', 'team']);
    expect([...forms('apple', 0)]).toEqual(['split']);
  });

  test('offers tiles of halves and matrices only where the device has them', () => {
    const staged = (has: { hasF16?: boolean; matrix?: MatrixShape }) =>
      candidatesFor({ ...plain, ...has, facts: gpu.facts, limits: gpu.limits }).matmul.map(
        variant => variant.staged,
      );
    const matrix = { outputs: 8, rows: 8, depth: 8, halves: false };
    expect(staged({})).toEqual(['f32', 'f32', 'i8']);
    expect(staged({ hasF16: true, matrix })).toEqual(['f32', 'f32', 'f16', 'i8', 'matrix']);
  });
});
