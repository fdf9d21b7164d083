// Another model in place of the one that is loaded, on the device: running answers end, and the old one is freed before the new one comes.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type * as DeviceModule from '../../../engine/gpu/device.ts';
import type { Gpu } from '../../../engine/gpu/device.ts';
import { EngineService } from '../../../engine/service/service.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { watchBuffers } from '../../support/peak_buffers.ts';

// The service keeps its device to itself.
const opened = vi.hoisted(() => ({ gpu: undefined as Gpu | undefined }));
vi.mock('../../../engine/gpu/device.ts', async original => {
  const device = await original<typeof DeviceModule>();
  return { ...device, openGpu: async () => (opened.gpu = await device.openGpu()) };
});

const service = new EngineService();
let gpu: Gpu;
beforeAll(async () => {
  await service.open();
  gpu = opened.gpu!;
});
afterAll(() => service.dispose());

const load = () => service.load({ path: embeddedModelPath, contextTokensMax: 1024 }, () => undefined);
const never = () => false;
const question = (content: string, maxTokens: number) => ({
  messages: [{ role: 'user' as const, content }],
  maxTokens,
  sampling: { temperature: 0 },
});

test('the old model is freed before the new one takes its place, and running answers end as cancelled', async () => {
  await load();
  const oneModel = gpu.buffers.liveBytes;
  expect(oneModel).toBeGreaterThan(17e6);

  // Two answers at once, with state on the device, at their beginning.
  let onText: () => void = () => undefined;
  const running = new Promise<void>(resolve => (onText = resolve));
  const answers = ['Count to a thousand.', 'Write a long story about a lighthouse.'].map(content =>
    service.chat(question(content, 900), { onText }, never),
  );
  await running;
  expect(gpu.buffers.liveBytes).toBeGreaterThan(oneModel);

  const peak = watchBuffers(gpu);
  const second = load();
  for (const answer of answers) expect((await answer).finishReason).toBe('cancelled');
  await second;
  // The new one, the buffers its weights come through, and the text it warms up with: not another model.
  expect(peak()).toBeGreaterThan(oneModel);
  expect(peak() - oneModel).toBeLessThan(oneModel / 2);
  expect(gpu.buffers.liveBytes).toBe(oneModel);

  const { text, finishReason } = await service.chat(question('Hi', 5), { onText: () => undefined }, never);
  expect(finishReason).toMatch(/stop|length/);
  expect(text).not.toBe('');
});
