// One running text on the device: the state of every layer, the ids and hidden states of its last positions, and its own recordings
// of the kernels that a step runs.
import type { Gpu } from '../../gpu/device.ts';
import { CommandList, Recording } from '../../gpu/dispatch.ts';
import type { PendingRead } from '../../gpu/readback.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { errors } from '../../protocol/errors.ts';
import { tokenRingRows } from '../../shared/architecture/footprint.ts';
import type { KvFormat, KvPlan } from '../../shared/architecture/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { ModelSequence, StateSnapshot, StepSampling } from '../../language_model/language_model.ts';
import { KvCaches, type FullState } from './kv_caches.ts';
import {
  createLinearState,
  linearParts,
  linearPlaces,
  linearTensors,
  type LinearState,
} from './linear_state.ts';
import { Picks } from './picks.ts';
import { Qwen3NextSnapshot, type SnapshotLayout, type SnapshotPlace } from './snapshot.ts';
import { StepAhead } from './step_ahead.ts';
import type { ModelWeights } from '../weights/weights.ts';

export type LayerState = FullState | LinearState;

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
  kvPlan: KvPlan;
  snapshotLayout: SnapshotLayout;
  /** Brings delta state and MTP cache up to the position. */
  settle: (sequence: Qwen3NextSequence) => void;
}

/** See ModelSequence. */
export class Qwen3NextSequence implements ModelSequence {
  readonly layers: LayerState[];
  /** u32 [32]: ids at the last positions, position p in p mod 16, then the ids picked after the rows of a step. */
  readonly tokens: GpuTensor;
  readonly picks: Picks;
  /** Hidden states (final-normed) at the last positions, position p in row p mod 16; undefined without MTP block. */
  readonly hidden: GpuTensor | undefined;
  /** What the replayed kernels of the current step ask for. */
  readonly now = { start: 0, position: 0, pending: 0, commit: 0, ropeRow: 0, mtpStart: 0, mtpRopeRow: 0 };
  /** Rows of the MTP block's cache that hold what was really read; the rest wait for their token or are guesses. */
  mtpRows = 0;
  /** The MTP block's own cache, one row a position; undefined when the block is not loaded. */
  readonly mtp: FullState | undefined;
  readonly #caches: KvCaches;
  readonly #ahead = new StepAhead();
  #position = 0;
  #committed = 0;
  readonly #recordings = new Map<string, Recording>();
  #disposed = false;

  /** Makes tensors: call it in BufferStore.obtain. */
  constructor(private readonly parts: SequenceParts) {
    const { gpu, config, weights, contextTokensMax, kvPlan } = parts;
    this.#caches = new KvCaches(gpu, config, contextTokensMax, kvPlan);
    this.layers = weights.layers.map(({ mixer }, layer) =>
      mixer.kind === 'full'
        ? this.#caches.add(`${layer}`)
        : createLinearState(gpu, config, mixer, { layer, drafts: weights.mtp !== undefined }),
    );
    this.tokens = gpu.buffers.create('tokens', [2 * tokenRingRows], 'u32');
    this.picks = new Picks(gpu, config.vocabularySize, { tensor: this.tokens, rows: tokenRingRows });
    this.hidden = weights.mtp && gpu.buffers.create('hidden', [tokenRingRows, config.hiddenSize]);
    this.mtp = weights.mtp && this.#caches.add('mtp');
  }

  get position(): number {
    return this.#position - this.#ahead.count;
  }
  /** Positions whose rows wait in the rings: read, but not in the delta state yet. */
  get pending(): number {
    return this.#position - this.#committed;
  }

  /** How its keys and values are stored: what kernels are compiled for. */
  get kvFormats(): string {
    return this.#caches.formats;
  }

  /** While `collect` runs its caches are taken to be of another format: for what a longer text will need. Nothing may be dispatched. */
  collectAs(format: KvFormat, collect: () => void): void {
    this.#caches.as(format, collect);
  }

  /** Makes room for `count` more tokens. Throws contextFull, outOfDeviceMemory. */
  reserve(count: number): Promise<void> {
    return this.reserveTo(this.#position + count);
  }

  /** Makes room for `need` tokens in all. Throws contextFull, and outOfDeviceMemory with everything as it was. */
  reserveTo(need: number): Promise<void> {
    // A recording names the tensors that its kernels work on.
    return this.#caches.reserveTo(need, () => this.#recordings.clear());
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
    this.#position += count;
    this.#committed = this.#position - uncommitted;
  }

  hasRoom(count: number): boolean {
    return this.#position + count <= this.parts.contextTokensMax;
  }

  /** The device has begun to read `id`, its own pick, at the position after the one that is right so far. */
  setAhead(id: number, sampling: StepSampling | undefined, answer: PendingRead): void {
    this.#ahead.set(id, sampling, answer);
  }
  /** The step under way that reads `id` and picks by `sampling`; it counts from now on. Any other is taken back. */
  takeAhead(id: number, sampling: StepSampling | undefined): PendingRead | undefined {
    const answer = this.#ahead.take(id, sampling);
    this.dropAhead();
    return answer;
  }
  /** Takes back what the device reads ahead. Call before anything else is done with the sequence. */
  dropAhead(): void {
    this.#position -= this.#ahead.count;
    this.#ahead.drop();
  }

  /** Takes back the last `count` positions, which must be waiting. */
  takeBack(count: number): void {
    if (count === 0) return;
    if (count > this.pending)
      throw errors.internal(`${count} of ${this.pending} waiting rows were taken back`);
    this.#position -= count;
  }

  async takeSnapshot(): Promise<StateSnapshot | undefined> {
    const { gpu, settle, snapshotLayout } = this.parts;
    this.dropAhead();
    settle(this);
    const snapshot = await Qwen3NextSnapshot.create(gpu, snapshotLayout, this.#position);
    if (!snapshot) return undefined;
    const list = new CommandList(gpu);
    this.copyState(list, snapshot.tensors, 'out');
    list.submit();
    return snapshot;
  }

  restore(snapshot: StateSnapshot): void {
    const { gpu, settle, snapshotLayout } = this.parts;
    this.dropAhead();
    if (!(snapshot instanceof Qwen3NextSnapshot) || snapshot.layout !== snapshotLayout)
      throw errors.internal('a snapshot of another model was restored');
    const { position } = snapshot;
    if (position > this.#position) throw errors.internal('a snapshot beyond the KV cache was restored');
    // The MTP block may not have read so far yet where the snapshot was taken on another sequence.
    if (this.mtp && this.mtpRows < position - 1) settle(this);
    const list = new CommandList(gpu);
    this.copyState(list, snapshot.tensors, 'in', position);
    list.submit();
    this.#position = this.#committed = position;
    this.mtpRows = Math.max(0, position - 1);
  }

  /** Copies the state at `position`, of which nothing waits, to the tensors of a snapshot or back. */
  copyState(
    list: CommandList,
    kept: readonly GpuTensor[],
    direction: 'out' | 'in',
    position = this.#position,
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
    if (this.#caches.empty()) this.#recordings.clear();
    this.#position = this.#committed = 0;
    this.mtpRows = 0;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.dropAhead();
    this.#caches.dispose();
    this.tokens.dispose();
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
