// What a model may take of the device: memory, by a bounded trial inside error scopes, and bandwidth, by timed copies. Nothing
// else may run on the device meanwhile; everything taken is given back.
//
// How far the trial goes:
// - Metal: none. It takes any trial for granted; two thirds of the memory are what it lends to the GPU, of more than 36 GiB three quarters.
// - Memory heaps, where the adapter tells them: up to the largest one of the device.
// - A card with memory of its own: until it refuses, or what it gives is slow, because the driver moves what is too much into the host's
//   memory. Direct3D refuses nothing at all and moves things whenever it likes, so there a trial would say nothing, and none is made.
// - Any other device takes its memory from the host: up to a share of what is free there.
// - Never further than the user allows.
// A share of what was found is left for others: the desktop, and what the driver itself needs; a larger one with drivers that move
// memory out without a word, for there others may take what was measured as free.
import { freemem, totalmem } from 'node:os';
import type { DeviceProbe } from '../protocol/lifecycle.ts';
import type { Gpu } from './device.ts';
import { tryMemory, type TrialMemory } from './memory_trial.ts';

export interface ProbeBounds {
  /** Most bytes taken in all. */
  allocateBytesMax: number;
  /** Size of the first piece; halved when a piece is refused, down to the smallest. */
  pieceBytes: number;
  smallestBytes: number;
  /** Size of a copy; larger than any cache. */
  copyBytes: number;
  /** Bytes written to find out how fast a piece is: enough that the way to the device and back does not count. */
  writtenBytes: number;
}

/** What is asked of an adapter about its memory; Dawn's binding for Node does not tell of heaps yet. */
export interface MemoryInfo {
  vendor: string;
  /** The device's name, as Dawn writes it: small letters, hyphens. */
  device: string;
  backend: string;
  /** properties: 1 is memory of the device. */
  memoryHeaps?: readonly { size: number; properties: number }[] | undefined;
}

const gibibyte = 2 ** 30;
/** Smaller pieces than this are not worth knowing of. */
const smallestPieceBytes = 64 * 2 ** 20;
/** No card in reach has more. */
const cardBytesMax = 128 * gibibyte;
const sharedFraction = 0.8;
/** What Metal recommends as the largest working set, by the memory of the machine. */
const metalFraction = { small: 2 / 3, large: 0.75 };
const metalSmallBytes = 36 * gibibyte;
/** Of what was found, so much is offered to a model: with drivers that refuse what they do not have, and with others. */
const offeredFraction = { refusing: 0.95, moving: 0.9 };
const copiesPerRun = 8;
const runs = 3;

/** Measures; takes a second, or several where a driver moves memory out. */
export async function probeDevice(gpu: Gpu, bounds: Partial<ProbeBounds> = {}): Promise<DeviceProbe> {
  const { bytesMax: allowedBytes } = gpu.buffers;
  // Its memory is the host's; copies would measure the processor.
  if (gpu.software)
    return { allocatableBytes: Math.min(totalmem(), allowedBytes), allocatableIsLowerBound: false };
  const bandwidthBytesPerSecond = await copyBandwidth(gpu, bounds.copyBytes ?? gibibyte / 4);
  if (gpu.facts.backend === 'metal') {
    const allocatableBytes = Math.min(metalBytes(totalmem()), allowedBytes);
    return { allocatableBytes, allocatableIsLowerBound: false, bandwidthBytesPerSecond };
  }
  const { vendor, device, memoryHeaps } = gpu.device.adapterInfo as GPUAdapterInfo &
    Pick<MemoryInfo, 'memoryHeaps'>;
  const memory = { vendor, device, memoryHeaps, backend: gpu.facts.backend };
  const most = bounds.allocateBytesMax ?? trialBytesMax(memory, freemem());
  if (most === undefined)
    return {
      ...(allowedBytes < Infinity && { allocatableBytes: allowedBytes }),
      allocatableIsLowerBound: allowedBytes === Infinity,
      bandwidthBytesPerSecond,
    };
  const { pieceBytes = gibibyte, smallestBytes = smallestPieceBytes, writtenBytes = gibibyte } = bounds;
  const { liveBytes } = gpu.buffers;
  const taken = await tryMemory(trialMemory(gpu, hasOwnMemory(memory) ? writtenBytes : undefined), {
    bytesMax: Math.min(most, allowedBytes - liveBytes),
    pieceBytes: Math.min(pieceBytes, gpu.limits.bufferBytesMax),
    smallestBytes,
  });
  await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
  // The model that is loaded goes when another one comes.
  const found = Math.floor(offeredShare(memory, process.platform) * (taken.bytes + liveBytes));
  const boundByUser = allowedBytes - liveBytes <= most;
  return {
    // The device has all that the user allows, and perhaps more.
    allocatableBytes: boundByUser && !taken.ended ? allowedBytes : Math.min(found, allowedBytes),
    allocatableIsLowerBound: !taken.ended && !boundByUser,
    bandwidthBytesPerSecond,
  };
}

