// An engine on Dawn's Null backend whose device fails to make 40 buffers before it answers, and whose driver prints on stdout.
import { writeSync } from 'node:fs';
import { create, globals } from 'webgpu';
import { Gpu, type GpuLimits } from '../../engine/gpu/device.ts';
import { HearthError } from '../../engine/protocol/errors.ts';
import type { DeviceFacts } from '../../engine/protocol/lifecycle.ts';
import { openAnswerPipe } from '../../engine/rpc/answer_pipe.ts';
import { serve } from '../../engine/rpc/server.ts';
import { deviceOf, type EngineDevice } from '../../engine/service/device.ts';
import { EngineHost } from '../../engine/service/engine_host.ts';
import { openModel } from '../../engine/service/loaded.ts';

Object.assign(globalThis, globals);
const dawn = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
const limits: GpuLimits = {
  storageBindingBytesMax: 2 ** 27,
  storageBuffersPerStageMax: 8,
  bufferBytesMax: 2 ** 27,
  invocationsPerWorkgroupMax: 256,
  workgroupMemoryBytesMax: 16_384,
};

serve({
  host: new EngineHost({ device: failingDevice, model: openModel }),
  input: process.stdin,
  output: openAnswerPipe(),
  engineVersion: '0',
  onEnd: () => process.exit(0),
});

async function failingDevice(): Promise<EngineDevice> {
  const adapter = await dawn.requestAdapter();
  if (!adapter) throw new Error('Dawn has no Null backend');
  const facts = { software: true, limits: {} } as unknown as DeviceFacts;
  const gpu = new Gpu(await adapter.requestDevice(), facts, limits, {});
  writeSync(1, 'a driver says hello\n');
  for (let i = 0; i < 40; i++)
    gpu.device.createBuffer({ label: `too large ${i}`, size: 2 ** 50, usage: GPUBufferUsage.STORAGE });
  const failure = await gpu.idle().catch((error: unknown) => error);
  const code = failure instanceof HearthError ? failure.code : 'none';
  return { ...deviceOf(gpu), facts: { ...facts, name: code } };
}
