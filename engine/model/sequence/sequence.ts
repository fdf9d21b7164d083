// The state of one running text: KV cache of the attention layers, rings of raw projections and f32 delta state of the DeltaNet
// layers. The delta state may lag behind the position: rows that could still be taken back wait in the rings (lazy commit).
import type { Gpu } from '../../gpu/device.ts';
import { CommandList, Recording } from '../../gpu/dispatch.ts';
import type { LateWords } from '../../gpu/readback.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { kvRowWords, type KvCache, type KvFormat } from '../../kernels/kv_cache.ts';
import { hasShuffle } from '../../kernels/launch.ts';
import { errors } from '../../protocol/errors.ts';
import { kvFirstCapacity, kvNextCapacity } from '../../protocol/kv_format.ts';
import type { ModelConfig } from '../config/config_types.ts';
import { Qwen3NextSnapshot } from './snapshot.ts';
import type { ModelSequence, StateSnapshot, StepSampling } from '../../language_model/language_model.ts';
import { Picks } from './picks.ts';
import type { ModelWeights } from '../weights/weights.ts';

export type LayerState =
  | ({ kind: 'full' } & KvCache)
  /**
   * rings: the raw outputs of in_proj of the last ringRows positions, position p in row p mod ringRows, one ring per matrix;
   * recurrent: [1, Hv, Dk, Dv], as it was after the committed positions; twice with a work area (see gated_delta_decode).
   */
  | { kind: 'linear'; rings: GpuTensor[]; recurrent: GpuTensor };

/** Positions whose ids and hidden states are kept on the device. */
export const tokenRingRows = 16;
/** Most rows of one decode step and most rows waiting for their commit, together. */
export const uncommittedRowsMax = 13;

