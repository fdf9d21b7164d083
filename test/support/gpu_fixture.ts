// A device for a kernel's tests: inputs uploaded, outputs poisoned with NaN, GPU errors and leaked buffers failing the test.
// Every kernel runs with the lane counts of a software device and of a GPU. No adapter is a failure, never a skip.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { openGpu, type Gpu, type TunedVariant, type OpenGpuOptions } from '../../engine/gpu/device.ts';
import { runOnce, type CommandList } from '../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../engine/gpu/tensor.ts';
import { inFullRun, isFullRun } from './full.ts';
import { attentionTeamLanes } from '../../engine/kernels/attention_team_plan.ts';
import { hasShuffle } from '../../engine/kernels/launch.ts';

/** A word no kernel writes. */
export const poisonWord = 0xdeadbeef;

export class GpuFixture {
  #made: GpuTensor[] = [];
  constructor(readonly gpu: Gpu) {}

  /** An input, freed after the test. */
  upload(data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, name = 'input'): GpuTensor {
    const tensor = this.gpu.buffers.from(name, [data.length], data);
    this.#made.push(tensor);
    return tensor;
  }

  /** A tensor that may hold dispatch sizes, freed after the test. */
  launches(words: readonly number[], name = 'launches'): GpuTensor {
    const tensor = this.gpu.buffers.create(name, [words.length], 'u32', { indirect: true });
    this.#made.push(tensor);
    tensor.write(Uint32Array.from(words));
    return tensor;
  }

  /** A tensor that says how many drafts were accepted (see engine/kernels/accepted.ts), freed after the test. */
  accepted(rows: number): GpuTensor {
    const tensor = this.gpu.buffers.create('accepted', [4], 'u32', { uniform: true });
    this.#made.push(tensor);
    tensor.write(Uint32Array.of(rows));
    return tensor;
  }

  /** An output or scratch tensor of `length` values, all NaN. */
  poisoned(length: number, name = 'output'): GpuTensor {
    return this.upload(new Float32Array(length).fill(NaN), name);
  }

  /** The same for u32, every word poisonWord. */
  poisonedWords(length: number, name = 'output'): GpuTensor {
    return this.upload(new Uint32Array(length).fill(poisonWord), name);
  }

  /** Compiles, records and runs. A validation or out-of-memory error fails the test. */
  async run(record: (list: CommandList) => void): Promise<void> {
    const { device } = this.gpu;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    try {
      await runOnce(this.gpu, record);
    } finally {
      const invalid = await device.popErrorScope();
      const outOfMemory = await device.popErrorScope();
      expect(invalid?.message, 'validation error').toBeUndefined();
      expect(outOfMemory?.message, 'out-of-memory error').toBeUndefined();
    }
    await this.gpu.idle();
  }

  floats(tensor: GpuTensor): Promise<Float32Array<ArrayBuffer>> {
    return this.gpu.readback.floats(tensor);
  }

  words(tensor: GpuTensor): Promise<Uint32Array<ArrayBuffer>> {
    return this.gpu.readback.words(tensor);
  }

