// The pages in which all texts of a loaded model keep keys and values. A page has the same number in every layer, so one table serves
// all of them. Texts that have begun alike share pages; who holds one counts as its user, and a page without users is free. There is
// one tensor of keys and one of values for each layer, which grow one by one when pages are wanting, each gone before the next is asked
// for, so that only one of them is there twice. They shrink when memory is short, and go with the last sequence.
import type { Gpu } from '../../gpu/device.ts';
import { CommandList } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { errors, isDeviceMemoryLack } from '../../protocol/errors.ts';
import { phrase } from '../../protocol/phrase.ts';
import {
  kvFirstPages,
  kvNextPages,
  kvPageLayout,
  kvPagesMost,
  type KvFormat,
  type KvPageLayout,
  type KvPlan,
} from '../../shared/architecture/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';

/** A text, or a snapshot of one, that has pages. */
export interface PageHolder {
  /** Those of positions from 0 on. */
  readonly pages: number[];
  /** How many positions, from 0 on, it may have been written for: nobody else writes before that. */
  readonly reach: number;
  /** Its pages have other numbers now. */
  moved?(): void;
}

export class KvPages {
  readonly layout: KvPageLayout;
  /** Words of a page of one tensor. */
  readonly words: number;
  /** Called when tensors have been replaced: what was recorded with the old ones is worth nothing. */
  readonly onMove = new Set<() => void>();
  /** Keys and values of each layer in turn. None before the first sequence. */
  #tensors: GpuTensor[] = [];
  /** Pages that every tensor has room for. */
  #count = 0;
  /** How many hold each page. */
  readonly #users: number[] = [];
  #free = 0;
  readonly #holders = new Set<PageHolder>();
  /** Sequences of the model. */
  #sequences = 0;
  /** Pages for as many texts of full length as are kept, and for what begins to differ: rather than more, texts that nobody uses go. */
  readonly #most: number;
  /** What was asked for last: one thing at a time is done. */
  #turn: Promise<unknown> = Promise.resolve();
  #busy = false;
  /** Set while there are tensors. */
  #stopGiving: (() => void) | undefined;

  constructor(
    private readonly gpu: Gpu,
    { kvHeadCount, headDim }: Pick<ModelConfig, 'kvHeadCount' | 'headDim'>,
    /** Names of the layers that have keys. */
    private readonly labels: readonly string[],
    readonly plan: KvPlan,
    contextTokensMax: number,
  ) {
    this.layout = kvPageLayout(plan, headDim);
    this.words = kvHeadCount * this.layout.headWords;
    this.#most = kvPagesMost(plan, headDim, contextTokensMax);
  }

  /** Positions of a page, in a format of the plan. */
  positions(format: KvFormat): number {
    return format === this.plan.short ? this.layout.short : this.layout.long;
  }
  /** Pages that somebody holds. */
  get usedCount(): number {
    return this.#count - this.#free;
  }
  /** Pages that there is room for. */
  get count(): number {
    return this.#count;
  }
  /** Keys and values of layer `index`, in the order of the labels. */
  tensors(index: number): { keys: GpuTensor; values: GpuTensor } {
    const [keys, values] = this.#tensors.slice(2 * index, 2 * index + 2);
    if (!keys || !values) throw errors.internal('keys of a sequence that is gone');
    return { keys, values };
  }

