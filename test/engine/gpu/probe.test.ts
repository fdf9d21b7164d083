// The trial of the device's memory, on the software device taken for a GPU: what it finds, and that nothing of it stays.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { metalBytes, offeredShare, probeDevice, trialBytesMax } from '../../../engine/gpu/probe.ts';

const mebibyte = 2 ** 20;
const bounds = {
  allocateBytesMax: 64 * mebibyte,
  pieceBytes: 16 * mebibyte,
  smallestBytes: 4 * mebibyte,
  copyBytes: mebibyte,
  writtenBytes: mebibyte,
};

describe('the trial', () => {
  let gpu: Gpu;
  beforeAll(async () => (gpu = await openGpu({ software: false })));
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => gpu.dispose());

  /** Lets the device refuse what would exceed `capacity`; tells the sizes that were asked for, and what is still taken. */
  function withCapacity(capacity: number): { asked: number[]; taken(): number } {
    const asked: number[] = [];
    let bytes = 0;
    let isRefused = false;
    const { createBuffer, popErrorScope } = gpu.device;
    vi.spyOn(gpu.device, 'createBuffer').mockImplementation(descriptor => {
      asked.push(descriptor.size);
      isRefused = bytes + descriptor.size > capacity;
      const buffer = createBuffer.call(gpu.device, descriptor);
      const { destroy } = buffer;
      let isAlive = true;
      if (!isRefused) bytes += descriptor.size;
      const size = isRefused ? 0 : descriptor.size;
      buffer.destroy = () => {
        if (isAlive) bytes -= size;
        isAlive = false;
        return destroy.call(buffer);
      };
      return buffer;
    });
    vi.spyOn(gpu.device, 'popErrorScope').mockImplementation(async () => {
      const real = await popErrorScope.call(gpu.device);
      const error = isRefused ? ({ message: 'out of memory' } as GPUError) : real;
      isRefused = false;
      return error;
    });
    return { asked, taken: () => bytes };
  }

  test('ends at its bound, says so, and leaves a margin', async () => {
    const device = withCapacity(Infinity);
    const before = gpu.buffers.liveCount;
    const found = await probeDevice(gpu, bounds);
    expect(found).toMatchObject({
      allocatableBytes: Math.floor(0.95 * 64 * mebibyte),
      allocatableIsLowerBound: true,
    });
    expect(found.bandwidthBytesPerSecond).toBeGreaterThan(0);
    expect(device.asked).toEqual([mebibyte, mebibyte, ...Array(4).fill(16 * mebibyte)]);
    expect(device.taken()).toBe(0);
    expect(gpu.buffers.liveCount).toBe(before);
    gpu.check();
  });

  test('halves its pieces after a refusal, and ends when even small ones are refused', async () => {
    const device = withCapacity(44 * mebibyte);
    const found = await probeDevice(gpu, { ...bounds, allocateBytesMax: 2 ** 34 });
    expect(found.allocatableIsLowerBound).toBe(false);
    expect(found.allocatableBytes).toBe(Math.floor(0.95 * 44 * mebibyte));
    expect(device.asked.slice(2).map(size => size / mebibyte)).toEqual([16, 16, 16, 8, 8, 4, 4]);
    expect(device.taken()).toBe(0);
    gpu.check();
  });

  test('counts what a loaded model would give back', async () => {
    const model = gpu.buffers.create('weights', [mebibyte]);
    const found = await probeDevice(gpu, bounds);
    model.dispose();
    expect(found.allocatableBytes).toBe(Math.floor(0.95 * (64 + 4) * mebibyte));
  });

  test('goes no further than the user allows, and then knows all that there is', async () => {
    gpu.buffers.bytesMax = 40 * mebibyte;
    const model = gpu.buffers.create('weights', [mebibyte]);
    const found = await probeDevice(gpu, { ...bounds, allocateBytesMax: 2 ** 34 });
    model.dispose();
    gpu.buffers.bytesMax = Infinity;
    expect(found.allocatableBytes).toBe(40 * mebibyte);
    expect(found.allocatableIsLowerBound).toBe(false);
  });

  test('looks at how fast the memory of a card is', async () => {
    const info = { vendor: 'nvidia', device: 'nvidia-geforce-rtx-4090' } as GPUAdapterInfo;
    vi.spyOn(gpu.device, 'adapterInfo', 'get').mockReturnValue(info);
    const before = gpu.submitted;
    const found = await probeDevice(gpu, {
      ...bounds,
      allocateBytesMax: 8 * mebibyte,
      pieceBytes: 8 * mebibyte,
    });
    expect(found.allocatableBytes).toBe(Math.floor(0.95 * 8 * mebibyte));
    // Four for the bandwidth, three for the only piece.
    expect(gpu.submitted - before).toBe(7);
  });

  test('measures no bandwidth where there is no room for a copy', async () => {
    withCapacity(1024);
    const found = await probeDevice(gpu, bounds);
    expect(found).toMatchObject({ allocatableBytes: 0, bandwidthBytesPerSecond: undefined });
    gpu.check();
  });
});

