// Bytes the device reads and writes for one decoded token, counted from the tensors' own sizes.
import { kvRowWords } from '../kernels/kv_cache.ts';
import { kvFormatAt, type KvPlan } from '../shared/architecture/kv_format.ts';
import type { ModelConfig } from './config/config_types.ts';
import type { ModelWeights } from './weights/weights.ts';

/** Weights with every chosen expert counted once, recurrent state read and written, KV read at `position` (docs/MODEL.md 13.3). */
export function bytesPerToken(
  { config, weights, kvPlan }: { config: ModelConfig; weights: ModelWeights; kvPlan: KvPlan },
  position: number,
): number {
  const kvWords = kvRowWords(kvFormatAt(kvPlan, position), config.headDim);
  let bytes = weights.lm_head.byteLength;
  for (const { mixer, mlp } of weights.layers) {
    const matrices =
      mixer.kind === 'full'
        ? [...mixer.qkv.matrices, mixer.o_proj]
        : [...mixer.in_proj.matrices, mixer.out_proj];
    if (mlp.kind === 'dense') matrices.push(...mlp.gate_up.matrices, mlp.down_proj);
    else {
      const { shared_expert: shared } = mlp;
      matrices.push(...mlp.gate.matrices, ...(shared ? [...shared.gate_up.matrices, shared.down_proj] : []));
      const experts = [...mlp.experts_gate_up, mlp.experts_down].reduce(
        (sum, matrix) => sum + matrix.byteLength,
        0,
      );
      const extra = shared ? 0 : 1;
      bytes += (experts * (config.expertsPerToken + extra)) / (config.expertCount + extra);
    }
    bytes += matrices.reduce((sum, matrix) => sum + matrix.byteLength, 0);
    bytes +=
      mixer.kind === 'full'
        ? 2 * position * config.kvHeadCount * kvWords * 4
        : 2 * config.linearValueHeads * config.linearKeyDim * config.linearValueDim * 4;
  }
  return bytes;
}
