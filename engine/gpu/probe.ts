// What a model may take of the device: memory, by a bounded trial inside error scopes, and bandwidth, by timed copies. Nothing
// else may run on the device meanwhile; everything taken is given back.
import { freemem, totalmem } from 'node:os';
import type { DeviceProbe } from '../protocol/lifecycle.ts';
import type { Gpu } from './device.ts';

export interface ProbeBounds {
  /** Most bytes taken in all. */
  allocateBytesMax: number;
  /** Size of the first piece; halved when a piece is refused. */
  pieceBytes: number;
  /** Size of a copy; larger than any cache. */
  copyBytes: number;
}

const gibibyte = 2 ** 30;
/** Smaller pieces than this are not worth knowing of. */
const pieceBytesMin = 64 * 2 ** 20;
/** No card in reach has more. */
const cardBytesMax = 128 * gibibyte;
/** Where the device may share the host's memory, no more than this of what is free is taken. */
const sharedFraction = 0.8;
/** Metal lends about this much of the memory to the GPU, and takes any trial for granted. */
const metalFraction = 0.75;
const copiesPerRun = 8;
const runs = 3;

/** Measures; takes less than a second. */
export async function probeDevice(gpu: Gpu, bounds: Partial<ProbeBounds> = {}): Promise<DeviceProbe> {
  // Its memory is the host's; copies would measure the processor.
  if (gpu.software) return { allocatableBytes: totalmem(), allocatableIsLowerBound: false };
  const bandwidthBytesPerSecond = await copyBandwidth(gpu, bounds.copyBytes ?? gibibyte / 4);
  if (gpu.facts.backend === 'metal')
    return {
      allocatableBytes: Math.round(metalFraction * totalmem()),
      allocatableIsLowerBound: false,
      bandwidthBytesPerSecond,
    };
  // Cards of this maker have memory of their own; any other device may share the host's.
  const shared = /nvidia/i.test(gpu.facts.vendor) ? cardBytesMax : sharedFraction * freemem();
  const most = bounds.allocateBytesMax ?? Math.min(cardBytesMax, shared);
  const taken = await allocate(gpu, most, bounds.pieceBytes ?? gibibyte);
  return {
    // The model that is loaded goes when another one comes.
    allocatableBytes: taken.bytes + gpu.buffers.liveBytes,
    allocatableIsLowerBound: !taken.refused,
    bandwidthBytesPerSecond,
  };
}

async function allocate(
  gpu: Gpu,
  bytesMax: number,
  firstPiece: number,
): Promise<{ bytes: number; refused: boolean }> {
  const smallest = Math.min(pieceBytesMin, firstPiece);
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
    await gpu.device.queue.onSubmittedWorkDone();
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
      gpu.device.queue.submit([encoder.finish()]);
      await gpu.device.queue.onSubmittedWorkDone();
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
