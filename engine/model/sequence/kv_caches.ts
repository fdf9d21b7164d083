// The KV caches of one sequence, those of its attention layers and the MTP block's own: a table that says in which pages they lie, the
// same for all of them. A text that becomes long is kept in the compact format of its plan from then on: what was read is converted once.
import type { Gpu } from '../../gpu/device.ts';
import { BoundedList } from '../../gpu/bounded_list.ts';
import { runOnce } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { kvRowWords, type KvCache, type KvFormat, type KvPage } from '../../kernels/kv_cache.ts';
import { kvNarrow } from '../../kernels/kv_narrow.ts';
import type { TextPages } from '../../language_model/language_model.ts';
import { errors } from '../../protocol/errors.ts';
import { kvFormatAt, kvTableEntries } from '../../shared/architecture/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { KvPages, PageHolder } from './kv_pages.ts';

/** State of an attention layer: where its keys and values are now. */
export type FullState = { readonly kind: 'full' } & Readonly<KvCache>;

/** The pages of a text up to a position, held for whoever goes on from there. */
export class KeptPages implements PageHolder, TextPages {
  constructor(
    private readonly from: KvPages,
    readonly format: KvFormat,
    readonly pages: number[],
    /** The position. */
    readonly reach: number,
  ) {
    from.share(pages);
    from.add(this);
  }

  get count(): number {
    return this.pages.length;
  }
  get positions(): number {
    return this.from.positions(this.format);
  }
  get byteLength(): number {
    return this.from.pageBytes;
  }
  read(index: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.from.readPage(this.pages[index] as number);
  }

  dispose(): void {
    this.from.remove(this);
  }
}

export class KvCaches implements PageHolder {
  readonly pages: number[] = [];
  readonly table: GpuTensor;
  reach = 0;
  #format: KvFormat;
  readonly #layers: readonly FullState[];

  /** Makes a tensor. `layers`: how many have keys, in the order in which `from` names them. */
  constructor(
    private readonly gpu: Gpu,
    private readonly config: Pick<ModelConfig, 'kvHeadCount' | 'headDim'>,
    private readonly from: KvPages,
    private readonly contextTokensMax: number,
    layers: number,
  ) {
    this.#format = from.plan.short;
    this.table = gpu.buffers.create('pages of a text', [kvTableEntries(from.plan, contextTokensMax)], 'u32');
    this.#layers = Array.from({ length: layers }, (_, i) => this.#layer(i));
  }

  get format(): KvFormat {
    return this.#format;
  }

  /** The state of layer `index`. */
  layer(index: number): FullState {
    const layer = this.#layers[index];
    if (!layer) throw errors.internal(`no keys for layer ${index}`);
    return layer;
  }

  /** Holds nothing yet, but counts from now on. */
  begin(): void {
    this.from.add(this);
  }

