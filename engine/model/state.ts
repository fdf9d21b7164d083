// The state of one running text: KV cache of the attention layers, convolution tail and f32 delta state of the DeltaNet layers.
import type { Gpu } from '../gpu/device.ts';
import { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { errors } from '../protocol/errors.ts';
import type { ModelConfig } from './config_types.ts';
import type { ModelSequence, StateCheckpoint } from './language_model.ts';

export type LayerState =
  /** keys (normed, rotated) and values: [capacity, kvHeads, dim]. */
  | { kind: 'full'; keys: GpuTensor; values: GpuTensor }
  /** conv: [K - 1, channels], raw inputs, oldest first; recurrent: [Hv, Dk, Dv]. */
  | { kind: 'linear'; conv: GpuTensor; recurrent: GpuTensor };

const firstCapacityTokens = 256;

/** See ModelSequence. */
export class Qwen3NextSequence implements ModelSequence {
  readonly layers: LayerState[];
  /** The MTP block's own cache, one row a position; undefined when the block is not loaded. */
  readonly mtp: Extract<LayerState, { kind: 'full' }> | undefined;
  #position = 0;
  #capacity: number;
  #disposed = false;

  constructor(
    private readonly gpu: Gpu,
    private readonly config: ModelConfig,
    private readonly contextTokensMax: number,
    withMtp = false,
  ) {
    this.#capacity = Math.min(firstCapacityTokens, contextTokensMax);
    this.layers = config.layerKinds.map((kind, i): LayerState =>
      kind === 'full'
        ? { kind, keys: this.#cache(`keys ${i}`), values: this.#cache(`values ${i}`) }
        : { kind, ...this.#linearState(`state ${i}`) },
    );
    this.mtp = withMtp
      ? { kind: 'full', keys: this.#cache('mtp keys'), values: this.#cache('mtp values') }
      : undefined;
  }

  get position(): number {
    return this.#position;
  }

  /** Makes room for `count` more tokens. Throws contextFull. */
  reserve(count: number): void {
    this.reserveTo(this.#position + count);
  }

  /** Makes room for `need` tokens in all. Throws contextFull. */
  reserveTo(need: number): void {
    if (need > this.contextTokensMax) throw errors.contextFull(need, this.contextTokensMax);
    if (need <= this.#capacity) return;
    const capacity = Math.min(Math.max(need, this.#capacity * 2), this.contextTokensMax);
    const usedBytes = this.#capacity * this.config.kvHeadCount * this.config.headDim * 4;
    this.#capacity = capacity;
    const list = new CommandList(this.gpu);
    const old: GpuTensor[] = [];
    for (const layer of this.#caches()) {
      const { keys, values } = layer;
      layer.keys = this.#cache(keys.label);
      layer.values = this.#cache(values.label);
      list.copy(keys, 0, layer.keys, 0, usedBytes);
      list.copy(values, 0, layer.values, 0, usedBytes);
      old.push(keys, values);
    }
    list.submit();
    for (const tensor of old) tensor.dispose();
  }

  /** Called by the model when `count` tokens have been read. */
  advance(count: number): void {
    this.#position += count;
  }

  checkpoint(): StateCheckpoint {
    const copies = this.layers.map((layer, i) =>
      layer.kind === 'linear' ? this.#linearState(`checkpoint ${this.#position} layer ${i}`) : undefined,
    );
    const checkpoint = new Qwen3NextCheckpoint(this, this.#position, copies);
    this.#copyLinear((i, layer, list) => {
      const copy = copies[i] as LinearTensors;
      list.copy(layer.conv, 0, copy.conv, 0, layer.conv.byteLength);
      list.copy(layer.recurrent, 0, copy.recurrent, 0, layer.recurrent.byteLength);
    });
    return checkpoint;
  }

  restore(checkpoint: StateCheckpoint): void {
    if (!(checkpoint instanceof Qwen3NextCheckpoint) || checkpoint.owner !== this)
      throw errors.internal('a checkpoint of another sequence was restored');
    if (checkpoint.position > this.#position)
      throw errors.internal('a checkpoint beyond the KV cache was restored');
    this.#copyLinear((i, layer, list) => {
      const copy = checkpoint.copies[i] as LinearTensors;
      list.copy(copy.conv, 0, layer.conv, 0, layer.conv.byteLength);
      list.copy(copy.recurrent, 0, layer.recurrent, 0, layer.recurrent.byteLength);
    });
    this.#position = checkpoint.position;
  }

  reset(): void {
    for (const layer of this.layers) {
      if (layer.kind !== 'linear') continue;
      layer.conv.write(new Uint8Array(layer.conv.byteLength));
      layer.recurrent.write(new Uint8Array(layer.recurrent.byteLength));
    }
    this.#position = 0;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const { keys, values } of this.#caches()) {
      keys.dispose();
      values.dispose();
    }
    for (const layer of this.layers)
      if (layer.kind === 'linear') {
        layer.conv.dispose();
        layer.recurrent.dispose();
      }
  }

  #caches(): Extract<LayerState, { kind: 'full' }>[] {
    const full = this.layers.filter(layer => layer.kind === 'full');
    return this.mtp ? [...full, this.mtp] : full;
  }
  #cache(label: string): GpuTensor {
    return this.gpu.buffers.create(label, [this.#capacity, this.config.kvHeadCount, this.config.headDim]);
  }
  #linearState(label: string): LinearTensors {
    const { convKernel, linearKeyHeads, linearKeyDim, linearValueHeads, linearValueDim } = this.config;
    const channels = 2 * linearKeyHeads * linearKeyDim + linearValueHeads * linearValueDim;
    return {
      conv: this.gpu.buffers.create(`${label} conv`, [Math.max(1, convKernel - 1), channels]),
      recurrent: this.gpu.buffers.create(`${label} recurrent`, [
        linearValueHeads,
        linearKeyDim,
        linearValueDim,
      ]),
    };
  }
  #copyLinear(copy: (i: number, layer: LinearTensors, list: CommandList) => void): void {
    const list = new CommandList(this.gpu);
    for (const [i, layer] of this.layers.entries()) if (layer.kind === 'linear') copy(i, layer, list);
    list.submit();
  }
}

interface LinearTensors {
  conv: GpuTensor;
  recurrent: GpuTensor;
}

class Qwen3NextCheckpoint implements StateCheckpoint {
  readonly byteLength: number;
  constructor(
    readonly owner: Qwen3NextSequence,
    readonly position: number,
    readonly copies: readonly (LinearTensors | undefined)[],
  ) {
    this.byteLength = copies.reduce(
      (sum, copy) => sum + (copy ? copy.conv.byteLength + copy.recurrent.byteLength : 0),
      0,
    );
  }
  dispose(): void {
    for (const copy of this.copies) {
      copy?.conv.dispose();
      copy?.recurrent.dispose();
    }
  }
}
