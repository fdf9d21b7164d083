// Random inputs of an attention call; the gate lies beside each query head, as the projection lays them out, and all else is NaN.
import type { AttentionShape, AttentionTensors } from '../../engine/kernels/attention_prefill.ts';
import { kvRowWords, type KvFormat } from '../../engine/kernels/kv_cache.ts';
import type { Numbers, Rows } from '../reference/rows.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import { intoPages, pagedText } from './kv_pages.ts';
import { packKv, unpackKv } from './kv_rows.ts';
import { Random } from './random.ts';
import { spacedRows, uploadRows } from './spaced_rows.ts';

export interface AttentionInputs {
  host: { q: Numbers; keys: Numbers; values: Numbers; gate: Rows; gateHeadStride: number };
  device: Omit<AttentionTensors, 'o'>;
}

/** Keys and values are what a cache of this format keeps of random ones; all else in its pages is NaN. */
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
  const text = pagedText(start + count, kvHeads * kvRowWords(format, dim));
  const cache = (name: string) => {
    const stored = packKv(format, random.normal((start + count) * kvHeads * dim), dim);
    return { host: unpackKv(format, stored, dim), device: f.upload(intoPages(text, stored), name) };
  };
  const [keys, values] = [cache('keys'), cache('values')];
  return {
    host: { q, keys: keys.host, values: values.host, gate, gateHeadStride },
    device: {
      q: f.upload(q, 'q'),
      cache: {
        format,
        page: text.page,
        keys: keys.device,
        values: values.device,
        table: f.upload(text.table, 'table'),
      },
      gate: uploadRows(f, gate, 'gate'),
      gateHeadStride,
    },
  };
}
