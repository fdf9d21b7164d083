// What a model does on a device, counted by running it on one that computes nothing: the same code records the same kernels.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { countingGpu, type DeviceTraits } from '../gpu/counting_gpu.ts';
import type { Gpu } from '../gpu/device.ts';
import { groupsNow, workNow } from '../gpu/encoded_kernel.ts';
import type { DeviceRates } from '../gpu/work.ts';
import { planModel } from '../model/load.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { errors } from '../protocol/errors.ts';
import { workKinds } from '../shared/prediction/cost.ts';
import type {
  Counted,
  CountedKernel,
  CountedPrompt,
  DeviceModel,
} from '../shared/prediction/device_model.ts';

/** A device as predictions know it, with what its programs are chosen by. */
export interface PredictedDevice extends DeviceModel {
  traits: DeviceTraits;
}

/** Memory of the device, in bytes. */
export interface CountedMemory {
  weights: number;
  /** Activations and all that is made once. */
  workingSet: number;
  /** State, keys and values of one text that is as long as was counted. */
  text: number;
}

/** Batches of a long prompt are counted one of many, in so many groups: cost grows evenly with the position. */
const groupsCounted = 8;

export class CountedModel {
  private constructor(
    private readonly gpu: Gpu,
    readonly model: Qwen3Next,
  ) {}

  /**
   * Plans the model. contextTokensMax: longer than its own context only with a YaRN factor. Throws what loading throws of wrong files.
   */
  static async plan(
    checkpoint: Checkpoint,
    device: PredictedDevice,
    { contextTokensMax = 0, yarnFactor }: { contextTokensMax?: number; yarnFactor?: number } = {},
  ): Promise<CountedModel> {
    const { software, traits } = device;
    const gpu = countingGpu({ software, traits, rates: ratesOf(device) });
    const { model } = await planModel(gpu, checkpoint, {
      contextTokensMax,
      ...(yarnFactor === undefined ? {} : { yarnFactor }),
    });
    return new CountedModel(gpu, model);
  }

  /** One decoded token after `position` others, and the memory that is held then: count the prompt first, whose batches need theirs. */
  async step(position: number): Promise<{ counted: Counted; memory: CountedMemory }> {
    const sequence = await this.#sequenceAt(position, position + 1);
    try {
      const run = () => this.model.step(sequence, 0, { drafts: 0, logits: false });
      const counted = await countKernels(this.gpu, 1, run);
      const held = (part: 'weights' | 'working set' | 'sequences') => this.gpu.buffers.memory.held(part);
      return {
        counted,
        memory: { weights: held('weights'), workingSet: held('working set'), text: held('sequences') },
      };
    } finally {
      sequence.dispose();
    }
  }

  /** A prompt of so many tokens after `position` others, read in the batches that the engine would read it in, down to its last logits. */
  async prompt(position: number, tokens: number): Promise<CountedPrompt> {
    const sequence = await this.#sequenceAt(position, position + tokens);
    const batches: CountedPrompt['batches'] = [];
    const read = async (rows: number, logits: 'last' | 'none', times: number): Promise<void> => {
      const run = () =>
        this.model.forward(sequence, new Uint32Array(rows), logits, { ahead: logits === 'none' });
      batches.push({ counted: await countKernels(this.gpu, rows, run), times });
    };
    try {
      // The first one tells how large the next may be.
      let left = tokens;
      let rows = await this.model.batchTokens(left);
      if (rows < left) {
        await read(rows, 'none', 1);
        left -= rows;
      }
      rows = await this.model.batchTokens(left);
      const whole = Math.ceil(left / rows) - 1;
      const together = Math.ceil(whole / groupsCounted);
      for (let done = 0; done < whole;) {
        const times = Math.min(together, whole - done);
        // The one in the middle stands for all.
        const before = Math.floor((times - 1) / 2);
        sequence.advance(before * rows);
        await read(rows, 'none', times);
        sequence.advance((times - 1 - before) * rows);
        done += times;
      }
      await read(left - whole * rows, 'last', 1);
      return { tokens, batches };
    } finally {
      sequence.dispose();
    }
  }

  dispose(): void {
    this.gpu.dispose();
  }

  /** A text of which `position` tokens are taken to have been read, with room for `tokens`. */
  async #sequenceAt(position: number, tokens: number) {
    const sequence = await this.model.createSequence();
    await sequence.reserveTo(tokens);
    sequence.advance(position);
    return sequence;
  }
}

/** What a device is asked to do while `run` runs, which reads so many rows. */
export async function countKernels(gpu: Gpu, rows: number, run: () => Promise<unknown>): Promise<Counted> {
  if (gpu.onKernel) throw errors.internal('kernels are being counted already');
  const kernels: CountedKernel[] = [];
  const { submitted } = gpu;
  gpu.onKernel = kernel =>
    kernels.push({ name: kernel.name, groups: groupsNow(kernel), work: workNow(kernel) });
  try {
    await run();
  } finally {
    gpu.onKernel = undefined;
  }
  return { rows, kernels, submissions: gpu.submitted - submitted };
}

/** How fast batches are on a device: what the engine measures there by and by. */
function ratesOf({ bandwidthGBs, gigaflops, launchMicros }: DeviceModel): DeviceRates {
  const operationsPerMs = Object.fromEntries(workKinds.map(kind => [kind, gigaflops.batch[kind] * 1e6]));
  return {
    operationsPerMs: operationsPerMs as DeviceRates['operationsPerMs'],
    bytesPerMs: bandwidthGBs * 1e6,
    launchMs: launchMicros / 1000,
  };
}