test('a device in software has the memory of the host, and is not measured', async () => {
  const gpu = await openGpu();
  const found = await probeDevice(gpu);
  gpu.dispose();
  expect(found.bandwidthBytesPerSecond).toBeUndefined();
  expect(found.allocatableBytes).toBeGreaterThan(2 ** 30);
});

describe('how far a trial goes', () => {
  const gibibyte = 2 ** 30;
  const most = (vendor: string, device: string, more: Partial<Parameters<typeof trialBytesMax>[0]> = {}) =>
    trialBytesMax({ vendor, device, backend: 'vulkan', ...more }, 10 * gibibyte);

  test.each([
    ['nvidia', 'nvidia-geforce-rtx-4090'],
    ['amd', 'amd-radeon-rx-7900-xtx-radv-navi31-'],
    ['amd', 'amd-instinct-mi100'],
    ['intel', 'intel-r-arc-tm-a770-graphics-dg2-'],
    ['intel', 'intel-r-arc-tm-pro-b60-graphics'],
  ])('a card of its own memory is tried whatever the host has: %s %s', (vendor, device) => {
    expect(most(vendor, device)).toBe(128 * gibibyte);
  });

  test.each([
    ['amd', 'amd-radeon-780m-radv-phoenix-'],
    ['amd', 'amd-radeon-graphics-radv-renoir-'],
    ['intel', 'intel-r-iris-r-xe-graphics-tgl-gt2-'],
    ['intel', 'intel-r-arc-tm-graphics-mtl-'],
    ['intel', 'intel-r-arc-tm-140v-gpu-lnl-'],
    ['nvidia', 'nvidia-tegra-orin-nvgpu-'],
    ['qualcomm', 'adreno-x1-85'],
    ['', ''],
  ])('any other takes a share of what is free on the host: %s %s', (vendor, device) => {
    expect(most(vendor, device)).toBe(8 * gibibyte);
  });

  test('memory heaps bound it where the adapter tells them', () => {
    const memoryHeaps = [
      { size: 24 * gibibyte, properties: 1 },
      { size: gibibyte / 4, properties: 1 | 2 },
      { size: 64 * gibibyte, properties: 2 },
    ];
    expect(most('nvidia', 'nvidia-geforce-rtx-4090', { memoryHeaps })).toBe(24 * gibibyte);
    expect(most('intel', 'intel-r-iris-r-xe-graphics-tgl-gt2-', { memoryHeaps })).toBe(8 * gibibyte);
    expect(most('nvidia', 'nvidia-geforce-rtx-4090', { memoryHeaps, backend: 'd3d12' })).toBe(24 * gibibyte);
  });

  test('none is made where Direct3D would move what is too much elsewhere', () => {
    expect(most('nvidia', 'nvidia-geforce-rtx-4090', { backend: 'd3d12' })).toBeUndefined();
    expect(most('intel', 'intel-r-iris-r-xe-graphics', { backend: 'd3d12' })).toBe(8 * gibibyte);
  });
});

test('Metal lends two thirds of a small memory, three quarters of a large one', () => {
  const gibibyte = 2 ** 30;
  expect(metalBytes(16 * gibibyte) / gibibyte).toBeCloseTo((0.95 * 16 * 2) / 3, 5);
  expect(metalBytes(64 * gibibyte) / gibibyte).toBeCloseTo(0.95 * 48, 5);
});

test.each<[string, string, string, NodeJS.Platform, number]>([
  ['amd', 'amd-radeon-rx-7900-xtx-radv-navi31-', 'vulkan', 'linux', 0.9],
  ['nvidia', 'nvidia-geforce-rtx-4090', 'vulkan', 'linux', 0.95],
  ['nvidia', 'nvidia-geforce-rtx-4090', 'vulkan', 'win32', 0.9],
  ['amd', 'amd-radeon-780m-radv-phoenix-', 'vulkan', 'linux', 0.95],
])(
  'of what was found on %s %s, %s of %s, the share %d is offered',
  (vendor, device, backend, platform, share) => {
    expect(offeredShare({ vendor, device, backend }, platform)).toBe(share);
  },
);