/** What Metal lends of the memory of a machine. */
export function metalBytes(hostBytes: number): number {
  const fraction = hostBytes > metalSmallBytes ? metalFraction.large : metalFraction.small;
  return Math.floor(offeredFraction.refusing * fraction * hostBytes);
}

/**
 * How much of what a trial found is offered: less with the drivers that move what is too much into the host's memory. Those are all
 * Vulkan drivers of Windows, and AMD's on Linux.
 */
export function offeredShare(info: MemoryInfo, platform: NodeJS.Platform): number {
  const moves =
    info.backend === 'vulkan' &&
    hasOwnMemory(info) &&
    (platform === 'win32' || (platform === 'linux' && /amd/i.test(info.vendor)));
  return moves ? offeredFraction.moving : offeredFraction.refusing;
}

/** How far a trial may go by the rule above; undefined: it would say nothing. */
export function trialBytesMax(info: MemoryInfo, hostFreeBytes: number): number | undefined {
  const shared = sharedFraction * hostFreeBytes;
  const own = hasOwnMemory(info);
  const heaps = info.memoryHeaps?.filter(({ properties }) => (properties & 1) === 1) ?? [];
  if (heaps.length > 0) {
    const largest = Math.max(...heaps.map(({ size }) => size));
    return own ? largest : Math.min(largest, shared);
  }
  if (!own) return shared;
  return info.backend === 'd3d12' ? undefined : cardBytesMax;
}

/** By their makers' names: cards, as against graphics that are a part of the processor. */
function hasOwnMemory({ vendor, device }: MemoryInfo): boolean {
  if (/nvidia/i.test(vendor)) return !/tegra|orin|xavier|thor|gb10/i.test(device);
  if (/amd/i.test(vendor)) return /radeon-(rx|pro|vii|r[79]-)|instinct|firepro/i.test(device);
  return /intel/i.test(vendor) && /arc-(tm-)?(pro-)?[ab]\d/i.test(device);
}

/** Pieces as buffers; with `writtenBytes`, how fast they are counts. */
function trialMemory(gpu: Gpu, writtenBytes: number | undefined): TrialMemory<GPUBuffer> {
  return {
    take: bytes => tryBuffer(gpu, 'memory trial', bytes),
    free: piece => piece.destroy(),
    ...(writtenBytes !== undefined && {
      speedOf: (piece, isNew) => writeSpeed(gpu, piece, { isNew, writtenBytes }),
    }),
  };
}

/** Bytes per second at which the device fills a buffer. */
async function writeSpeed(
  gpu: Gpu,
  buffer: GPUBuffer,
  { isNew, writtenBytes }: { isNew: boolean; writtenBytes: number },
): Promise<number> {
  const times = Math.ceil(writtenBytes / buffer.size);
  let best = Infinity;
  // In the first run the driver puts new memory in its place.
  for (let run = isNew ? 0 : runs - 1; run < runs; run++) {
    const encoder = gpu.device.createCommandEncoder({ label: 'write speed' });
    for (let i = 0; i < times; i++) encoder.clearBuffer(buffer);
    const started = performance.now();
    gpu.submit(encoder.finish());
    await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
    if (run > 0) best = Math.min(best, performance.now() - started);
  }
  return (buffer.size * times * 1000) / Math.max(best, 0.001);
}

/** Bytes per second that copies read and write, by a clock in milliseconds; undefined when there is no room for them. */
export async function copyBandwidth(
  gpu: Gpu,
  wishedBytes: number,
  clock = (): number => performance.now(),
): Promise<number | undefined> {
  const size = Math.floor(Math.min(wishedBytes, gpu.limits.bufferBytesMax) / 4) * 4;
  const [from, to] = [await tryBuffer(gpu, 'copy source', size), await tryBuffer(gpu, 'copy target', size)];
  try {
    if (!from || !to) return undefined;
    let best = Infinity;
    // The first run warms up.
    for (let run = 0; run <= runs; run++) {
      const encoder = gpu.device.createCommandEncoder({ label: 'copy bandwidth' });
      for (let copy = 0; copy < copiesPerRun; copy++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
      const started = clock();
      gpu.submit(encoder.finish());
      await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
      if (run > 0) best = Math.min(best, clock() - started);
    }
    return (2 * size * copiesPerRun * 1000) / Math.max(best, 0.001);
  } finally {
    from?.destroy();
    to?.destroy();
  }
}

async function tryBuffer({ device }: Gpu, label: string, size: number): Promise<GPUBuffer | undefined> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let buffer: GPUBuffer | undefined;
  try {
    buffer = device.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
  } finally {
    const faults = [await device.popErrorScope(), await device.popErrorScope()];
    if (faults.some(Boolean)) {
      buffer?.destroy();
      buffer = undefined;
    }
  }
  return buffer;
}