  /** There is one more sequence, with room for its first pages. Throws outOfDeviceMemory. */
  async open(): Promise<void> {
    this.#sequences++;
    await this.#alone(async () => {
      if (this.#tensors.length > 0) return;
      this.#tensors = await this.gpu.buffers.obtain('keys and values', 'sequences', () =>
        this.labels.flatMap(label => [
          this.#create(`keys ${label}`, kvFirstPages),
          this.#create(`values ${label}`, kvFirstPages),
        ]),
      );
      this.#setCount(kvFirstPages);
      this.#stopGiving = this.gpu.buffers.memory.onSlack({
        // While it makes room itself, nothing of that is to go.
        bytes: () => (this.#busy ? 0 : this.#slackPages() * this.pageBytes),
        release: () => (this.#busy ? Promise.resolve() : this.#alone(() => this.#shrink())),
      });
    }).catch((error: unknown) => {
      this.close();
      throw error;
    });
  }

  /** There is one sequence less. */
  close(): void {
    this.#sequences--;
    this.#freeUnused();
  }

  /** Gives a holder more pages, which nobody held before. Throws outOfDeviceMemory with everything as it was. */
  extend(holder: PageHolder, count: number): Promise<void> {
    return this.#alone(async () => {
      await this.#makeRoom(count);
      holder.pages.push(...this.#take(count));
    });
  }

  /**
   * What others need from `position` on of the pages of a holder, from index `first` to `end`, is left to them: it gets copies of
   * those pages. Throws outOfDeviceMemory with everything as it was.
   */
  async own(
    holder: PageHolder,
    { first, end, position }: { first: number; end: number; position: number },
  ): Promise<void> {
    const shared = (): number[] => {
      const found: number[] = [];
      for (let i = first; i < end; i++) if (this.#isNeeded(holder, i, position)) found.push(i);
      return found;
    };
    if (shared().length === 0) return;
    await this.#alone(async () => {
      // Within one buffer nothing can be copied.
      const between = await this.gpu.buffers.obtain('a page', 'sequences', () => this.#create('a page', 1));
      try {
        await this.#makeRoom(shared().length);
        // Whoever needed one may have given it back for that.
        const indices = shared();
        const before = indices.map(index => holder.pages[index] as number);
        const after = this.#take(indices.length);
        this.#copy(before, after, between);
        for (const [i, index] of indices.entries()) holder.pages[index] = after[i] as number;
        this.release(before);
        if (indices.length > 0) holder.moved?.();
      } finally {
        between.dispose();
      }
    });
  }

  /** Bytes of a page in all layers. */
  get pageBytes(): number {
    return 4 * this.words * 2 * this.labels.length;
  }
  /** What a page holds, in all layers. Throws gpuError, deviceLost. */
  async readPage(page: number): Promise<Uint8Array<ArrayBuffer>> {
    const byteLength = 4 * this.words;
    const [first, ...others] = this.#tensors.map(tensor => ({
      tensor,
      offset: page * byteLength,
      byteLength,
    }));
    if (!first) throw errors.internal('a page was read after it was freed');
    return new Uint8Array(await this.gpu.readback.bytes([first, ...others]));
  }
  /** Fills a page with what readPage() gave. */
  writePage(page: number, bytes: Uint8Array<ArrayBuffer>): void {
    const byteLength = 4 * this.words;
    for (const [i, tensor] of this.#tensors.entries())
      tensor.write(bytes.subarray(i * byteLength, (i + 1) * byteLength), page * byteLength);
  }

  /** From now on what it holds counts; `release` ends that. */
  add(holder: PageHolder): void {
    this.#holders.add(holder);
  }
  remove(holder: PageHolder): void {
    this.#holders.delete(holder);
    this.release(holder.pages);
  }

  /** One more holds these pages. */
  share(pages: readonly number[]): void {
    for (const page of pages) this.#users[page] = (this.#users[page] as number) + 1;
  }
  /** One less holds these pages. */
  release(pages: readonly number[]): void {
    for (const page of pages) if (--(this.#users[page] as number) === 0) this.#free++;
    this.#freeUnused();
  }

  /** Whether somebody else needs what the page of that index of a holder says from `position` on. */
  #isNeeded(holder: PageHolder, index: number, position: number): boolean {
    const page = holder.pages[index] as number;
    if (this.#users[page] === 1) return false;
    for (const other of this.#holders)
      if (other !== holder && other.reach > position && other.pages[index] === page) return true;
    return false;
  }

  /** Copies what pages hold to others, in all layers, and submits that. */
  #copy(from: readonly number[], to: readonly number[], between: GpuTensor): void {
    const bytes = between.byteLength;
    const list = new CommandList(this.gpu);
    for (const tensor of this.#tensors)
      for (const [i, page] of from.entries()) {
        list.copy(tensor, page * bytes, between, 0, bytes);
        list.copy(between, 0, tensor, (to[i] as number) * bytes, bytes);
      }
    list.submit();
  }

  /** Free pages, of which there are enough. */
  #take(count: number): number[] {
    const taken: number[] = [];
    for (let page = 0; taken.length < count; page++)
      if (this.#users[page] === 0) {
        this.#users[page] = 1;
        taken.push(page);
      }
    this.#free -= count;
    return taken;
  }

  dispose(): void {
    this.#stopGiving?.();
    this.#stopGiving = undefined;
    for (const tensor of this.#tensors.splice(0)) tensor.dispose();
    this.#setCount(0);
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#busy = true;
      try {
        return await work();
      } finally {
        this.#busy = false;
      }
    });
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** At least `count` pages are free. */
  async #makeRoom(count: number): Promise<void> {
    const { memory } = this.gpu.buffers;
    const largest = Math.floor(this.gpu.tensorBytesMax / (4 * this.words));
    const enough = (): boolean => this.#free >= count;
    const least = (): number => this.#count + count - this.#free;
    /** Rather than more, the pages of texts that nobody uses. */
    const most = (): number =>
      Math.min(this.#most, largest, this.#count + Math.floor(memory.roomBeside / this.pageBytes));
    let hasLacked = false;
    while (!enough()) {
      if (least() > most() && memory.giveUntil(() => enough() || least() <= most())) continue;
      if (least() > largest)
        throw errors.outOfDeviceMemory(
          phrase`keys and values of all texts would take ${least() * 4 * this.words} bytes of one buffer`,
        );
      const wanted = hasLacked ? least() : kvNextPages(this.#count, least(), most());
      try {
        await this.#resize(wanted, enough);
      } catch (error) {
        if (!isDeviceMemoryLack(error)) throw error;
        // What is needed may be there where twice as much is not.
        if (hasLacked && !memory.giveUntil(enough)) throw error;
        hasLacked = true;
        // The memory of a buffer is free when the device has done what it was last used for.
        await this.gpu.idle();
      }
    }
  }

  /** Replaces the tensors that do not have room for exactly `count` pages, unless by then it is `needless`. */
  async #resize(count: number, needless: () => boolean = () => false): Promise<void> {
    const { gpu } = this;
    const grows = count > this.#count;
    if (!grows) this.#setCount(count);
    for (const [i, from] of this.#tensors.entries()) {
      const [pages = 0] = from.shape;
      if (grows ? pages >= count : pages === count) continue;
      if (needless()) return;
      const to = await gpu.buffers.obtain(from.label, 'sequences', () => this.#create(from.label, count), {
        alone: true,
      });
      const list = new CommandList(gpu);
      list.copy(from, 0, to, 0, Math.min(from.byteLength, to.byteLength));
      list.submit();
      this.#tensors[i] = to;
      for (const tell of this.onMove) tell();
      from.dispose();
      await gpu.idle();
    }
    this.#setCount(count);
  }

  /** Pages that could be given back. */
  #slackPages(): number {
    return Math.max(0, Math.min(this.#free, this.#count - kvFirstPages));
  }

  /** As little room as there can be; without memory to make it smaller, some stays. */
  async #shrink(): Promise<void> {
    const count = this.#count - this.#slackPages();
    if (count === this.#count) return;
    try {
      const between = await this.gpu.buffers.obtain('a page', 'sequences', () => this.#create('a page', 1), {
        alone: true,
      });
      this.#gather(count, between);
      between.dispose();
      await this.#resize(count);
    } catch (error) {
      if (!isDeviceMemoryLack(error)) throw error;
    }
  }

  /** All pages in use have numbers below `count` afterwards. */
  #gather(count: number, between: GpuTensor): void {
    const to = new Map<number, number>();
    let low = 0;
    for (let page = count; page < this.#count; page++) {
      if (this.#users[page] === 0) continue;
      while (this.#users[low] !== 0) low++;
      to.set(page, low++);
    }
    if (to.size === 0) return;
    this.#copy([...to.keys()], [...to.values()], between);
    for (const [from, into] of to) {
      this.#users[into] = this.#users[from] as number;
      this.#users[from] = 0;
    }
    for (const holder of this.#holders) {
      for (const [i, page] of holder.pages.entries()) holder.pages[i] = to.get(page) ?? page;
      holder.moved?.();
    }
  }

  #setCount(count: number): void {
    this.#count = count;
    this.#users.length = Math.min(this.#users.length, count);
    while (this.#users.length < count) this.#users.push(0);
    this.#free = this.#users.filter(users => users === 0).length;
  }

  #freeUnused(): void {
    if (this.#sequences === 0 && this.usedCount === 0) this.dispose();
  }

  #create(label: string, pages: number): GpuTensor {
    return this.gpu.buffers.create(label, [pages, this.words], 'u32');
  }
}
