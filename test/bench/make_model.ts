// Writes a benchmark model: random weights in the shape and storage type asked for, one piece of a tensor at a time.
import { open, rename, rm } from 'node:fs/promises';
import { blockFormats, byteLength, elementCount } from '../../engine/checkpoint/quant.ts';
import { ggufHead } from '../support/gguf_writer.ts';
import { Random } from '../support/random.ts';
import { modelMetadata } from './model_metadata.ts';
import { linearElementsPerToken, type ModelShape } from './model_shapes.ts';
import { planTensors, type MatrixType } from './model_tensors.ts';
import { drawBlocks, WordStream } from './random_blocks.ts';

export interface MadeModel {
  name: string;
  type: MatrixType;
  bytes: number;
  parameters: number;
  /** Matrix elements that one token is multiplied with. */
  parametersPerToken: number;
}

/** Memory of one piece. */
const pieceBytes = 4 * 1024 * 1024;

/** Writes the file at `path`; an interrupted run leaves none there. */
export async function makeModel({
  name,
  shape,
  type,
  path,
  seed = 1,
}: {
  name: string;
  shape: ModelShape;
  type: MatrixType;
  path: string;
  seed?: number;
}): Promise<MadeModel> {
  const plans = planTensors(shape, type);
  const { bytes: head, positions } = ggufHead({ metadata: modelMetadata(name, shape, type), tensors: plans });
  const random = new Random(seed);
  const words = new WordStream(seed);
  const unfinished = `${path}.${process.pid}`;
  const file = await open(unfinished, 'w');
  let end = head.byteLength;
  try {
    await file.write(head, 0, head.byteLength, 0);
    for (const [i, plan] of plans.entries()) {
      const { bytes: blockBytes } = blockFormats[plan.type];
      const piece = Math.floor(pieceBytes / blockBytes);
      const blocks = byteLength(plan.type, plan.shape) / blockBytes;
      for (let first = 0; first < blocks; first += piece) {
        const bytes = drawBlocks(plan.type, Math.min(piece, blocks - first), plan.draw, random, words);
        const at = (positions[i] as number) + first * blockBytes;
        await file.write(bytes, 0, bytes.byteLength, at);
        end = at + bytes.byteLength;
      }
    }
    await file.close();
    await rename(unfinished, path);
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
  return {
    name,
    type,
    bytes: end,
    parameters: plans.reduce((sum, plan) => sum + elementCount(plan.shape), 0),
    parametersPerToken: linearElementsPerToken(shape),
  };
}
