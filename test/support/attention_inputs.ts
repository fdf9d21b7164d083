// Random inputs of an attention call; the gate lies beside each query head, as the projection lays them out, and all else is NaN.
import type { AttentionShape, AttentionTensors } from '../../engine/kernels/attention_prefill.ts';
import { kvRowWords, type KvFormat } from '../../engine/kernels/kv_cache.ts';
import type { Numbers, Rows } from '../reference/rows.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import { packKv, unpackKv } from './kv_rows.ts';
import { Random } from './random.ts';
import { spacedRows, uploadRows } from './spaced_rows.ts';

export interface AttentionInputs {
  host: { q: Numbers; keys: Numbers; values: Numbers; gate: Rows; gateHeadStride: number };
  device: Omit<AttentionTensors, 'o'>;
}

/** A NaN as a float, and as two halves. */
const nanWord = 0x7fff7fff;

/** Keys and values are what a cache of this format keeps of random ones; it has one more row than may be read, all NaN. */
export function attentionInputs(
  f: GpuFixture,
  { count, start, heads, kvHeads, dim }: AttentionShape,
  format: KvFormat = 'f32',
): AttentionInputs {
  const random = new Random(start * 100 + count * 10 + dim);
  const gateHeadStride = 2 * dim;
  const width = heads * gateHeadStride;
  const gates = random.normal(count * width, 2).map((v, i) => (i % gateHeadStride < dim ? v : NaN));
  const gate = spacedRows({ count, width, offset: dim, stride: width + 8 }, gates);
  const q = random.normal(count * heads * dim);
  const cache = (name: string) => {
    const stored = packKv(format, random.normal((start + count) * kvHeads * dim), dim);
    const words = new Uint32Array(stored.length + kvHeads * kvRowWords(format, dim)).fill(nanWord);
    words.set(stored);
    return { host: unpackKv(format, stored, dim), device: f.upload(words, name) };
  };
  const [keys, values] = [cache('keys'), cache('values')];
  return {
    host: { q, keys: keys.host, values: values.host, gate, gateHeadStride },
    device: {
      q: f.upload(q, 'q'),
      cache: { format, keys: keys.device, values: values.device },
      gate: uploadRows(f, gate, 'gate'),
      gateHeadStride,
    },
  };
}
