// Whether every range that would be read for the device lies inside its tensor, and sizes agree with shapes and formats.
// Breaking it is a defect, whatever the file: a plan that passed the loader's own checks must hold.
import type { BlockScales, Checkpoint, TensorEntry } from '../../engine/checkpoint/checkpoint.ts';
import { byteLength, elementCount, rowsAreWholeBlocks } from '../../engine/checkpoint/quant.ts';
import { readModelConfig } from '../../engine/model/config/config.ts';
import type { MatrixSource, VectorSource } from '../../engine/model/weights/sources.ts';
import { ggufSources } from '../../engine/model/weights/sources_gguf.ts';
import { huggingFaceSources } from '../../engine/model/weights/sources_hf.ts';
import { TensorFinder } from '../../engine/model/weights/tensor_finder.ts';

/** Reads configuration and sources, checks them and the ends of each tensor; gives the rows of the embedding. */
export async function checkPlan(checkpoint: Checkpoint): Promise<number> {
  const config = readModelConfig(checkpoint);
  const find = new TensorFinder(checkpoint);
  const sources =
    checkpoint.container === 'gguf' ? ggufSources(find, config) : huggingFaceSources(find, config);
  const used = new Set<TensorEntry>();
  visit(sources, used);
  for (const tensor of used) {
    checkTensor(tensor);
    const edge = new Uint8Array(Math.min(16, tensor.byteLength));
    await checkpoint.read(tensor, 0, edge);
    await checkpoint.read(tensor, tensor.byteLength - edge.byteLength, edge);
  }
  must(
    sources.embed_tokens.rows === config.vocabularySize,
    'the embedding has other rows than the vocabulary',
  );
  return config.vocabularySize;
}

function visit(node: unknown, used: Set<TensorEntry>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('sources' in node) return checkMatrix(node as MatrixSource, used);
  if ('tensor' in node) return checkVector(node as VectorSource, used);
  for (const inner of Object.values(node)) visit(inner, used);
}

function checkMatrix({ rows, columns, sources }: MatrixSource, used: Set<TensorEntry>): void {
  let planned = 0;
  for (const { tensor, pieces } of sources) {
    used.add(tensor);
    const stored = elementCount(tensor.shape.slice(0, -1));
    if (tensor.type === 'F8_E4M3') checkScales(tensor, used);
    must(tensor.shape.at(-1) === columns, `"${tensor.name}" has rows of another width than planned`);
    must(
      Number.isSafeInteger(tensor.byteLength / stored),
      `rows of "${tensor.name}" have no whole number of bytes`,
    );
    for (const [first, count] of pieces ?? [[0, stored] as const]) {
      must(
        whole(first) && whole(count) && first + count <= stored,
        `rows ${first} + ${count} of "${tensor.name}" are not there`,
      );
      planned += count;
    }
  }
  must(planned === rows, `${planned} rows are planned instead of ${rows}`);
  must(rows >= 1 && columns >= 1, `a matrix of ${rows} × ${columns}`);
}

/** One scale for every block of every matrix. */
function checkScales({ name, shape, blockScales }: TensorEntry, used: Set<TensorEntry>): void {
  must(blockScales !== undefined, `"${name}" has no scales`);
  const { tensor, rows, columns } = blockScales as BlockScales;
  used.add(tensor);
  const [width = 0, height = 0, ...matrices] = shape.toReversed();
  const blocks = Math.ceil(height / rows) * Math.ceil(width / columns);
  must(
    elementCount(tensor.shape) === blocks * elementCount(matrices),
    `"${tensor.name}" has not one scale a block`,
  );
}

function checkVector({ tensor, length, pieces }: VectorSource, used: Set<TensorEntry>): void {
  used.add(tensor);
  must(
    elementCount(tensor.shape) === length && length >= 1,
    `"${tensor.name}" has another length than planned`,
  );
  const counted = (pieces ?? [[0, length] as const]).map(([first, count]) => {
    must(
      whole(first) && whole(count) && first + count <= length,
      `values ${first} + ${count} of "${tensor.name}" are not there`,
    );
    return count;
  });
  must(counted.reduce((sum, count) => sum + count, 0) === length, `"${tensor.name}" is planned in part`);
}

function checkTensor({ name, type, shape, byteLength: bytes }: TensorEntry): void {
  must(shape.every(whole) && whole(bytes) && bytes > 0, `"${name}" has a size that is no whole number`);
  must(rowsAreWholeBlocks(type, shape), `"${name}" has rows that are not whole blocks`);
  must(byteLength(type, shape) === bytes, `"${name}" has ${bytes} bytes, not what its shape takes`);
}

function whole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function must(holds: boolean, why: string): void {
  if (!holds) throw new Error(`the plan is wrong: ${why}`);
}
