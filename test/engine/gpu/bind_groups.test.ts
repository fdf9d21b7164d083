// Bind groups are made once, and nothing of them stays when one of their tensors goes.
import { expect, test, vi } from 'vitest';
import { BindGroupCache } from '../../../engine/gpu/bind_groups.ts';
import { openGpu } from '../../../engine/gpu/device.ts';

test('groups are made once; a tensor that goes takes the keys of its groups from all others', async () => {
  const gpu = await openGpu();
  const binding = (n: number): string =>
    `@group(0) @binding(${n}) var<storage, read_write> b${n}: array<u32>;\n`;
  const spec = {
    name: 'two',
    source: `${binding(0)}${binding(1)}@compute @workgroup_size(1) fn main() { b0[0] = b1[0]; }`,
  };
  await gpu.pipelines.prepare([spec]);
  const pipeline = gpu.pipelines.get(spec)!;
  const cache = new BindGroupCache(gpu.device, gpu.buffers);
  const create = vi.spyOn(gpu.device, 'createBindGroup');
  const weights = gpu.buffers.create('weights', [4]);
  for (let text = 0; text < 3; text++) {
    const state = gpu.buffers.create('state', [4]);
    const group = cache.get(pipeline, [state, weights]);
    expect(cache.get(pipeline, [state, weights])).toBe(group);
    expect(cache.keyCount).toBe(2);
    state.dispose();
    expect(cache.keyCount).toBe(0);
  }
  expect(create).toHaveBeenCalledTimes(3);
  gpu.dispose();
});
