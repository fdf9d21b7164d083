// What a model on disk looks like to the loader, whatever its container. Types only.
import type { StorageType } from '../shared/architecture/storage_types.ts';
import type { ModelLimits } from './model_limits.ts';
import type { RecommendedSampling } from './sampling.ts';

export interface TensorEntry {
  name: string;
  type: StorageType;
  /** Row-major, outermost first (safetensors order; GGUF dimensions are reversed into it). */
  shape: number[];
  /** Bytes of the tensor's data in its file. */
  byteLength: number;
  /** Of an FP8 or NVFP4 tensor: what its values are multiplied by. */
  blockScales?: BlockScales;
}

/** One scale for every block of `rows` × `columns` values of each matrix of a tensor; blocks at the edges may be cut off. */
export interface BlockScales {
  /** [..., block rows, block columns] */
  tensor: TensorEntry;
  rows: number;
  columns: number;
}

export interface CheckpointTokenizer {
  /** Contents of tokenizer.json, read, or rebuilt from GGUF metadata. */
  tokenizerJson: Record<string, unknown>;
  chatTemplate?: string;
  eosTokenIds: number[];
}

/** One opened model. Owns file handles: close() it. */
export interface Checkpoint {
  readonly path: string;
  readonly container: 'safetensors' | 'gguf';
  /** safetensors: parsed config.json. gguf: metadata as key -> value. */
  readonly metadata: Record<string, unknown>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Reads bytes [offset, offset + into.byteLength) of a tensor's data. Throws badCheckpoint / fileUnreadable. */
  read(tensor: TensorEntry, offset: number, into: Uint8Array): Promise<void>;
  /** Undefined when the model carries no tokenizer (test fixtures). Throws badTokenizer when it is broken. */
  tokenizer(): Promise<CheckpointTokenizer | undefined>;
  /** Recommended sampling from generation_config.json or general.sampling.*, if any. */
  sampling(): Promise<RecommendedSampling | undefined>;
  /** From hearth-limits.json beside the model. Throws badCheckpoint when that is malformed. */
  limits(): Promise<ModelLimits>;
  close(): Promise<void>;
}
