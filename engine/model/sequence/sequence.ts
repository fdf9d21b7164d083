// One running text on the device: the state of every layer, the ids and hidden states of its last positions, and its own recordings
// of the kernels that a step runs.
import type { Gpu } from '../../gpu/device.ts';
import { CommandList, Recording } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import type { Accepted } from '../../kernels/accepted.ts';
import { errors } from '../../protocol/errors.ts';
import { tokenRingRows } from '../../shared/architecture/footprint.ts';
import type { KvFormat } from '../../shared/architecture/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { ModelSequence, StateSnapshot } from '../../language_model/language_model.ts';
import { KvCaches, type FullState } from './kv_caches.ts';
import type { KvPages } from './kv_pages.ts';
import {
  createLinearState,
  linearParts,
  linearPlaces,
  linearTensors,
  swapStates,
  type LinearState,
} from './linear_state.ts';
import { Picks } from './picks.ts';
import { Qwen3NextSnapshot, type SnapshotLayout, type SnapshotPlace } from './snapshot.ts';
import {
  isWanted,
  standingAfter,
  type BegunStep,
  type Standing,
  type StepAhead,
  type StepKey,
} from './step_ahead.ts';
import type { ModelWeights } from '../weights/weights.ts';

export type LayerState = FullState | LinearState;

/** Names of what has keys and values, in the order of a sequence's caches. */
export function kvLayers({ layers, mtp }: ModelWeights): string[] {
  const names = layers.flatMap(({ mixer }, i) => (mixer.kind === 'full' ? [`${i}`] : []));
  return mtp ? [...names, 'mtp'] : names;
}

/** What snapshots of a model hold, in the order of Qwen3NextSequence's places. */
export function snapshotLayout(config: ModelConfig, { layers, mtp }: ModelWeights): SnapshotLayout {
  return [
    ...layers.flatMap(({ mixer }, i) => (mixer.kind === 'linear' ? linearParts(config, mixer, i) : [])),
    ...(mtp ? [{ name: 'hidden', shape: [1, config.hiddenSize] }] : []),
  ];
}

/** What a model gives all its sequences. */
export interface SequenceParts {
  gpu: Gpu;
  config: ModelConfig;
  weights: ModelWeights;
  contextTokensMax: number;
  /** Where all of them keep keys and values. */
  kvPages: KvPages;
  snapshotLayout: SnapshotLayout;
  /** Brings delta state and MTP cache up to the position. */
  settle: (sequence: Qwen3NextSequence) => void;
}

/** See ModelSequence. */
export class Qwen3NextSequence implements ModelSequence {
  readonly layers: LayerState[];
  /** u32 [32]: ids at the last positions, position p in p mod 16; from 16 on the ids picked after the rows of a step, from 24 on its drafts. */
  readonly tokens: GpuTensor;
  readonly picks: Picks;
  /** Hidden states (final-normed) at the last positions, position p in row p mod 16; undefined without MTP block. */
  readonly hidden: GpuTensor | undefined;
  /** What the replayed kernels of the current step ask for. */
  readonly now = {
    start: 0,
    position: 0,
    pending: 0,
    commit: 0,
    ropeRow: 0,
    mtpStart: 0,
    mtpRopeRow: 0,
    mtpLast: 0,
    mostAccepted: 0,
  };
  /** Drafts of the last step that are right, as far as the device alone knows it; undefined without MTP block. */
  readonly accepted: Accepted | undefined;
  /** The MTP block's own cache, one row a position; undefined when the block is not loaded. */
  readonly mtp: FullState | undefined;
  readonly #caches: KvCaches;
  #at: Standing = { position: 0, committed: 0, mtpRows: 0, side: 0 };
  #ahead: StepAhead | undefined;
  /** The device may hold another number than 0 in `accepted`. */
  #accepts = false;
  readonly #recordings = new Map<string, Recording>();
  #disposed = false;

  /** Makes tensors: call it in BufferStore.obtain. */
  constructor(private readonly parts: SequenceParts) {
    const { gpu, config, weights, contextTokensMax, kvPages } = parts;
    this.#caches = new KvCaches(gpu, config, kvPages, contextTokensMax, kvLayers(weights).length);
    let cache = 0;
    this.layers = weights.layers.map(({ mixer }, layer) =>
      mixer.kind === 'full'
        ? this.#caches.layer(cache++)
        : createLinearState(gpu, config, mixer, { layer, drafts: weights.mtp !== undefined }),
    );
    this.tokens = gpu.buffers.create('tokens', [2 * tokenRingRows], 'u32');
    this.accepted = weights.mtp && {
      rows: gpu.buffers.create('accepted', [4], 'u32', { uniform: true }),
      most: () => this.now.mostAccepted,
    };
    this.picks = new Picks(
      gpu,
      config.vocabularySize,
      { tensor: this.tokens, rows: tokenRingRows },
      this.accepted,
    );
    this.hidden = weights.mtp && gpu.buffers.create('hidden', [tokenRingRows, config.hiddenSize]);
    this.mtp = weights.mtp && this.#caches.layer(cache);
  }

