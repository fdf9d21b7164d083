// Workgroups that a kernel writes: taken when the next kernel runs, also when it was recorded before they were known.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { CommandList, Recording, type Dispatch } from '../../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../../engine/gpu/tensor.ts';

/** Writes (x, y, 1) behind an empty launch. */
const writer = `
@group(0) @binding(0) var<storage, read_write> launches: array<u32>;
struct Params { x: u32, y: u32 }
var<immediate> params: Params;
@compute @workgroup_size(1)
fn main() {
  launches[3] = params.x;
  launches[4] = params.y;
  launches[5] = 1u;
}`;
/** Counts its workgroups. */
const counter = `
@group(0) @binding(0) var<storage, read_write> count: atomic<u32>;
@compute @workgroup_size(1)
fn main() {
  atomicAdd(&count, 1u);
}`;

let gpu: Gpu;
let launches: GpuTensor;
let count: GpuTensor;
beforeEach(async () => {
  gpu = await openGpu();
  launches = gpu.buffers.create('launches', [2, 3], 'u32', { indirect: true });
  count = gpu.buffers.create('count', [1], 'u32');
});
afterEach(() => gpu.dispose());

const write = (x: () => number, y: () => number): Dispatch => ({
  spec: { name: 'writer', source: writer },
  tensors: [launches],
  words: [x, y],
  groups: [1],
});
const run = (byteOffset: number): Dispatch => ({
  spec: { name: 'counter', source: counter },
  tensors: [count],
  groups: { tensor: launches, byteOffset, usual: 1 },
});

test('as many workgroups run as a kernel before wrote, none for zeros', async () => {
  const all = [
    write(
      () => 3,
      () => 5,
    ),
    run(12),
    run(0),
    write(
      () => 0,
      () => 9,
    ),
    run(12),
  ];
  await gpu.pipelines.prepare(all.map(({ spec }) => spec));
  const list = new CommandList(gpu);
  for (const one of all) list.dispatch(one);
  list.submit();
  expect([...(await gpu.readback.words(count))]).toEqual([15]);
  expect(list.dispatchCount).toBe(5);
});

test('a recording takes the workgroups of each replay', async () => {
  let x = 2;
  const all = [
    write(
      () => x,
      () => 2,
    ),
    run(12),
  ];
  await gpu.pipelines.prepare(all.map(({ spec }) => spec));
  const list = new CommandList(gpu);
  const recording = (list.into = new Recording());
  for (const one of all) list.dispatch(one);
  list.into = undefined;
  x = 10;
  list.replay(recording);
  list.submit();
  x = 100;
  list.replay(recording);
  list.submit();
  expect([...(await gpu.readback.words(count))]).toEqual([4 + 20 + 200]);
});
