// A language model in plain numbers whose logits depend on every token read and on their order, so that a state restored
// wrongly is noticed. Snapshots are as strict as the real ones.
import { MemoryPlan } from '../../engine/gpu/memory_plan.ts';
import { argmax, samplerOf } from '../../engine/generate/sampler.ts';
import type {
  StepResult,
  LanguageModel,
  ModelSequence,
  StateSnapshot,
  StepOptions,
  TextPages,
} from '../../engine/language_model/language_model.ts';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import type { ServedModel } from '../../engine/service/loaded.ts';

class FakeSnapshot implements StateSnapshot {
  disposed = false;
  readonly byteLength: number;
  constructor(
    readonly model: FakeModel,
    /** What was read, whose keys and values it has a share in. */
    readonly ids: readonly number[],
    readonly hash: number,
  ) {
    this.byteLength = model.snapshotBytes;
    model.liveSnapshots.add(this);
    model.memory.count('snapshots', this.byteLength);
  }
  get position(): number {
    return this.ids.length;
  }
  read(): Promise<Uint8Array<ArrayBuffer>[]> {
    if (this.disposed) throw new Error('a freed snapshot');
    return Promise.resolve([[this.position], [this.hash]].map(bytesOf));
  }
  /** Its ids stand for its keys and values. */
  get pages(): TextPages {
    return {
      format: 'ids',
      count: Math.ceil(this.position / pageTokens),
      positions: pageTokens,
      byteLength: 4 * pageTokens,
      read: index => {
        if (this.disposed) throw new Error('pages of a freed snapshot');
        const ids = this.ids.slice(index * pageTokens, (index + 1) * pageTokens);
        return Promise.resolve(bytesOf([...ids, ...Array<number>(pageTokens - ids.length).fill(0)]));
      },
    };
  }
  dispose(): void {
    this.disposed = true;
    if (this.model.liveSnapshots.delete(this)) this.model.memory.count('snapshots', -this.byteLength);
  }
}

class FakeSequence implements ModelSequence {
  /** Ids that were read. */
  ids: number[] = [];
  hash = 7;
  /** Tokens at the end that may be taken back. */
  drafted = 0;
  /** Drafts of the step that was begun ahead, unless something else came instead. */
  begun: number | undefined;
  constructor(readonly model: FakeModel) {}
  get position(): number {
    return this.ids.length;
  }
  takeSnapshot(): Promise<StateSnapshot | undefined> {
    const { hasMemory } = this.model;
    if (hasMemory) this.model.snapshotsTaken.push(this.position);
    return Promise.resolve(hasMemory ? new FakeSnapshot(this.model, [...this.ids], this.hash) : undefined);
  }
  restore(snapshot: StateSnapshot): void {
    if (!(snapshot instanceof FakeSnapshot) || snapshot.model !== this.model)
      throw new Error('a snapshot of another model');
    if (snapshot.disposed) throw new Error('a freed snapshot');
    this.ids = [...snapshot.ids];
    this.hash = snapshot.hash;
  }
  takeBack(count: number): void {
    if (count > this.drafted) throw new Error(`${count} of ${this.drafted} drafts were taken back`);
    this.ids.length -= count;
    this.drafted = 0;
    this.hash = this.ids.reduce(hash, 7);
  }
  reset(): void {
    this.ids = [];
    this.hash = 7;
  }
  dispose(): void {
    if (this.model.liveSequences.delete(this)) this.model.memory.count('sequences', -sequenceBytes);
  }
}

/** Ids of a page. */
const pageTokens = 8;

function bytesOf(words: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint32Array.from(words).buffer);
}

/** The bytes may lie in a larger buffer. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

/** Size a sequence claims to have. */
export const sequenceBytes = 1000;

export interface FakeModelOptions {
  vocabularySize?: number;
  contextTokensMax?: number;
  batchTokensMax?: number;
  /** Chooses the next token from all ids read so far; else it follows from their hash. */
  next?: (ids: readonly number[]) => number;
  /** Most drafts of a step. */
  draftsMax?: number;
  /** Picks by sampling in a step. */
  samples?: boolean;
  /** Guesses the token after these ids, where `right` would follow; else the guess is right every second time. */
  guess?: (ids: readonly number[], right: number) => number;
}

export class FakeModel implements LanguageModel, ServedModel {
  readonly vocabularySize: number;
  readonly contextTokensMax: number;
  readonly batchTokensMax: number;
  /** Size a snapshot claims to have. */
  snapshotBytes = 100;
  readonly stateKey = 'fake';
  readonly memory = new MemoryPlan();
  readonly liveSequences = new Set<FakeSequence>();
  readonly liveSnapshots = new Set<FakeSnapshot>();
  /** False: there is room for no further sequence or snapshot. */
  hasMemory = true;
  /** Rows of every forward so far. */
  readonly batches: number[] = [];
  /** Steps that were begun ahead, and then one with other drafts was asked for. */
  stepsTakenBack = 0;
  /** Positions of every snapshot that was taken. */
  readonly snapshotsTaken: number[] = [];
  /** Runs before each forward; may throw or wait. */
  before: (ids: readonly number[]) => Promise<void> | void = () => undefined;
  readonly facts = { quantization: 'F32', contextTokensTrained: 1024, textOnly: false };
  /** Parts in which the device takes a batch. */
  partsMax = 1;
  disposed = false;
  readonly draftsMax: number;
  readonly samples: boolean;
  private readonly next: FakeModelOptions['next'];
  private readonly guess: FakeModelOptions['guess'];

