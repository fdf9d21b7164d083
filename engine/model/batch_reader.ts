// Reads batches of a prompt. A batch passes the device in submissions of bounded work; between two of them others may use the device,
// and a batch that is given up leaves its sequence as it was.
import type { Gpu } from '../gpu/device.ts';
import { CommandList } from '../gpu/dispatch.ts';
import { HeldList } from '../gpu/held_list.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { noRing } from '../kernels/matvec.ts';
import { HearthError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { DeltaVariant } from './layers/gated_delta_net.ts';
import type { ModelPass } from './layers/model_pass.ts';
import { mtpReach, MtpBlock } from './layers/mtp_block.ts';
import { RopeWindow } from './layers/rope_window.ts';
import { logitRowsMax, lastRowsOf, type Logits } from './sequence/logits.ts';
import type { KvPages } from './sequence/kv_pages.ts';
import { createChunked, scratchTensors } from './sequence/scratch.ts';
import type { Qwen3NextSequence } from './sequence/sequence.ts';
import type { SnapshotLayout } from './sequence/snapshot.ts';

export interface ForwardOptions {
  /** Variant of the delta rule for batches; recurrent unless said, which measured faster so far (docs/KERNELS.md). */
  delta?: DeltaVariant;
  /** Called after each layer, for tests, with the residual stream; records a copy. */
  tap?: (list: CommandList, layer: number, x: GpuTensor) => void;
}

export interface BatchOptions extends ForwardOptions {
  logits: Logits;
  /** More of the text is read at once: nobody waits for the device. */
  ahead?: boolean | undefined;
}

/** A batch that is on its way: what to go back to when it is given up. */
interface Reading {
  readonly sequence: Qwen3NextSequence;
  /** Its state is kept in `before`. */
  saved: boolean;
  /** Given up. */
  over: boolean;
}

/** Batches that use one set of activations, one at a time. */
export class BatchReader {
  /** Of the last batch: see Qwen3Next. */
  encodeUs = 0;
  dispatchCount = 0;
  /** How long a row took, by the estimate, in the last batch of at least the usual size; undefined before the first. */
  msPerRow: number | undefined;
  #rows: number;
  /** There was no memory for so many: it is not asked for again. */
  #refusedRows = Infinity;
  #pass: ModelPass;
  #rope: RopeWindow;
  #mtp: MtpBlock;
  /** The state of the sequence whose batch is on its way, as it was before. */
  readonly #before: readonly GpuTensor[];
  #current: Reading | undefined;

  /** Makes tensors. passOf: with activations of its own for so many rows, which this takes over. */
  constructor(
    private readonly gpu: Gpu,
    private readonly passOf: (rows: number) => ModelPass,
    layout: SnapshotLayout,
    { onMove }: Pick<KvPages, 'onMove'>,
  ) {
    this.#rows = limits.prefillBatchTokensLeast;
    this.#pass = passOf(this.#rows);
    this.#rope = new RopeWindow(this.#pass.config, this.#pass.scratch.rope);
    this.#mtp = new MtpBlock(this.#pass, this.#rope);
    this.#before = layout.map(({ name, shape }) => gpu.buffers.create(`${name} before a batch`, shape));
    // What waits of a batch was recorded with keys that lie elsewhere now.
    onMove.add(() => this.#giveUp());
  }

  /** What batches are recorded with; another one after makeRoom(). */
  get pass(): ModelPass {
    return this.#pass;
  }
  get rope(): RopeWindow {
    return this.#rope;
  }
  /** Activations, among them those that others share, and the state to go back to. */
  get tensors(): readonly GpuTensor[] {
    return [...scratchTensors(this.#pass.scratch), ...this.#before];
  }

  /**
   * Makes room for a batch of `count` rows, or of as many as the device has memory for; returns how many there is room for.
   * `bytes`: what activations for so many rows take.
   */
  async makeRoom(count: number, bytes: (rows: number) => number): Promise<number> {
    const { buffers } = this.gpu;
    // In steps, so that prompts of all lengths do not move it again and again.
    for (let rows = 2 ** Math.ceil(Math.log2(count)); rows > this.#rows; rows /= 2) {
      // Those that there are go when the larger ones are there.
      if (rows >= this.#refusedRows || bytes(rows) > buffers.memory.room) continue;
      const larger = await this.#obtain(rows);
      if (!larger) {
        this.#refusedRows = rows;
        continue;
      }
      this.#giveUp();
      const kept = new Set(scratchTensors(larger.scratch));
      for (const tensor of scratchTensors(this.#pass.scratch)) if (!kept.has(tensor)) tensor.dispose();
      this.#rows = rows;
      this.#pass = larger;
      this.#rope = new RopeWindow(larger.config, larger.scratch.rope);
      this.#mtp = new MtpBlock(larger, this.#rope);
    }
    return Math.min(count, this.#rows);
  }

  /** Undefined when there is no memory for it. */
  async #obtain(rows: number): Promise<ModelPass | undefined> {
    const { buffers } = this.gpu;
    try {
      return await buffers.obtain('activations', 'working set', () => this.passOf(rows));
    } catch (error) {
      const tooMuch = error instanceof HearthError && /^(outOfDeviceMemory|limitTooSmall)$/.test(error.code);
      if (tooMuch) return undefined;
      throw error;
    }
  }

  /**
   * Reads ids after the position of `sequence`, of which nothing waits to be committed and the MTP block has read all it can; room for
   * them is reserved and the kernels are compiled. Yields where others may use the device, and starts over when one of them has read a
   * batch with this reader. When it is ended at a yield, the sequence is as it was before.
   */
  async *read(
    sequence: Qwen3NextSequence,
    ids: Uint32Array<ArrayBuffer>,
    options: BatchOptions,
  ): AsyncGenerator<void, Float32Array> {
    for (;;) {
      const reading: Reading = { sequence, saved: false, over: false };
      this.#giveUp();
      this.#current = reading;
      try {
        const out = yield* this.#read(reading, ids, options);
        if (!out) continue;
        this.#current = undefined;
        return out;
      } finally {
        if (this.#current === reading) this.#giveUp();
      }
    }
  }

  /** Records all layers; for collect() the head and the MTP block too. */
  record(list: CommandList, sequence: Qwen3NextSequence, count: number, options: BatchOptions): void {
    const { delta = 'recurrent', tap, logits } = options;
    const { pass } = this;
    const { position: start } = sequence;
    if (delta === 'chunked') pass.scratch.chunked ??= createChunked(this.gpu, pass.config, this.#rows);
    // All that this batch reads of the window is asked for at once: moving it would change what was recorded before.
    const low = sequence.mtp ? Math.max(0, start - 1) : start;
    const end = start + (sequence.mtp ? mtpReach(count) : count);
    const ropeRow = this.#rope.rowOf(low, end - low) + start - low;
    const step = { count, batch: true, delta, start, ropeRow, position: start, pending: 0, commit: count };
    const ids = { ids: pass.scratch.ids, ring: noRing };
    pass.layers(list, sequence, ids, step, tap && (layer => tap(list, layer, pass.scratch.x)));
    if (list.collecting) {
      if (logits === 'last') pass.head(list, count - 1, 1);
      if (logits === 'all') this.#collectHeads(list, count);
      this.#mtp.batchKeys(list, sequence, count);
    }
  }

  #collectHeads(list: CommandList, count: number): void {
    this.pass.head(list, 0, lastRowsOf(count) || logitRowsMax);
    if (count > logitRowsMax) this.pass.head(list, 0, logitRowsMax);
  }

  /** Undefined when it was given up meanwhile. */
  async *#read(
    reading: Reading,
    ids: Uint32Array<ArrayBuffer>,
    options: BatchOptions,
  ): AsyncGenerator<void, Float32Array | undefined> {
    const { gpu } = this;
    const { sequence } = reading;
    const { length: count } = ids;
    const started = performance.now();
    this.pass.scratch.ids.write(ids);
    const list = new HeldList(gpu);
    this.record(list, sequence, count, options);
    this.#noteTime(list.ms, count);
    this.encodeUs = (performance.now() - started) * 1000;
    // Nothing is waited for between this estimate and the first submission: measured times change it.
    await gpu.submissions.room();
    if (list.ms > gpu.submissions.budgetMs) {
      const saving = new HeldList(gpu);
      sequence.copyState(saving, this.#before, 'out');
      await this.#submit(saving);
      reading.saved = true;
      await gpu.submissions.room();
    }
    for (;;) {
      list.submitNext();
      if (list.done) break;
      // What arrives while the device is busy goes before the next one.
      await gpu.submissions.room();
      yield;
      if (reading.over) return undefined;
    }
    const out = await this.#logits(count, options.logits);
    const keys = new HeldList(gpu);
    this.#mtp.batchKeys(keys, sequence, count);
    await this.#submit(keys);
    this.dispatchCount = list.dispatchCount + keys.dispatchCount;
    sequence.advance(count);
    if (sequence.mtp) sequence.mtpRows = sequence.position - 1;
    if (options.logits === 'none' && !options.ahead) await gpu.idle();
    return out;
  }

  #noteTime(ms: number, count: number): void {
    if (count >= Math.min(this.#rows, limits.prefillBatchTokensUsual)) this.msPerRow = ms / count;
  }

  /** Submits all of a short list. */
  async #submit(list: HeldList): Promise<void> {
    while (!list.done) {
      await this.gpu.submissions.room();
      list.submitNext();
    }
  }

  /**
   * What was asked for, of a batch whose layers were submitted just now. Nobody comes between its head and its reading: logits are
   * shared.
   */
  async #logits(count: number, logits: Logits): Promise<Float32Array> {
    const { gpu, pass } = this;
    const width = pass.config.vocabularySize;
    if (logits === 'none') return new Float32Array();
    if (logits === 'last') {
      const head = new HeldList(gpu);
      pass.head(head, count - 1, 1);
      await this.#submit(head);
      return gpu.readback.floats(pass.scratch.logits, 0, width);
    }
    const out = new Float32Array(count * width);
    for (let row = 0; row < count; row += logitRowsMax) {
      const part = Math.min(logitRowsMax, count - row);
      const list = new CommandList(gpu);
      pass.head(list, row, part);
      list.submit();
      out.set(await gpu.readback.floats(pass.scratch.logits, 0, part * width), row * width);
    }
    return out;
  }

  /** Whoever's batch is on its way starts over when it goes on; until then its sequence is as it was before. */
  #giveUp(): void {
    const reading = this.#current;
    this.#current = undefined;
    if (!reading) return;
    reading.over = true;
    if (!reading.saved) return;
    const list = new CommandList(this.gpu);
    reading.sequence.copyState(list, this.#before, 'in');
    list.submit();
  }
}
