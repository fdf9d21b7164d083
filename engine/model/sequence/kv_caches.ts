// The KV caches of one sequence, those of its attention layers and the MTP block's own. They have room for equally many tokens and
// grow together. A text that becomes long is kept in the compact format of its plan from then on: what was read is converted once.
import type { Gpu } from '../../gpu/device.ts';
import { runOnce, type CommandList } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { kvRowWords, type KvCache, type KvFormat } from '../../kernels/kv_cache.ts';
import { kvNarrow } from '../../kernels/kv_narrow.ts';
import { errors } from '../../protocol/errors.ts';
import {
  kvFirstCapacity,
  kvFormatAt,
  kvNextCapacity,
  type KvPlan,
} from '../../shared/architecture/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';

/** State of an attention layer. */
export type FullState = { kind: 'full' } & KvCache;

const parts = ['keys', 'values'] as const;

/** Owns the caches that add() makes. */
export class KvCaches {
  readonly #all: FullState[] = [];
  #capacity: number;

  constructor(
    private readonly gpu: Gpu,
    private readonly config: Pick<ModelConfig, 'kvHeadCount' | 'headDim'>,
    private readonly contextTokensMax: number,
    private readonly plan: KvPlan,
  ) {
    this.#capacity = kvFirstCapacity(Math.min(contextTokensMax, plan.shortTokensMax));
  }

  /** The formats in use: one, or two where there was no memory to convert them all. */
  get formats(): string {
    return [...new Set(this.#all.map(({ format }) => format))].join(' and ');
  }

  /** One more cache, as large as the others. */
  add(label: string): FullState {
    const format = this.plan.short;
    const cache: FullState = {
      kind: 'full',
      format,
      keys: this.#create(`keys ${label}`, this.#capacity, format),
      values: this.#create(`values ${label}`, this.#capacity, format),
    };
    this.#all.push(cache);
    return cache;
  }

  /**
   * Makes room for `need` tokens in all, in the format of a text of that length; `onMove` is called when a cache has moved into other
   * tensors, before the old ones go. Throws contextFull, and outOfDeviceMemory with everything that was read as it was. Caches grow
   * one by one, each gone before the next is asked for, so that only one of them is there twice.
   */
  async reserveTo(need: number, onMove: () => void): Promise<void> {
    if (need > this.contextTokensMax) throw errors.contextFull(need, this.contextTokensMax);
    const format = kvFormatAt(this.plan, need);
    const isLong = this.#all.every(cache => cache.format === this.plan.long);
    if (need <= this.#capacity && (isLong || format === this.plan.short)) return;
    // Once a cache is in the long format none goes back: a conversion may have ended half-way.
    const wanted = this.#all.some(cache => cache.format === this.plan.long) ? this.plan.long : format;
    const most =
      wanted === this.plan.long
        ? this.contextTokensMax
        : Math.min(this.contextTokensMax, this.plan.shortTokensMax);
    const capacity = kvNextCapacity(this.#capacity, need, most);
    for (const cache of this.#all)
      if (cache.format === wanted)
        for (const part of parts) await this.#move(cache, [part], wanted, capacity, onMove);
      // Keys and values of a cache are always in one format.
      else await this.#move(cache, parts, wanted, capacity, onMove);
    this.#capacity = capacity;
  }

  /** The text begins anew, in the short format, with the room there is. True when that changes the format of a cache. */
  empty(): boolean {
    const { short, long, shortTokensMax } = this.plan;
    if (short === long || this.#all.every(({ format }) => format === short)) return false;
    for (const cache of this.#all) cache.format = short;
    const rowBytes = 4 * this.#positionWords(short);
    const least = Math.min(...this.#all.flatMap(cache => parts.map(part => cache[part].byteLength)));
    this.#capacity = Math.min(Math.floor(least / rowBytes), shortTokensMax);
    return true;
  }

  /** See Qwen3NextSequence.collectAs. */
  as(format: KvFormat, collect: () => void): void {
    const before = this.#all.map(cache => cache.format);
    for (const cache of this.#all) cache.format = format;
    try {
      collect();
    } finally {
      for (const [i, cache] of this.#all.entries()) cache.format = before[i] as KvFormat;
    }
  }

  dispose(): void {
    for (const { keys, values } of this.#all) {
      keys.dispose();
      values.dispose();
    }
  }

  /** Moves parts of a cache into larger tensors, all or none, in this format. */
  async #move(
    cache: FullState,
    moved: readonly (typeof parts)[number][],
    format: KvFormat,
    capacity: number,
    onMove: () => void,
  ): Promise<void> {
    const { gpu } = this;
    const { kvHeadCount, headDim: dim } = this.config;
    const olds = moved.map(part => cache[part]);
    const news = await gpu.buffers.obtain(olds[0]?.label ?? '', 'sequences', () =>
      olds.map(({ label }) => this.#create(label, capacity, format)),
    );
    const move = (list: CommandList): void => {
      for (const [i, from] of olds.entries()) {
        const to = news[i] as GpuTensor;
        if (cache.format === format)
          list.copy(from, 0, to, 0, this.#capacity * this.#positionWords(format) * 4);
        else kvNarrow(list, { from, to }, { rows: this.#capacity * kvHeadCount, dim });
      }
    };
    await runOnce(gpu, move).catch((error: unknown) => {
      for (const tensor of news) tensor.dispose();
      throw error;
    });
    for (const [i, part] of moved.entries()) cache[part] = news[i] as GpuTensor;
    cache.format = format;
    onMove();
    for (const old of olds) old.dispose();
    await gpu.idle();
  }

  /** Words that the keys of one position take, and its values. */
  #positionWords(format: KvFormat): number {
    return this.config.kvHeadCount * kvRowWords(format, this.config.headDim);
  }

  #create(label: string, capacity: number, format: KvFormat): GpuTensor {
    return this.gpu.buffers.create(label, [capacity, this.#positionWords(format)], 'u32');
  }
}
