// The KV caches of one sequence, those of its attention layers and the MTP block's own. They have room for equally many tokens and
// grow together.
import type { Gpu } from '../../gpu/device.ts';
import { CommandList } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { kvRowWords, type KvCache, type KvFormat } from '../../kernels/kv_cache.ts';
import { errors } from '../../protocol/errors.ts';
import { kvFirstCapacity, kvNextCapacity } from '../../shared/architecture/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';

/** State of an attention layer. */
export type FullState = { kind: 'full' } & KvCache;

/** Owns the caches that add() makes. */
export class KvCaches {
  readonly #all: FullState[] = [];
  /** Words that the keys of one position take, and its values. */
  readonly #positionWords: number;
  #capacity: number;

  constructor(
    private readonly gpu: Gpu,
    config: Pick<ModelConfig, 'kvHeadCount' | 'headDim'>,
    private readonly contextTokensMax: number,
    private readonly format: KvFormat,
  ) {
    this.#positionWords = config.kvHeadCount * kvRowWords(format, config.headDim);
    this.#capacity = kvFirstCapacity(contextTokensMax);
  }

  /** One more cache, as large as the others. */
  add(label: string): FullState {
    const cache: FullState = {
      kind: 'full',
      format: this.format,
      keys: this.#create(`keys ${label}`, this.#capacity),
      values: this.#create(`values ${label}`, this.#capacity),
    };
    this.#all.push(cache);
    return cache;
  }

  /**
   * Makes room for `need` tokens in all; `onMove` is called when a cache has moved into a larger tensor, before the old one goes.
   * Throws contextFull, and outOfDeviceMemory with everything as it was. Caches grow one by one, each gone before the next is asked
   * for, so that only one of them is there twice.
   */
  async reserveTo(need: number, onMove: () => void): Promise<void> {
    if (need > this.contextTokensMax) throw errors.contextFull(need, this.contextTokensMax);
    if (need <= this.#capacity) return;
    const capacity = kvNextCapacity(this.#capacity, need, this.contextTokensMax);
    for (const cache of this.#all)
      for (const part of ['keys', 'values'] as const) {
        const old = cache[part];
        const grown = await this.gpu.buffers.obtain(old.label, 'sequences', () =>
          this.#create(old.label, capacity),
        );
        const list = new CommandList(this.gpu);
        list.copy(old, 0, grown, 0, this.#capacity * this.#positionWords * 4);
        list.submit();
        cache[part] = grown;
        onMove();
        old.dispose();
        await this.gpu.idle();
      }
    this.#capacity = capacity;
  }

  dispose(): void {
    for (const { keys, values } of this.#all) {
      keys.dispose();
      values.dispose();
    }
  }

  #create(label: string, capacity: number): GpuTensor {
    return this.gpu.buffers.create(label, [capacity, this.#positionWords], 'u32');
  }
}
