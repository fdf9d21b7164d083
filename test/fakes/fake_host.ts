// An engine host without a GPU: its device is open at once and serves whatever models it is given.
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { DeviceFacts } from '../../engine/protocol/lifecycle.ts';
import type { EngineDevice } from '../../engine/service/device.ts';
import type { StateStore } from '../../engine/kept/state_store.ts';
import { EngineHost } from '../../engine/service/engine_host.ts';
import type { LoadedText, ServedModel } from '../../engine/service/loaded.ts';

const facts: DeviceFacts = {
  name: 'fake',
  driver: '1',
  vendor: '',
  architecture: '',
  backend: 'none',
  software: true,
  features: [],
  limits: {},
};

export interface FakeDeviceParts {
  load: EngineDevice['load'];
  probe?: EngineDevice['probe'];
}

export function fakeDevice({ load, probe }: FakeDeviceParts): EngineDevice {
  return {
    facts,
    lost: new Promise(() => undefined),
    kernels: { done: 0, total: 0 },
    onKernels: new Set(),
    holdKernels: () => () => undefined,
    probe: probe ?? (async () => ({ allocatableIsLowerBound: true })),
    load,
    dispose: () => undefined,
  };
}

export interface HostOptions {
  openModel?: (path: string) => Promise<never>;
  /** Where the state of workspaces is kept. */
  states?: StateStore;
  /** Stands for all weights of the model's file. */
  weights?: number;
}

/** As much of one as tells weights apart. */
function checkpointOf(weights: number): Checkpoint {
  const tensor = { name: 'weights', type: 'F32' as const, shape: [1], byteLength: 4 };
  const checkpoint: Pick<Checkpoint, 'tensors' | 'read'> = {
    tensors: new Map([[tensor.name, tensor]]),
    read: async (_tensor, _offset, into) => void into.fill(weights),
  };
  return checkpoint as Checkpoint;
}

/** A host that has loaded `model`, with tokenizer and template of `text`. Any other path gives the error of opening it. */
export async function hostServing(
  model: ServedModel,
  text: LoadedText,
  { openModel, states, weights = 1 }: HostOptions = {},
): Promise<EngineHost> {
  const path = 'fake.gguf';
  const host = new EngineHost({
    device: async () => fakeDevice({ load: async () => model }),
    model: async asked =>
      asked !== path && openModel
        ? openModel(asked)
        : { checkpoint: checkpointOf(weights), text, close: async () => undefined },
    ...(states && { states }),
  });
  await host.open();
  await host.load({ path, contextTokensMax: 0 }, () => undefined);
  return host;
}
