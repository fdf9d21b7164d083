// Looks tensors up by name with their shapes checked, and knows the row order of the fused DeltaNet projections.
import type { Checkpoint, TensorEntry } from '../../checkpoint/checkpoint.ts';
import { describeValue } from '../../checkpoint/describe_value.ts';
import { errors } from '../../protocol/errors.ts';
import { phrase, type PhraseValue } from '../../protocol/phrase.ts';
import type { ModelConfig } from '../config/config_types.ts';
import type { MatrixSource, VectorSource } from './sources.ts';

/** Looks tensors up by name and checks their shapes. */
export class TensorFinder {
  constructor(private readonly checkpoint: Checkpoint) {}

  has(name: string): boolean {
    return this.checkpoint.tensors.has(name);
  }
  tensor(name: string): TensorEntry {
    const found = this.checkpoint.tensors.get(name);
    if (!found) throw errors.missingTensor(this.checkpoint.path, name);
    return found;
  }
  matrix(name: string, rows: number, columns: number, pieces?: [number, number][]): MatrixSource {
    const tensor = this.tensor(name);
    const innermost = tensor.shape.at(-1) ?? 0;
    const storedRows = tensor.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    const wantedRows = pieces ? pieces.reduce((sum, [, count]) => sum + count, 0) : storedRows;
    if (innermost !== columns || wantedRows !== rows) this.wrongShape(tensor, `${rows}×${columns}`);
    for (const [first, count] of pieces ?? [])
      if (first + count > storedRows) this.wrongShape(tensor, `at least ${first + count} rows`);
    if (tensor.type === 'F8_E4M3' && !tensor.blockScales)
      throw errors.missingTensor(this.checkpoint.path, `${name}_scale_inv`);
    return { rows, columns, sources: [pieces ? { tensor, pieces } : { tensor }] };
  }
  vector(name: string, length: number, change?: VectorSource['change']): VectorSource {
    const tensor = this.tensor(name);
    if (tensor.shape.reduce((a, b) => a * b, 1) !== length) this.wrongShape(tensor, phrase`${length} values`);
    return change ? { tensor, length, change } : { tensor, length };
  }
  /** A convolution [channels, 1, kernel]. MLX stores [channels, kernel, 1], and its norms hold their +1 already. */
  convolution(name: string, channels: number, kernel: number): VectorSource {
    const tensor = this.tensor(name);
    if (tensor.shape.at(-1) !== kernel) this.wrongShape(tensor, `${channels}×1×${kernel}`);
    return this.vector(name, channels * kernel);
  }
  private wrongShape(tensor: TensorEntry, wanted: PhraseValue): never {
    throw errors.badCheckpoint(
      this.checkpoint.path,
      phrase`tensor "${tensor.name}" has shape ${describeValue(tensor.shape)}, expected ${wanted}`,
    );
  }
}

/** Sizes that the shapes are made of: H, heads, channels. */
export function sizesOf(config: ModelConfig) {
  const { linearKeyHeads: nk, linearValueHeads: nv, linearKeyDim: dk, linearValueDim: dv } = config;
  return {
    hidden: config.hiddenSize,
    q: config.headCount * config.headDim,
    kv: config.kvHeadCount * config.headDim,
    nk,
    nv,
    dk,
    dv,
    ratio: nv / nk,
    channels: 2 * nk * dk + nv * dv,
  };
}

/** Rows of the fused, per-key-head interleaved in_proj_qkvz: [q dk, k dk, v r*dv, z r*dv] for each key head (docs/MODEL.md 2.3). */
export function interleavedPieces(config: ModelConfig): { qkv: [number, number][]; z: [number, number][] } {
  const { nk, dk, dv, ratio } = sizesOf(config);
  const width = 2 * dk + 2 * ratio * dv;
  const heads = Array.from({ length: nk }, (_, g) => g * width);
  return {
    qkv: [
      ...heads.map((at): [number, number] => [at, dk]),
      ...heads.map((at): [number, number] => [at + dk, dk]),
      ...heads.map((at): [number, number] => [at + 2 * dk, ratio * dv]),
    ],
    z: heads.map((at): [number, number] => [at + 2 * dk + ratio * dv, ratio * dv]),
  };
}

/** Rows of the fused in_proj_ba: [b r, a r] for each key head. */
export function betaAlphaPieces(config: ModelConfig): { b: [number, number][]; a: [number, number][] } {
  const { nk, ratio } = sizesOf(config);
  const heads = Array.from({ length: nk }, (_, g) => g * 2 * ratio);
  return { b: heads.map(at => [at, ratio]), a: heads.map(at => [at + ratio, ratio]) };
}
