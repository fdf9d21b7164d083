// Cost of a token as the context grows: counted bytes and operations, and measured times beside them.
import type { LoadedModel } from '../../engine/model/load.ts';
import { bytesPerToken } from '../../engine/model/bytes_per_token.ts';
import { linearElementsPerToken, type ModelShape } from './model_shapes.ts';

export interface GrowthPoint {
  /** Tokens before the one that is counted. */
  context: number;
  /** Read and written by one decoded token, by the sizes of the engine's tensors. */
  decode_bytes: number;
  /** Multiplications and additions of one token. */
  flops: number;
  prefill_ms_per_token: number;
  decode_ms_per_token: number;
}

/** Batches before each point, and tokens after it, of which the fastest counts: other work on the machine only adds time. */
const batchesTimed = 3;
const tokensTimed = 12;

/** One text is read to its end; `contexts` are ascending. */
export async function growthFigures(
  model: LoadedModel,
  shape: ModelShape,
  contexts: readonly number[],
): Promise<{ device: string; points: GrowthPoint[] }> {
  await readText(model, shape, [2 * model.batchTokensMax]);
  return { device: model.gpu.facts.name, points: await readText(model, shape, contexts) };
}

async function readText(
  model: LoadedModel,
  shape: ModelShape,
  contexts: readonly number[],
): Promise<GrowthPoint[]> {
  const sequence = await model.createSequence();
  const timed = async (ids: number[], logits: 'none' | 'last') => {
    const started = performance.now();
    await model.forward(sequence, ids, logits);
    return (performance.now() - started) / ids.length;
  };
  const points: GrowthPoint[] = [];
  try {
    let batches: number[] = [];
    for (const context of contexts) {
      while (sequence.position < context) {
        const count = Math.min(model.batchTokensMax, context - sequence.position);
        const ids = Array.from(
          { length: count },
          (_, i) => ((sequence.position + i) * 7919) % shape.vocabulary,
        );
        const ms = await timed(ids, 'none');
        // A remainder costs more a token than a full batch.
        if (count === model.batchTokensMax) batches.push(ms);
      }
      const tokens: number[] = [];
      for (let i = 0; i < tokensTimed; i++) tokens.push(await timed([i], 'last'));
      points.push({
        context,
        decode_bytes: bytesPerToken(model, context),
        flops: flopsPerToken(shape, context),
        prefill_ms_per_token: Math.min(...batches.slice(-batchesTimed)),
        decode_ms_per_token: Math.min(...tokens),
      });
      batches = [];
    }
  } finally {
    sequence.dispose();
  }
  return points;
}

/** Products with weights, the delta rule (decay, read, write, read: 7 per element of state), and attention to `context` tokens. */
export function flopsPerToken(s: ModelShape, context: number): number {
  const attentionLayers = Math.floor(s.layers / s.attentionInterval);
  const state = (s.layers - attentionLayers) * s.linearValueHeads * s.linearDim ** 2;
  return 2 * linearElementsPerToken(s) + 7 * state + 4 * attentionLayers * s.heads * s.headDim * context;
}
