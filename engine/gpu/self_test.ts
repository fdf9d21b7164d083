// The first thing done with a device: 4 bytes are written, copied, mapped and read back.
import { errors, reasonOf } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { AwaitedDevice } from './waits.ts';

const word = 0x48656172;

/** Electron's Node refuses the mapped memory, a broken driver loses it or hangs. Throws deviceSelfTestFailed. */
export async function selfTest(gpu: AwaitedDevice): Promise<void> {
  let got: number | undefined;
  try {
    got = await wordBack(gpu);
  } catch (cause) {
    throw errors.deviceSelfTestFailed(reasonOf(cause));
  }
  if (got !== word)
    throw errors.deviceSelfTestFailed(
      phrase`4 bytes written as ${word.toString(16)} came back as ${String(got?.toString(16))}`,
    );
}

async function wordBack(gpu: AwaitedDevice): Promise<number | undefined> {
  const { device } = gpu;
  const source = device.createBuffer({
    label: 'self-test source',
    size: 4,
    usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const target = device.createBuffer({
    label: 'self-test target',
    size: 4,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(source, 0, new Uint32Array([word]));
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, target, 0, 4);
  gpu.submit(encoder.finish());
  await gpu.wait(target.mapAsync(GPUMapMode.READ));
  const got = new Uint32Array(target.getMappedRange())[0];
  target.unmap();
  source.destroy();
  target.destroy();
  return got;
}