/** Rows of a ring, a power of two: the convolution's tail, rows not committed yet and the rows of one decode step. */
export function ringRows({ convKernel }: Pick<ModelConfig, 'convKernel'>): number {
  return 2 ** Math.ceil(Math.log2(convKernel - 1 + uncommittedRowsMax));
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
  readonly mtp: Extract<LayerState, { kind: 'full' }> | undefined;
  #position = 0;
  #committed = 0;
  /** A step under way that reads the token `id`, which nobody has asked for yet. */
  #ahead: { id: number; sampling: StepSampling | undefined; answer: LateWords } | undefined;
  readonly #recordings = new Map<string, Recording>();
  #capacity: number;
  #disposed = false;

  constructor(
    private readonly gpu: Gpu,
    private readonly config: ModelConfig,
    weights: ModelWeights,
    private readonly contextTokensMax: number,
    private readonly kvFormat: KvFormat,
    /** Brings delta state and MTP cache up to the position. */
    private readonly settle: (sequence: Qwen3NextSequence) => void,
  ) {
    this.#capacity = kvFirstCapacity(contextTokensMax);
    this.layers = weights.layers.map(({ mixer }, i): LayerState =>
      mixer.kind === 'full'
        ? this.#cache(`${i}`)
        : {
            kind: 'linear',
            rings: mixer.in_proj.matrices.map((_, n) =>
              gpu.buffers.create(`state ${i} ring ${n}`, [ringRows(config), mixer.in_proj.stride(n)]),
            ),
            recurrent: this.#recurrent(`state ${i}`, hasShuffle(gpu) && weights.mtp ? 2 : 1),
          },
    );
    this.tokens = gpu.buffers.create('tokens', [2 * tokenRingRows], 'u32');
    this.picks = new Picks(gpu, config.vocabularySize, { tensor: this.tokens, rows: tokenRingRows });
    this.hidden = weights.mtp && gpu.buffers.create('hidden', [tokenRingRows, config.hiddenSize]);
    this.mtp = weights.mtp && this.#cache('mtp');
  }

  get position(): number {
    return this.#position - (this.#ahead ? 1 : 0);
  }
  /** Positions whose rows wait in the rings: read, but not in the delta state yet. */
  get pending(): number {
    return this.#position - this.#committed;
  }

  /** Makes room for `count` more tokens. Throws contextFull, outOfDeviceMemory. */
  reserve(count: number): Promise<void> {
    return this.reserveTo(this.#position + count);
  }

  /**
   * Makes room for `need` tokens in all. Throws contextFull, and outOfDeviceMemory with everything as it was. Caches grow one by one,
   * each gone before the next is asked for, so that only one of them is there twice.
   */
  async reserveTo(need: number): Promise<void> {
    if (need > this.contextTokensMax) throw errors.contextFull(need, this.contextTokensMax);
    if (need <= this.#capacity) return;
    const capacity = kvNextCapacity(this.#capacity, need, this.contextTokensMax);
    for (const layer of this.#caches())
      for (const part of ['keys', 'values'] as const) {
        const old = layer[part];
        const shape = [capacity, this.#kvPositionWords];
        const grown = await this.gpu.buffers.obtain(old.label, shape, 'u32');
        const list = new CommandList(this.gpu);
        list.copy(old, 0, grown, 0, this.#capacity * this.#kvPositionWords * 4);
        list.submit();
        layer[part] = grown;
        this.#recordings.clear();
        old.dispose();
        await this.gpu.idle();
      }
    this.#capacity = capacity;
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
    return this.#position + count <= this.contextTokensMax;
  }

  /** The device has begun to read `id`, its own pick, at the position after the one that is right so far. */
  setAhead(id: number, sampling: StepSampling | undefined, answer: LateWords): void {
    this.#ahead = { id, sampling, answer };
  }
  /** The step under way that reads `id` and picks by `sampling`; it counts from now on. Any other is taken back. */
  takeAhead(id: number, sampling: StepSampling | undefined): LateWords | undefined {
    if (this.#ahead?.id !== id || this.#ahead.sampling !== sampling) this.dropAhead();
    const answer = this.#ahead?.answer;
    this.#ahead = undefined;
    return answer;
  }
  /** Takes back what the device reads ahead. Call before anything else is done with the sequence. */
  dropAhead(): void {
    if (!this.#ahead) return;
    this.#ahead.answer.drop();
    this.#ahead = undefined;
    this.#position--;
  }

  /** Takes back the last `count` positions, which must be waiting. */
  takeBack(count: number): void {
    if (count === 0) return;
    if (count > this.pending)
      throw errors.internal(`${count} of ${this.pending} waiting rows were taken back`);
    this.#position -= count;
  }

  takeSnapshot(): StateSnapshot {
    this.dropAhead();
    this.settle(this);
    const copies = this.layers.map((layer, i) =>
      layer.kind === 'linear'
        ? {
            tails: layer.rings.map((ring, n) =>
              this.gpu.buffers.create(`snapshot ${this.#position} layer ${i} tail ${n}`, [
                this.config.convKernel - 1,
                ring.shape[1] as number,
              ]),
            ),
            recurrent: this.#recurrent(`snapshot ${this.#position} layer ${i}`),
          }
        : undefined,
    );
    const hidden =
      this.hidden && this.gpu.buffers.create(`snapshot ${this.#position} hidden`, [this.config.hiddenSize]);
    const snapshot = new Qwen3NextSnapshot(this, this.#position, copies, hidden);
    this.#copyLinear(snapshot, (from, fromByte, to, toByte, bytes, list) =>
      list.copy(from, fromByte, to, toByte, bytes),
    );
    return snapshot;
  }

  restore(snapshot: StateSnapshot): void {
    this.dropAhead();
    if (!(snapshot instanceof Qwen3NextSnapshot) || snapshot.owner !== this)
      throw errors.internal('a snapshot of another sequence was restored');
    if (snapshot.position > this.#position)
      throw errors.internal('a snapshot beyond the KV cache was restored');
    this.#copyLinear(snapshot, (to, toByte, from, fromByte, bytes, list) =>
      list.copy(from, fromByte, to, toByte, bytes),
    );
    this.#position = this.#committed = snapshot.position;
    this.mtpRows = Math.max(0, snapshot.position - 1);
  }

  reset(): void {
    this.dropAhead();
    const list = new CommandList(this.gpu);
    for (const layer of this.layers)
      if (layer.kind === 'linear') for (const tensor of [...layer.rings, layer.recurrent]) list.clear(tensor);
    list.submit();
    this.#position = this.#committed = 0;
    this.mtpRows = 0;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.dropAhead();
    for (const { keys, values } of this.#caches()) {
      keys.dispose();
      values.dispose();
    }
    this.tokens.dispose();
    this.picks.dispose();
    this.hidden?.dispose();
    for (const layer of this.layers)
      if (layer.kind === 'linear') for (const tensor of [...layer.rings, layer.recurrent]) tensor.dispose();
  }

  #caches(): Extract<LayerState, { kind: 'full' }>[] {
    const full = this.layers.filter(layer => layer.kind === 'full');
    return this.mtp ? [...full, this.mtp] : full;
  }
  #cache(label: string): Extract<LayerState, { kind: 'full' }> {
    const { kvFormat: format } = this;
    return { kind: 'full', format, keys: this.#kv(`keys ${label}`), values: this.#kv(`values ${label}`) };
  }
  #kv(label: string): GpuTensor {
    return this.gpu.buffers.create(label, [this.#capacity, this.#kvPositionWords], 'u32');
  }
  /** Words that the keys of one position take, and its values. */
  get #kvPositionWords(): number {
    return this.config.kvHeadCount * kvRowWords(this.kvFormat, this.config.headDim);
  }
  #recurrent(label: string, copies = 1): GpuTensor {
    const { linearKeyDim, linearValueHeads, linearValueDim } = this.config;
    return this.gpu.buffers.create(`${label} recurrent`, [
      copies,
      linearValueHeads,
      linearKeyDim,
      linearValueDim,
    ]);
  }
  /** Visits everything a snapshot holds: first the place in the sequence, then the one in the snapshot. */
  #copyLinear(snapshot: Qwen3NextSnapshot, copy: CopyPart): void {
    const list = new CommandList(this.gpu);
    if (this.hidden && snapshot.hidden) {
      const bytes = snapshot.hidden.byteLength;
      const row = (snapshot.position - 1) & (tokenRingRows - 1);
      copy(this.hidden, row * bytes, snapshot.hidden, 0, bytes, list);
    }
    const tailRows = this.config.convKernel - 1;
    const mask = ringRows(this.config) - 1;
    for (const [i, layer] of this.layers.entries()) {
      const part = snapshot.copies[i];
      if (layer.kind !== 'linear' || !part) continue;
      copy(layer.recurrent, 0, part.recurrent, 0, part.recurrent.byteLength, list);
      for (const [n, ring] of layer.rings.entries()) {
        const rowBytes = (ring.shape[1] as number) * 4;
        for (let j = 0; j < tailRows; j++)
          copy(
            ring,
            ((snapshot.position - tailRows + j) & mask) * rowBytes,
            part.tails[n] as GpuTensor,
            j * rowBytes,
            rowBytes,
            list,
          );
      }
    }
    list.submit();
  }
}

type CopyPart = (
  own: GpuTensor,
  ownByte: number,
  saved: GpuTensor,
  savedByte: number,
  bytes: number,
  list: CommandList,
) => void;