  /** Call it when its memory is there; dispose() ends it. */
  begin(): void {
    const { kvPages } = this.parts;
    this.#caches.begin();
    // A recording names the tensors that its kernels work on.
    kvPages.onMove.add(this.#forget);
  }
  readonly #forget = (): void => this.#recordings.clear();

  get position(): number {
    return this.#at.position;
  }
  /** Positions whose rows wait in the rings: read, but not in the delta state yet. */
  get pending(): number {
    return this.#at.position - this.#at.committed;
  }
  /** See Standing. */
  get mtpRows(): number {
    return this.#at.mtpRows;
  }
  set mtpRows(rows: number) {
    this.#at.mtpRows = rows;
  }
  /** See Standing; recordings of what reads or writes the delta states are made for a side. */
  get side(): 0 | 1 {
    return this.#at.side;
  }

  /** How its keys and values are stored: what kernels are compiled for. */
  get kvFormats(): string {
    return this.#caches.format;
  }

  /** Words of the rows of `count` positions from `first` on in a layer's keys or values, [count, kvHeads, words of a row]. */
  kvRows(tensor: GpuTensor, range: { first: number; count: number }): Promise<Uint32Array<ArrayBuffer>> {
    return this.#caches.rowsOf(tensor, range);
  }

  /** While `collect` runs its caches are taken to be of another format: for what a longer text will need. Nothing may be dispatched. */
  collectAs(format: KvFormat, collect: () => void): void {
    this.#caches.as(format, collect);
  }

  /** Makes room for `count` more tokens. Throws contextFull, outOfDeviceMemory. */
  reserve(count: number): Promise<void> {
    return this.reserveTo(this.#at.position + count);
  }

  /** Makes room for `need` tokens in all. Throws contextFull, and outOfDeviceMemory with everything as it was. */
  async reserveTo(need: number): Promise<void> {
    const { position } = this.#at;
    // The MTP block has yet to read the last token, or more of them.
    const written = this.mtp ? Math.max(0, Math.min(this.mtpRows, position - 1)) : position;
    if (await this.#caches.reserveTo(need, { position, written })) this.#forget();
  }

  /** Records what `record` dispatches, the first time; replays it from then on. */
  replay(list: CommandList, key: string, record: () => void): void {
    const known = list.collecting ? undefined : this.#recordings.get(key);
    if (known) {
      list.replay(known);
      return;
    }
    const recording = (list.into = new Recording());
    record();
    list.into = undefined;
    if (!list.collecting) this.#recordings.set(key, recording);
  }

  /** Called by the model when `count` tokens have been read, the last `uncommitted` of which only wait. */
  advance(count: number, uncommitted = 0): void {
    this.#at.position += count;
    this.#at.committed = this.#at.position - uncommitted;
  }

  /** Called when few rows were committed: where the states before are kept, the others are in force from now on. */
  swapStates(): void {
    if (!this.mtp) return;
    for (const layer of this.layers) if (layer.kind === 'linear') swapStates(layer);
    this.#at.side = this.#at.side === 0 ? 1 : 0;
  }

  /** Called when the device is about to put its own number into `accepted`. */
  willAccept(): void {
    this.#accepts = true;
  }

  hasRoom(count: number): boolean {
    return this.#at.position + count <= this.parts.contextTokensMax;
  }

  /**
   * Submits a step that begins where the one before ends, as if none of that one's `drafts` were right; it does not count until
   * takeAhead(). Gives the sequence after it.
   */
  async beginAhead(drafts: number, submit: () => Promise<BegunStep>): Promise<[BegunStep, Standing]> {
    const before = { ...this.#at };
    this.#at.position -= drafts;
    try {
      const step = await submit();
      return [step, { ...this.#at }];
    } finally {
      // Where no states are kept, what was committed stays so: it was no draft.
      if (!this.mtp) before.committed = this.#at.committed;
      this.#goTo(before);
    }
  }
  /** What beginAhead() began is what a step may ask for next. */
  setAhead(ahead: StepAhead): void {
    this.#ahead = ahead;
  }
  /** The step under way, if it is the one that is wanted; it counts from now on. Any other is taken back. */
  takeAhead(wanted: StepKey): BegunStep | undefined {
    const ahead = this.#ahead;
    if (!ahead || !isWanted(ahead, wanted, this.#at.position)) {
      this.dropAhead();
      return undefined;
    }
    this.#ahead = undefined;
    this.#goTo(standingAfter(ahead));
    return { ...ahead.step, start: ahead.step.start + ahead.accepted };
  }
  /** Takes back what the device reads ahead. Call before anything else is done with the sequence. */
  dropAhead(): void {
    this.#ahead?.step.answer.drop();
    this.#ahead = undefined;
    this.now.mostAccepted = 0;
    if (this.#accepts) this.accepted?.rows.write(new Uint32Array(1));
    this.#accepts = false;
  }

  #goTo(standing: Standing): void {
    if (standing.side !== this.#at.side) this.swapStates();
    this.#at = standing;
  }

  /** Takes back the last `count` positions, which must be waiting. */
  takeBack(count: number): void {
    if (count === 0) return;
    if (count > this.pending)
      throw errors.internal(`${count} of ${this.pending} waiting rows were taken back`);
    this.#at.position -= count;
  }

  async takeSnapshot(): Promise<StateSnapshot | undefined> {
    const { gpu, settle, snapshotLayout } = this.parts;
    this.dropAhead();
    settle(this);
    const pages = this.#caches.keep(this.#at.position);
    const snapshot = await Qwen3NextSnapshot.create(gpu, snapshotLayout, pages);
    if (!snapshot) return undefined;
    const list = new CommandList(gpu);
    this.copyState(list, snapshot.tensors, 'out');
    list.submit();
    return snapshot;
  }

  restore(snapshot: StateSnapshot): void {
    const { gpu, snapshotLayout } = this.parts;
    this.dropAhead();
    if (!(snapshot instanceof Qwen3NextSnapshot) || snapshot.layout !== snapshotLayout)
      throw errors.internal('a snapshot of another model was restored');
    const { position, pages } = snapshot;
    if (this.#caches.goBackTo(pages)) this.#forget();
    const list = new CommandList(gpu);
    this.copyState(list, snapshot.tensors, 'in', position);
    list.submit();
    const { side } = this.#at;
    this.#at = { position, committed: position, mtpRows: Math.max(0, position - 1), side };
  }

  /** Copies the state at `position`, of which nothing waits, to the tensors of a snapshot or back. */
  copyState(
    list: CommandList,
    kept: readonly GpuTensor[],
    direction: 'out' | 'in',
    position = this.#at.position,
  ): void {
    for (const [i, { tensor, rowBytes, rows }] of this.#places(position).entries())
      for (const [j, row] of rows.entries()) {
        const [mine, theirs] = [row * rowBytes, j * rowBytes];
        if (direction === 'out') list.copy(tensor, mine, kept[i] as GpuTensor, theirs, rowBytes);
        else list.copy(kept[i] as GpuTensor, theirs, tensor, mine, rowBytes);
      }
  }

  reset(): void {
    this.dropAhead();
    const list = new CommandList(this.parts.gpu);
    for (const layer of this.layers)
      if (layer.kind === 'linear') for (const tensor of linearTensors(layer)) list.clear(tensor);
    list.submit();
    if (this.#caches.empty()) this.#forget();
    this.#at = { position: 0, committed: 0, mtpRows: 0, side: this.#at.side };
  }

  dispose(): void {
    const { kvPages } = this.parts;
    if (this.#disposed) return;
    this.#disposed = true;
    this.#ahead?.step.answer.drop();
    kvPages.onMove.delete(this.#forget);
    this.#caches.dispose();
    kvPages.close();
    this.tokens.dispose();
    this.accepted?.rows.dispose();
    this.picks.dispose();
    this.hidden?.dispose();
    for (const layer of this.layers)
      if (layer.kind === 'linear') for (const tensor of linearTensors(layer)) tensor.dispose();
  }

  /** Where each part of a snapshot at `position` lies, in the order of snapshotLayout(). */
  #places(position: number): SnapshotPlace[] {
    const { config } = this.parts;
    const places = this.layers.flatMap(layer =>
      layer.kind === 'linear' ? linearPlaces(layer, config, position) : [],
    );
    if (this.hidden)
      places.push({
        tensor: this.hidden,
        rowBytes: config.hiddenSize * 4,
        rows: [(position - 1) & (tokenRingRows - 1)],
      });
    return places;
  }
}
