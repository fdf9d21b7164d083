// What a model's matrices are used for: each storage type, width and use once, since kernels differ by nothing else.
import { canGather } from '../kernels/gather_rows.ts';
import type { WeightMatrix } from '../kernels/weight_matrix.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { allLayers, type DenseWeights } from '../model/weights/weights.ts';
import type { MatrixRole } from './products.ts';

export interface MatrixUse extends Pick<WeightMatrix, 'format' | 'columns'> {
  role: MatrixRole;
}

/** Every use of a matrix of the model, those that are alike once. */
export function matrixUses({ config, weights }: Pick<Qwen3Next, 'config' | 'weights'>): MatrixUse[] {
  const found = new Map<string, MatrixUse>();
  const add = (role: MatrixRole, matrices: readonly WeightMatrix[]): void => {
    for (const { format, columns } of matrices) {
      const use = { role, format, columns };
      found.set(JSON.stringify(use), use);
    }
  };
  const mlp = ({ gate_up, down_proj }: DenseWeights): void => {
    add({ kind: 'gate and up', experts: false }, gate_up.matrices);
    add({ kind: 'down', experts: false }, [down_proj]);
  };
  add({ kind: 'embedding' }, [weights.embed_tokens]);
  add({ kind: 'projection' }, [weights.lm_head, ...(weights.mtp ? [weights.mtp.fc] : [])]);
  const { lm_head: head } = weights;
  if (weights.mtp && canGather(head.format, head.columns)) add({ kind: 'draft head' }, [head]);
  for (const layer of allLayers(weights)) {
    const { mixer } = layer;
    if (mixer.kind === 'full') {
      add({ kind: 'projection' }, mixer.qkv.matrices);
      add({ kind: 'output' }, [mixer.o_proj]);
    } else {
      const { linearKeyHeads, linearValueHeads: heads, linearValueDim: dim, valueHeadOrder } = config;
      const tileHeads = valueHeadOrder === 'tiled' ? linearKeyHeads : 0;
      add({ kind: 'projection' }, mixer.in_proj.matrices);
      add({ kind: 'delta output', heads, dim, tileHeads }, [mixer.out_proj]);
    }
    if (layer.mlp.kind === 'dense') mlp(layer.mlp);
    else {
      add({ kind: 'projection' }, layer.mlp.gate.matrices);
      add({ kind: 'gate and up', experts: true }, layer.mlp.experts_gate_up);
      add({ kind: 'down', experts: true }, [layer.mlp.experts_down]);
      if (layer.mlp.shared_expert) mlp(layer.mlp.shared_expert);
    }
  }
  return [...found.values()];
}
