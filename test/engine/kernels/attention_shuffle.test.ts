import { test } from 'vitest';
import type { AttentionShape } from '../../../engine/kernels/attention_prefill.ts';
import { attentionShuffle } from '../../../engine/kernels/attention_shuffle.ts';
import type { KvFormat } from '../../../engine/kernels/kv_cache.ts';
import { attentionShuffle as reference } from '../../reference/attention_shuffle.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { attentionInputs } from '../../support/attention_inputs.ts';
import { describeShuffleKernel } from '../../support/gpu_fixture.ts';

const shapes: (AttentionShape & { name: string; format?: KvFormat })[] = [
  { name: 'one row at the start, the smallest head', count: 1, start: 0, heads: 1, kvHeads: 1, dim: 4 },
  { name: 'a head that is no multiple of 32', count: 7, start: 3, heads: 2, kvHeads: 2, dim: 20 },
  { name: 'an odd batch from the start', count: 63, start: 0, heads: 4, kvHeads: 2, dim: 36 },
  { name: 'eight and nine rows after others', count: 9, start: 17, heads: 3, kvHeads: 1, dim: 64 },
  { name: 'real heads', count: 8, start: 40, heads: 8, kvHeads: 1, dim: 256 },
  {
    name: 'halves in heads of half a load',
    count: 9,
    start: 3,
    heads: 4,
    kvHeads: 2,
    dim: 20,
    format: 'f16',
  },
  {
    name: '8 bits, an odd number of groups',
    count: 10,
    start: 5,
    heads: 3,
    kvHeads: 1,
    dim: 96,
    format: 'q8',
  },
  { name: 'real heads in halves', count: 8, start: 40, heads: 8, kvHeads: 1, dim: 256, format: 'f16' },
  { name: 'real heads in 8 bits', count: 8, start: 40, heads: 8, kvHeads: 1, dim: 256, format: 'q8' },
];

describeShuffleKernel('attention_shuffle', fixture => {
  test.each(shapes)(
    'attends to all positions up to its own: $name',
    async ({ name: _, format, ...shape }) => {
      const f = fixture();
      const { host, device } = attentionInputs(f, shape, format);
      const o = f.poisoned(shape.count * shape.heads * shape.dim + 4);
      await f.run(list => attentionShuffle(list, { ...device, o }, shape));
      const want = [...reference(host, shape), NaN, NaN, NaN, NaN];
      expectClose(await f.floats(o), want, tolerances.sum);
    },
  );
});
