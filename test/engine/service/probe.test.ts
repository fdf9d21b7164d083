// When the device is looked at: not before it is open, not while a model is loaded, and only once.
import { beforeAll, expect, test } from 'vitest';
import { EngineHost } from '../../../engine/service/engine_host.ts';
import { openModel, type OpenedModel } from '../../../engine/service/loaded.ts';
import { fakeDevice } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

let opened: OpenedModel;
beforeAll(async () => {
  opened = await openModel(embeddedModelPath);
  await opened.close();
});

/** A host that counts how often its device is looked at; a load takes until `loadEnds` resolves. */
function countingHost(loadEnds: Promise<void> = Promise.resolve()) {
  const probed = { times: 0, fails: false };
  const host = new EngineHost({
    device: async () =>
      fakeDevice({
        load: async () => {
          await loadEnds;
          return new FakeModel({ vocabularySize: 8192 });
        },
        probe: async () => {
          probed.times++;
          if (probed.fails) throw new Error('the device is busy');
          return { allocatableBytes: 8e9, allocatableIsLowerBound: false };
        },
      }),
    model: async () => ({ ...opened, close: async () => undefined }),
  });
  return { host, probed };
}

test('the device is looked at once, after the load that is under way', async () => {
  let endLoad: () => void = () => undefined;
  const { host, probed } = countingHost(new Promise(resolve => (endLoad = resolve)));
  expect((await hearthErrorOf(() => host.probe())).code).toBe('notInitialized');
  await host.open();
  const order: string[] = [];
  const load = host
    .load({ path: 'fake.gguf', contextTokensMax: 256 }, () => undefined)
    .then(() => order.push(`loaded, looked ${probed.times} times`));
  const first = host.probe().then(found => {
    order.push('looked');
    return found;
  });
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(probed.times).toBe(0);
  endLoad();
  expect(await host.probe()).toBe(await first);
  await load;
  expect(order).toEqual(['loaded, looked 0 times', 'looked']);
  await host.probe();
  expect(probed.times).toBe(1);
  await host.dispose();
});

test('a look that failed is made again', async () => {
  const { host, probed } = countingHost();
  await host.open();
  probed.fails = true;
  await expect(host.probe()).rejects.toThrow('busy');
  probed.fails = false;
  expect(await host.probe()).toMatchObject({ allocatableBytes: 8e9 });
  expect(probed.times).toBe(2);
  await host.dispose();
});
