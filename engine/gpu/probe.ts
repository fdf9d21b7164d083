// What a model may take of the device: memory, by a bounded trial inside error scopes, and bandwidth, by timed copies. Nothing
// else may run on the device meanwhile; everything taken is given back.
//
// How far the trial goes:
// - Metal: none. It takes any trial for granted; about three quarters of the memory are what it lends to the GPU.
// - Memory heaps, where the adapter tells them: up to the largest one of the device.
// - A card with memory of its own: until it refuses. Direct3D refuses nothing but moves what is too much into the host's memory,
//   so there a trial would say nothing, and none is made.
// - Any other device takes its memory from the host: up to a share of what is free there.
// A share of what was found is left for others: the desktop, and what the driver itself needs.
import { freemem, totalmem } from 'node:os';
import type { DeviceProbe } from '../protocol/lifecycle.ts';
import type { Gpu } from './device.ts';

export interface ProbeBounds {
  /** Most bytes taken in all. */
  allocateBytesMax: number;
  /** Size of the first piece; halved when a piece is refused, down to the smallest. */
  pieceBytes: number;
  smallestBytes: number;
  /** Size of a copy; larger than any cache. */
  copyBytes: number;
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
const metalFraction = 0.75;
/** Of what was found, so much is offered to a model. */
const offeredFraction = 0.95;
const copiesPerRun = 8;
const runs = 3;

/** Measures; takes less than a second. */
export async function probeDevice(gpu: Gpu, bounds: Partial<ProbeBounds> = {}): Promise<DeviceProbe> {
  // Its memory is the host's; copies would measure the processor.
  if (gpu.software) return { allocatableBytes: totalmem(), allocatableIsLowerBound: false };
  const bandwidthBytesPerSecond = await copyBandwidth(gpu, bounds.copyBytes ?? gibibyte / 4);
  if (gpu.facts.backend === 'metal') {
    const allocatableBytes = Math.floor(offeredFraction * metalFraction * totalmem());
    return { allocatableBytes, allocatableIsLowerBound: false, bandwidthBytesPerSecond };
  }
  const { vendor, device, memoryHeaps } = gpu.device.adapterInfo as GPUAdapterInfo &
    Pick<MemoryInfo, 'memoryHeaps'>;
  const memory = { vendor, device, memoryHeaps, backend: gpu.facts.backend };
  const most = bounds.allocateBytesMax ?? trialBytesMax(memory, freemem());
  if (most === undefined) return { allocatableIsLowerBound: true, bandwidthBytesPerSecond };
  const { pieceBytes = gibibyte, smallestBytes = smallestPieceBytes } = bounds;
  const taken = await allocate(gpu, most, pieceBytes, smallestBytes);
  return {
    // The model that is loaded goes when another one comes.
    allocatableBytes: Math.floor(offeredFraction * (taken.bytes + gpu.buffers.liveBytes)),
    allocatableIsLowerBound: !taken.refused,
    bandwidthBytesPerSecond,
  };
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

async function allocate(
  gpu: Gpu,
  bytesMax: number,
  firstPiece: number,
  smallest: number,
): Promise<{ bytes: number; refused: boolean }> {
  const pieces: GPUBuffer[] = [];
  let bytes = 0;
  try {
    for (let size = Math.min(firstPiece, gpu.limits.bufferBytesMax); bytes + size <= bytesMax;) {
      const piece = await tryBuffer(gpu, 'memory trial', size);
      if (piece) {
        pieces.push(piece);
        bytes += size;
      } else {
        size = Math.floor(size / 8) * 4;
        if (size < smallest) return { bytes, refused: true };
      }
    }
    return { bytes, refused: false };
  } finally {
    for (const piece of pieces) piece.destroy();
    await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
  }
}

/** Bytes per second that copies read and write; undefined when there is no room for them. */
async function copyBandwidth(gpu: Gpu, wishedBytes: number): Promise<number | undefined> {
  const size = Math.floor(Math.min(wishedBytes, gpu.limits.bufferBytesMax) / 4) * 4;
  const [from, to] = [await tryBuffer(gpu, 'copy source', size), await tryBuffer(gpu, 'copy target', size)];
  try {
    if (!from || !to) return undefined;
    let best = Infinity;
    // The first run warms up.
    for (let run = 0; run <= runs; run++) {
      const encoder = gpu.device.createCommandEncoder({ label: 'copy bandwidth' });
      for (let copy = 0; copy < copiesPerRun; copy++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
      const started = performance.now();
      gpu.submit(encoder.finish());
      await gpu.wait(gpu.device.queue.onSubmittedWorkDone());
      if (run > 0) best = Math.min(best, performance.now() - started);
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