  freeAll(): void {
    for (const tensor of this.#made.splice(0).reverse()) tensor.dispose();
  }
}

/**
 * Describes a kernel's tests twice: with 8 lanes and rolled loops (`software`), and with 64 lanes and unrolled ones.
 * The loops and lanes do not depend on the weight format, so tests of all formats may do with the first.
 */
export function describeKernel(
  name: string,
  tests: (fixture: () => GpuFixture, lanes: { software: boolean }) => void,
): void {
  describeOn(name, [softwareDevice, gpuDevice], tests);
}

/**
 * The same of moe_route, and with its choice by subgroup operations: with the device's own subgroups, which may be too narrow for its
 * workgroup, and with imitated ones of 32 lanes, which hold it.
 */
export function describeRoute(name: string, tests: (fixture: () => GpuFixture) => void): void {
  const bySubgroups: Device = { ...gpuDevice, device: 'subgroups', variant: { route: 'subgroup' } };
  const imitated: Device = { ...bySubgroups, device: 'subgroups as of 32', emulateSubgroups: true };
  describeOn(name, [softwareDevice, gpuDevice, bySubgroups, imitated], tests);
}

/**
 * Describes the tests of a kernel for software devices with subgroups of exactly 8 lanes. On any other device they are skipped, and
 * the end of the run names them (scripts/test/vitest.mjs).
 */
export function describeShuffleKernel(name: string, tests: (fixture: () => GpuFixture) => void): void {
  describeOn(name, [{ ...softwareDevice, device: 'subgroups of 8 lanes', needsShuffle: true }], tests);
}

/** What the tiles of a block kernel hold, in a test's words: subgroup matrices by what they multiply. */
export type Tiles = Exclude<TunedVariant['staged'], 'matrix'> | 'matrix of f32' | 'matrix of f16';

/**
 * The same of a kernel that stages tiles, and with tiles of every other kind: rolled, they compile slowly. Of subgroup matrices those
 * of `everyDay`, and in a full run all.
 */
export function describeBlock(
  name: string,
  everyDay: readonly ('f32' | 'f16')[],
  tests: (fixture: () => GpuFixture, lanes: { software: boolean; tiles: Tiles }) => void,
): void {
  const matrix = (outputs: number, rows: number, depth: number, halves: boolean): Device => ({
    ...softwareDevice,
    device: `matrices of ${outputs} x ${rows} x ${depth} ${halves ? 'halves' : 'floats'}`,
    variant: { staged: 'matrix' },
    emulateMatrix: { outputs, rows, depth, halves },
  });
  const devices: Device[] = [
    softwareDevice,
    gpuDevice,
    { ...softwareDevice, device: 'tiles of halves', variant: { staged: 'f16' } },
    { ...softwareDevice, device: 'tiles of codes', variant: { staged: 'i8' } },
    // Apple's, NVIDIA's and AMD's, Intel's.
    ...(isFullRun || everyDay.includes('f32') ? [matrix(8, 8, 8, false)] : []),
    ...(isFullRun || everyDay.includes('f16') ? [matrix(16, 16, 16, true)] : []),
    ...inFullRun([matrix(8, 16, 16, true)], []),
  ];
  describeOn(name, devices, (fixture, { software, variant, emulateMatrix }) => {
    const staged = variant?.staged ?? 'f32';
    const tiles =
      staged === 'matrix' ? (`matrix of ${emulateMatrix?.halves ? 'f16' : 'f32'}` as const) : staged;
    tests(fixture, { software, tiles });
  });
}

/** Teams that every fused mat-vec runs with every day: one for each way to add up. */
const fewTeams: readonly number[] = [8, 16];

/**
 * Describes the tests of a fused mat-vec on a software device and on GPUs of several team sizes and ways to add up. What teams do
 * is the same in all these kernels, so every day only some need all of them.
 */
export function describeMatvec(
  name: string,
  everyDay: 'all teams' | 'few teams',
  tests: (fixture: () => GpuFixture, lanes: { software: boolean; teamLanes: number }) => void,
): void {
  const team = (
    teamLanes: number,
    where: 'in workgroup memory' | 'in subgroups' | 'as in subgroups of 64',
    more: Partial<TunedVariant> = {},
  ) => ({
    device: `teams of ${teamLanes} lanes that add up ${where}${Object.entries(more)
      .map(([key, value]) => `, ${key} ${value}`)
      .join('')}`,
    software: false,
    variant: { teamLanes, subgroupSums: where !== 'in workgroup memory', ...more },
    emulateSubgroups: where === 'as in subgroups of 64',
  });
  const teams = [
    team(1, 'in workgroup memory', { teamRows: 1, matvecLanes: 32 }),
    team(8, 'in subgroups', { teamRows: 4, sharedRows: true }),
    team(16, 'in workgroup memory'),
    team(32, 'as in subgroups of 64', { teamRows: 1, matvecLanes: 128, sharedRows: true }),
    team(64, 'in workgroup memory', { teamRows: 4, matvecLanes: 256 }),
  ].filter(({ variant }) => isFullRun || everyDay === 'all teams' || fewTeams.includes(variant.teamLanes));
  describeOn(name, [softwareDevice, ...teams], (fixture, device) =>
    tests(fixture, { software: device.software, teamLanes: device.variant?.teamLanes ?? 0 }),
  );
}

/**
 * Describes the tests of a kernel of teams across a head: with this device's own subgroups, where it has some, and as in subgroups of
 * 32 lanes, which hold fewer values each. Rolled, since no more is tested by unrolling.
 */
export function describeTeams(
  name: string,
  tests: (fixture: () => GpuFixture, lanes: { wide: boolean }) => void,
): void {
  const gpu = { software: false, rolledLoops: true };
  describeOn(
    name,
    [
      { ...gpu, device: 'subgroups of this device', needsSubgroups: true },
      { ...gpu, device: 'teams of 32 lanes, imitated', emulateSubgroups: true },
    ],
    (fixture, { emulateSubgroups }) => tests(fixture, { wide: emulateSubgroups ?? false }),
  );
}

/**
 * The shapes that a form of describeMatvec is tested with: all in a full run. Else many rows, which compile for seconds with the lanes
 * of a GPU, only with those of a software device and of one size of teams.
 */
export function shapesFor<T extends { count: number }>(
  shapes: readonly T[],
  { software, teamLanes }: { software: boolean; teamLanes: number },
): readonly T[] {
  return isFullRun || software || teamLanes === 16 ? shapes : shapes.filter(({ count }) => count <= 3);
}

type Device = OpenGpuOptions & {
  device: string;
  software: boolean;
  needsShuffle?: boolean;
  needsSubgroups?: boolean;
};
const softwareDevice: Device = { device: 'the lanes of a software device', software: true };
const gpuDevice: Device = { device: 'the lanes of a GPU', software: false };

function describeOn(
  name: string,
  devices: Device[],
  tests: (fixture: () => GpuFixture, device: Device) => void,
): void {
  describe.each(devices)(`${name} with $device`, device => {
    let fixture: GpuFixture;
    let liveBefore = 0;
    beforeAll(async () => {
      fixture = new GpuFixture(await openGpu(device));
    });
    beforeEach(context => {
      if (device.needsShuffle && !hasShuffle(fixture.gpu)) context.skip('no subgroups of 8 lanes here');
      if (device.needsSubgroups && attentionTeamLanes(fixture.gpu) < 8)
        context.skip('no subgroups of 8 lanes');
      liveBefore = fixture.gpu.buffers.liveCount;
    });
    afterEach(() => {
      fixture.freeAll();
      expect(fixture.gpu.buffers.liveCount, 'buffers left behind').toBe(liveBefore);
    });
    afterAll(() => fixture.gpu.dispose());
    tests(() => fixture, device);
  });
}