  /**
   * Makes room for `need` tokens in all, in the format of a text of that length, of which those from row `written` on are written next;
   * what others need of a page is left to them and a copy of it is used. True when what was recorded is worth nothing any longer. Throws contextFull, and
   * outOfDeviceMemory with everything that was read as it was. `position`: tokens read so far.
   */
  async reserveTo(
    need: number,
    { position, written }: { position: number; written: number },
  ): Promise<boolean> {
    if (need > this.contextTokensMax) throw errors.contextFull(need, this.contextTokensMax);
    const { plan } = this.from;
    const isLong = plan.long !== plan.short && this.#format === plan.long;
    const becomesLong = !isLong && kvFormatAt(plan, need) !== plan.short;
    if (becomesLong) await this.#narrow(need, position);
    else {
      const first = Math.floor(written / this.#positions(this.#format));
      const end = Math.min(this.pages.length, this.#pagesFor(need));
      await this.from.own(this, { first, end, position });
      await this.#extend(need);
    }
    this.reach = need;
    return becomesLong;
  }

  /** The text begins anew, in the short format. True when that changes the format. */
  empty(): boolean {
    this.from.release(this.pages.splice(0));
    this.reach = 0;
    return this.#setFormat(this.from.plan.short);
  }

  /** The pages up to a position, for others. */
  keep(position: number): KeptPages {
    return new KeptPages(this.from, this.#format, this.pages.slice(0, this.#pagesFor(position)), position);
  }

  /** Goes on from there. True when that changes the format. */
  goBackTo({ pages, reach, format }: KeptPages): boolean {
    this.from.share(pages);
    this.from.release(this.pages.splice(0, Infinity, ...pages));
    this.reach = reach;
    const changes = this.#setFormat(format);
    this.moved();
    return changes;
  }

  /** Words of the rows of so many positions, which are read back from the pages of a layer's keys or values. */
  async rowsOf(
    tensor: GpuTensor,
    { first, count }: { first: number; count: number },
  ): Promise<Uint32Array<ArrayBuffer>> {
    const ofPage = this.#positions(this.#format);
    const rowWords = this.config.kvHeadCount * kvRowWords(this.#format, this.config.headDim);
    const out = new Uint32Array(count * rowWords);
    for (let at = first; at < first + count;) {
      const end = Math.min(first + count, (Math.floor(at / ofPage) + 1) * ofPage);
      const page = this.pages[Math.floor(at / ofPage)] as number;
      const from = page * this.from.words + (at % ofPage) * rowWords;
      out.set(await this.gpu.readback.words(tensor, from, (end - at) * rowWords), (at - first) * rowWords);
      at = end;
    }
    return out;
  }

  /** Writes the table anew. */
  moved(): void {
    this.#write(0);
  }

  /** See Qwen3NextSequence.collectAs. */
  as(format: KvFormat, collect: () => void): void {
    const before = this.#format;
    this.#format = format;
    try {
      collect();
    } finally {
      this.#format = before;
    }
  }

  dispose(): void {
    this.from.remove(this);
    this.pages.length = 0;
    this.table.dispose();
  }

  #layer(index: number): FullState {
    const { from, table } = this;
    const format = (): KvFormat => this.#format;
    const page = (): KvPage => ({ positions: this.#positions(this.#format), words: from.words });
    return {
      kind: 'full',
      table,
      get format() {
        return format();
      },
      get page() {
        return page();
      },
      get keys() {
        return from.tensors(index).keys;
      },
      get values() {
        return from.tensors(index).values;
      },
    };
  }

  #setFormat(format: KvFormat): boolean {
    const changes = this.#format !== format;
    this.#format = format;
    return changes;
  }

  /** Pages for so many positions. */
  #pagesFor(positions: number): number {
    return Math.ceil(positions / this.#positions(this.#format));
  }

  #positions(format: KvFormat): number {
    return this.from.positions(format);
  }

  async #extend(need: number): Promise<void> {
    const { length } = this.pages;
    const wanting = this.#pagesFor(need) - length;
    if (wanting <= 0) return;
    await this.from.extend(this, wanting);
    this.#write(length);
  }

  /** The text goes on in the long format. */
  async #narrow(need: number, position: number): Promise<void> {
    const { gpu, from } = this;
    const { kvHeadCount: heads, headDim: dim } = this.config;
    const { short: halves, long: codes } = from.layout;
    const count = Math.ceil(need / codes);
    const tables = await gpu.buffers.obtain('pages to convert', 'sequences', () =>
      gpu.buffers.create('pages to convert', [this.pages.length + count], 'u32'),
    );
    const next: PageHolder = { pages: [], reach: 0 };
    from.add(next);
    try {
      await from.extend(next, count);
      const codesFrom = this.pages.length;
      const page = { words: from.words, halves, codes };
      tables.write(Uint32Array.from([...this.pages, ...next.pages]));
      if (position > 0)
        await runOnce(
          gpu,
          list => {
            for (const { keys, values } of this.#layers)
              for (const cache of [keys, values])
                kvNarrow(list, { cache, tables }, { positions: position, heads, dim, page, codesFrom });
          },
          // A long text takes its time.
          new BoundedList(gpu),
        );
      // They change hands.
      const halvesBefore = this.pages.splice(0, Infinity, ...next.pages.splice(0));
      from.release(halvesBefore);
      this.#format = from.plan.long;
      this.#write(0);
    } finally {
      from.remove(next);
      tables.dispose();
    }
  }

  /** Writes the table from entry `first` on. */
  #write(first: number): void {
    if (first < this.pages.length) this.table.write(Uint32Array.from(this.pages.slice(first)), 4 * first);
  }
}
