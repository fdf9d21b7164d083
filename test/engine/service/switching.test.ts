// Another model in place of the one that is loaded, on the device: running answers end, and the old one is freed before the new one comes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import { deviceOf } from '../../../engine/service/device.ts';
import { EngineHost } from '../../../engine/service/engine_host.ts';
import { openModel } from '../../../engine/service/loaded.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { watchBuffers } from '../../support/peak_buffers.ts';

let gpu: Gpu;
const host = new EngineHost({
  device: async () => deviceOf((gpu = await openGpu())),
  model: openModel,
});
const session = new ClientSession(host);
beforeAll(() => host.open());
afterAll(() => host.dispose());

const load = () => host.load({ path: embeddedModelPath, contextTokensMax: 1024 }, () => undefined);
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
    session.chat(question(content, 900), { onText }),
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

  const { text, finishReason } = await session.chat(question('Hi', 5), { onText: () => undefined });
  expect(finishReason).toMatch(/stop|length/);
  expect(text).not.toBe('');
});
