// The most bytes of buffers that live on a device at once.
import { vi } from 'vitest';
import type { Gpu } from '../../engine/gpu/device.ts';

/** Watches from now on, until mocks are restored; the function gives the peak so far, 0 before the first buffer is made. */
export function watchBuffers({ buffers }: Gpu): () => number {
  let peak = 0;
  const create = buffers.create.bind(buffers);
  vi.spyOn(buffers, 'create').mockImplementation((...given) => {
    const tensor = create(...given);
    peak = Math.max(peak, buffers.liveBytes);
    return tensor;
  });
  return () => peak;
}
