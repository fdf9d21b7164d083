// A GGUF model of any size that is nowhere: read() makes the bytes of a tensor from a pool of random blocks, so that tests load
// gigabytes without a file, and values() gives any part of a matrix as numbers.
import type { Checkpoint, TensorEntry } from '../../engine/checkpoint/checkpoint.ts';
import type { StorageType } from '../../engine/shared/architecture/storage_types.ts';
import { blockFormats, byteLength } from '../../engine/checkpoint/quant.ts';
import { modelMetadata } from '../bench/model_metadata.ts';
import type { ModelShape } from '../bench/model_shapes.ts';
import { planTensors, type MatrixType, type TensorPlan } from '../bench/model_tensors.ts';
import { drawBlocks, WordStream } from '../bench/random_blocks.ts';
import { decodeBlocks } from '../reference/weight_formats.ts';
import { Random } from './random.ts';

/** A prime, so that no two rows or experts are made of the same blocks in the same places. */
const poolBlocks = 8191;

interface Pool {
  blockBytes: number;
  elements: number;
  bytes: Uint8Array<ArrayBuffer>;
  values?: Float64Array;
}

export class RandomCheckpoint implements Checkpoint {
  readonly path = 'random.gguf';
  readonly container = 'gguf';
  readonly metadata: Record<string, unknown>;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly #plans: ReadonlyMap<string, TensorPlan & { index: number }>;
  readonly #pools = new Map<string, Pool>();

  constructor(shape: ModelShape, type: MatrixType) {
    const plans = planTensors(shape, type);
    this.#plans = new Map(plans.map((plan, index) => [plan.name, { ...plan, index }]));
    this.tensors = new Map(
      plans.map(plan => [
        plan.name,
        {
          name: plan.name,
          type: plan.type,
          shape: plan.shape,
          byteLength: byteLength(plan.type, plan.shape),
        },
      ]),
    );
    const metadata = Object.entries(modelMetadata('random', shape, type));
    this.metadata = Object.fromEntries(
      metadata.map(([key, value]) => [key, Array.isArray(value) ? value : plain(value)]),
    );
  }

  read({ name }: TensorEntry, offset: number, into: Uint8Array): Promise<void> {
    const { pool, first } = this.#pool(name);
    const { bytes, blockBytes } = pool;
    let from = (first * blockBytes + offset) % bytes.length;
    for (let at = 0; at < into.length; from = 0) {
      const piece = bytes.subarray(from, from + into.length - at);
      into.set(piece, at);
      at += piece.length;
    }
    return Promise.resolve();
  }

  /** Values `from` … `from + count - 1` of a tensor, both whole blocks. */
  values(name: string, from: number, count: number): Float64Array {
    const { pool, first } = this.#pool(name);
    const values = (pool.values ??= decodeBlocks(this.#plan(name).type, pool.bytes));
    const out = new Float64Array(count);
    let start = (first * pool.elements + from) % values.length;
    for (let at = 0; at < count; start = 0) {
      const piece = values.subarray(start, start + count - at);
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  tokenizer(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  sampling(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  limits(): Promise<object> {
    return Promise.resolve({});
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  #plan(name: string): TensorPlan & { index: number } {
    const plan = this.#plans.get(name);
    if (!plan) throw new Error(`there is no tensor "${name}"`);
    return plan;
  }

  /** The blocks a tensor is made of, and the one it begins with. */
  #pool(name: string): { pool: Pool; first: number } {
    const { type, draw, index } = this.#plan(name);
    const key = `${type} ${JSON.stringify(draw)}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      const seed = this.#pools.size + 1;
      const bytes = drawBlocks(type, poolBlocks, draw, new Random(seed), new WordStream(seed));
      pool = { ...sizeOf(type), bytes };
      this.#pools.set(key, pool);
    }
    return { pool, first: (index * 1009) % poolBlocks };
  }
}

function sizeOf(type: StorageType): { blockBytes: number; elements: number } {
  const { bytes, elements } = blockFormats[type];
  return { blockBytes: bytes, elements };
}

/** A value that may have its type beside it. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}
