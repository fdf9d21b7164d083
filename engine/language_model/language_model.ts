// What the generation code sees of a model: ids in, logits out, state that can be saved and restored.
// Types only; qwen3_next.ts implements it on the GPU, test/fakes/fake_model.ts in plain numbers.

import type { SamplingRule, TokenHistory } from './sampling.ts';

/** Keys and values of a text, page by page, as a model keeps them. */
export interface TextPages {
  /** How they are stored; a model knows its own formats. */
  readonly format: string;
  readonly count: number;
  /** Tokens of each page but the last, which may have fewer. */
  readonly positions: number;
  /** Of each page, in all layers. */
  readonly byteLength: number;
  /** The bytes of a page, from 0 on; they may be gone when the next but one is asked for. */
  read(index: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A saved state at one position: the DeltaNet state, and a share in the keys and values up to there. It belongs to no sequence. */
export interface StateSnapshot {
  /** Tokens read when it was taken. */
  readonly position: number;
  /** Without keys and values, which are shared. */
  readonly byteLength: number;
  /** Keys and values up to the position. Reading one throws gpuError, deviceLost. */
  readonly pages: TextPages;
  /**
   * All but the pages, in pieces that follow one another: a header that names the model's shape and the position, then the state.
   * Neither this nor the pages may be read once it is disposed. Throws gpuError, deviceLost.
   */
  read(): Promise<Uint8Array<ArrayBuffer>[]>;
  dispose(): void;
}

/** One running text: KV cache, DeltaNet state, position. Owned by whoever created it. */
export interface ModelSequence {
  /** Tokens read so far. */
  readonly position: number;
  /** Copies the recurrent state at the current position; undefined when there is no memory for the copy. */
  takeSnapshot(): Promise<StateSnapshot | undefined>;
  /**
   * Goes on from a snapshot, whatever was read before: it is of the same model, and may have been taken on another sequence, whose keys and
   * values are shared and not copied.
   */
  restore(snapshot: StateSnapshot): void;
  /** Takes back the last `count` tokens, which step() read as drafts. */
  takeBack(count: number): void;
  /** Back to position 0. */
  reset(): void;
  dispose(): void;
}

/** How to choose by the logits of a step; one object for all steps of a text. Draws are numbered by the ids generated before. */
export interface StepSampling {
  readonly rule: SamplingRule;
  /** Grows with the text: at each step it ends with the id that is read. */
  readonly history: TokenHistory;
}

/**
 * drafts: how many tokens to guess and verify in one step; logits: also give them; ahead: the pick after those drafts that are right
 * will be read next, with so many drafts, so the device may begin with it before the host knows it (only without logits); sampling: how
 * to pick, unless greedily (only without logits, and where the model samples).
 */
export interface StepOptions {
  drafts: number;
  logits: boolean;
  ahead?: number | undefined;
  sampling?: StepSampling | undefined;
}

/** What one step gives for the id it read and the drafts after it. */
export interface StepResult {
  /** The guessed ids, in order. */
  drafts: number[];
  /** [drafts + 1] the choice after the id, and after each draft as if it were right. */
  picks: number[];
  /** [drafts + 1, vocab], when asked for. */
  logits?: Float32Array;
}

/** The device's memory, as far as texts share it (see MemoryPlan in engine/gpu). */
export interface TextMemory {
  /** Most bytes that all snapshots may take now, if they would like to take `wanted`. */
  budget(part: 'snapshots', wanted: number): number;
  /**
   * Calls `giveBack` when memory is short, until there is enough: it frees one thing of that part, and returns false when there is
   * none. Returns how to take that back.
   */
  onLack(part: 'snapshots' | 'sequences', giveBack: () => boolean): () => void;
}

/**
 * ahead: more of the text is read next, so nobody waits until the device is done (only without logits); between: it may come between the
 * parts of a batch that is read without it, which goes on where it was.
 */
export interface ReadOptions {
  ahead?: boolean;
  between?: boolean;
}

export interface LanguageModel {
  readonly vocabularySize: number;
  readonly contextTokensMax: number;
  /**
   * Tokens that the next batch of a text had better have, at most `wanted`: what the device gains by, has memory for and does in time.
   * There is room for as many then. `between`: as in ReadOptions.
   */
  batchTokens(wanted: number, between?: boolean): Promise<number>;
  /** Most drafts of a step; 0 for a model that cannot draft. */
  readonly draftsMax: number;
  /** False where rows of a batch are computed one after another, on the cores the host runs on: neither drafts nor reading ahead pay. */
  readonly parallel?: boolean;
  /** True where a step can pick by sampling, no later than the host could by the logits. */
  readonly samples?: boolean;
  /** Throws outOfDeviceMemory, with nothing left of the sequence. */
  /** Absent for a model whose memory nobody plans. */
  readonly memory?: TextMemory;
  createSequence(): Promise<ModelSequence>;
  /** Everything that a snapshot depends on beside its ids and the weights, as text. */
  readonly stateKey: string;
  /**
   * Snapshots of one text from what they gave before: the pages of the last one, and of each what StateSnapshot.read() gave, all pieces in
   * one array, in ascending order of positions. Yields between pages; others may be read then. Where memory is short the first ones are
   * left out, and without memory for the last one there is none. What they depend on is checked (see stateKey), as far as it can be; the
   * values of weights are not. Throws badSnapshot, gpuError, deviceLost, and what reading the pages throws.
   */
  writeSnapshots(
    pages: TextPages,
    states: readonly Uint8Array<ArrayBuffer>[],
  ): AsyncGenerator<void, StateSnapshot[]>;
  /**
   * Reads `ids`, at least one and as many as batchTokens() says, in one batch after the sequence's position. Where a batch is more than the device should have at a
   * time, it yields between parts of it: others may be read then, but not two at once. A batch that another one of its kind (see `between`)
   * came between starts over; one that is ended at a yield leaves the sequence as it was before. `logits`: none; last row [vocab]; or all rows [ids.length * vocab].
   * Throws contextFull, deviceLost, gpuError, badWeights (NaN logits).
   */
  read(
    sequence: ModelSequence,
    ids: ArrayLike<number>,
    logits: 'none' | 'last' | 'all',
    options?: ReadOptions,
  ): AsyncGenerator<void, Float32Array>;
  /**
   * Reads `id` and guesses after it in one batch. All of them are read afterwards: guesses that turn out wrong are taken back
   * with takeBack() before anything else is read. At least one token must have been read. Throws as read() does.
   */
  step(sequence: ModelSequence, id: number, options: StepOptions): Promise<StepResult>;
}
