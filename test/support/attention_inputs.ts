// Random inputs of an attention call; the gate lies beside each query head, as the projection lays them out, and all else is NaN.
import type { AttentionShape, AttentionTensors } from '../../engine/kernels/attention_prefill.ts';
import type { Numbers, Rows } from '../reference/rows.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import { Random } from './random.ts';
import { spacedRows, uploadRows } from './spaced_rows.ts';

export interface AttentionInputs {
  host: { q: Numbers; keys: Numbers; values: Numbers; gate: Rows; gateHeadStride: number };
  device: Omit<AttentionTensors, 'o'>;
}

/** Keys and values have one more row than may be read, all NaN. */
export function attentionInputs(
  f: GpuFixture,
  { count, start, heads, kvHeads, dim }: AttentionShape,
): AttentionInputs {
  const random = new Random(start * 100 + count * 10 + dim);
  const gateHeadStride = 2 * dim;
  const width = heads * gateHeadStride;
  const gates = random.normal(count * width, 2).map((v, i) => (i % gateHeadStride < dim ? v : NaN));
  const gate = spacedRows({ count, width, offset: dim, stride: width + 8 }, gates);
  const q = random.normal(count * heads * dim);
  const cache = () => {
    const rows = new Float32Array((start + count + 1) * kvHeads * dim).fill(NaN);
    rows.set(random.normal((start + count) * kvHeads * dim));
    return rows;
  };
  const [keys, values] = [cache(), cache()];
  return {
    host: { q, keys, values, gate, gateHeadStride },
    device: {
      q: f.upload(q, 'q'),
      keys: f.upload(keys, 'keys'),
      values: f.upload(values, 'values'),
      gate: uploadRows(f, gate, 'gate'),
      gateHeadStride,
    },
  };
}
