// When the device is looked at: not before openGpu, not while a model is loaded, and only once.
import { afterEach, expect, test, vi } from 'vitest';
import { EngineService } from '../../../engine/service/service.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { engineErrorOf } from '../../support/engine_error.ts';

const probed = vi.hoisted(() => ({ times: 0, fails: false }));
vi.mock(import('../../../engine/gpu/probe.ts'), async importOriginal => ({
  ...(await importOriginal()),
  probeDevice: async () => {
    probed.times++;
    if (probed.fails) throw new Error('the device is busy');
    return { allocatableBytes: 8e9, allocatableIsLowerBound: false };
  },
}));
afterEach(() => Object.assign(probed, { times: 0, fails: false }));

test('the device is looked at once, after the load that is under way', async () => {
  const service = new EngineService();
  expect((await engineErrorOf(() => service.probe())).code).toBe('notInitialized');
  await service.open();
  const order: string[] = [];
  const load = service
    .load({ path: embeddedModelPath, contextTokensMax: 256 }, () => undefined)
    .then(() => order.push(`loaded, looked ${probed.times} times`));
  const first = service.probe().then(found => {
    order.push('looked');
    return found;
  });
  expect(await service.probe()).toBe(await first);
  await load;
  expect(order).toEqual(['loaded, looked 0 times', 'looked']);
  await service.probe();
  expect(probed.times).toBe(1);
  await service.dispose();
});

test('a look that failed is made again', async () => {
  const service = new EngineService();
  await service.open();
  probed.fails = true;
  await expect(service.probe()).rejects.toThrow('busy');
  probed.fails = false;
  expect(await service.probe()).toMatchObject({ allocatableBytes: 8e9 });
  expect(probed.times).toBe(2);
  await service.dispose();
});