  constructor({
    vocabularySize = 64,
    contextTokensMax = 512,
    batchTokensMax = 16,
    next,
    draftsMax = 0,
    samples = true,
    guess,
  }: FakeModelOptions = {}) {
    this.vocabularySize = vocabularySize;
    this.contextTokensMax = contextTokensMax;
    this.batchTokensMax = batchTokensMax;
    this.next = next;
    this.draftsMax = draftsMax;
    this.samples = samples;
    this.guess = guess;
  }

  batchTokens(wanted: number): Promise<number> {
    return Promise.resolve(Math.min(wanted, this.batchTokensMax));
  }

  async createSequence(): Promise<FakeSequence> {
    await Promise.resolve();
    if (!this.hasMemory) throw errors.outOfDeviceMemory('a sequence');
    const sequence = new FakeSequence(this);
    this.liveSequences.add(sequence);
    this.memory.count('sequences', sequenceBytes);
    return sequence;
  }

  async *writeSnapshots(
    pages: TextPages,
    states: readonly Uint8Array<ArrayBuffer>[],
  ): AsyncGenerator<void, StateSnapshot[]> {
    const read = states.map(bytes => [...wordsOf(bytes)]);
    if (read.some(({ length }) => length !== 2)) throw errors.badSnapshot(phrase`it is no state`);
    const ids: number[] = [];
    for (let i = 0; i < pages.count; i++) {
      ids.push(...wordsOf(await pages.read(i)));
      yield;
    }
    if (!this.hasMemory) return [];
    return read.map(([position = 0, state = 0]) => new FakeSnapshot(this, ids.slice(0, position), state));
  }

  /** Yields `partsMax - 1` times before it reads anything. */
  async *read(
    sequence: FakeSequence,
    ids: ArrayLike<number>,
    logits: 'none' | 'last' | 'all',
  ): AsyncGenerator<void, Float32Array> {
    for (let part = 1; part < this.partsMax; part++) yield;
    return await this.forward(sequence, ids, logits);
  }

  async forward(
    sequence: FakeSequence,
    ids: ArrayLike<number>,
    logits: 'none' | 'last' | 'all',
  ): Promise<Float32Array> {
    const batch = Array.from(ids);
    if (batch.length < 1 || batch.length > this.batchTokensMax) throw new Error(`a batch of ${batch.length}`);
    if (sequence.position + batch.length > this.contextTokensMax)
      throw errors.contextFull(sequence.position + batch.length, this.contextTokensMax);
    try {
      await this.before(batch);
    } catch (error) {
      // A batch that failed half-way leaves a state that is worth nothing.
      sequence.hash = hash(sequence.hash, -2);
      throw error;
    }
    this.batches.push(batch.length);
    sequence.begun = undefined;
    for (const id of batch) {
      sequence.ids.push(id);
      sequence.hash = hash(sequence.hash, id);
    }
    return logits === 'none' ? new Float32Array() : this.logits(sequence);
  }

  async step(
    sequence: FakeSequence,
    id: number,
    { drafts, logits, ahead, sampling }: StepOptions,
  ): Promise<StepResult> {
    // As of the model: a step that was begun for a text that ended is taken back when another is asked for.
    if (sequence.begun !== undefined && sequence.begun !== drafts) this.stepsTakenBack++;
    if (ahead !== undefined && (logits || ahead > this.draftsMax))
      throw new Error('a step that cannot be begun');
    if (sampling && (logits || !this.samples)) throw new Error('a step that cannot be sampled');
    if (sampling && sampling.history.ids.length !== sequence.position + 1)
      throw new Error(`a history of ${sampling.history.ids.length} ids at position ${sequence.position}`);
    if (drafts > this.draftsMax || (drafts > 0 && sequence.position === 0))
      throw new Error(`${drafts} drafts at position ${sequence.position}`);
    const rows = [await this.forward(sequence, [id], 'last')];
    const guesses: number[] = [];
    for (let k = 0; k < drafts; k++) {
      const right = argmax(rows.at(-1) as Float32Array);
      const guess =
        this.guess?.(sequence.ids, right) ??
        (sequence.ids.length % 2 ? right : (right + 1) % this.vocabularySize);
      guesses.push(guess);
      rows.push(await this.forward(sequence, [guess], 'last'));
    }
    sequence.drafted = drafts;
    sequence.begun = ahead;
    return {
      drafts: guesses,
      picks: rows.map((row, k) => {
        if (!sampling) return argmax(row);
        const { rule, history } = sampling;
        const ids = [...history.ids, ...guesses.slice(0, k)];
        return samplerOf(rule).sample(row.slice(), { ...history, ids });
      }),
      ...(logits ? { logits: Float32Array.from(rows.flatMap(row => [...row])) } : {}),
    };
  }

  dispose(): void {
    this.disposed = true;
  }

  /** Logits after exactly these ids, read at once. */
  expected(ids: readonly number[]): Float32Array {
    const sequence = new FakeSequence(this);
    for (const id of ids) {
      sequence.ids.push(id);
      sequence.hash = hash(sequence.hash, id);
    }
    return this.logits(sequence);
  }

  private logits(sequence: FakeSequence): Float32Array {
    const chosen = this.next?.(sequence.ids);
    return Float32Array.from({ length: this.vocabularySize }, (_, id) =>
      chosen === id ? 100 : (hash(sequence.hash, id) % 1000) / 100,
    );
  }
}

function hash(state: number, id: number): number {
  return (Math.imul(state ^ (id + 1), 0x01000193) ^ (state >>> 13)) >>> 0;
}
