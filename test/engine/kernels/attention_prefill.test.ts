import { test } from 'vitest';
import { attentionPrefill, type AttentionShape } from '../../../engine/kernels/attention_prefill.ts';
import type { KvFormat } from '../../../engine/kernels/kv_cache.ts';
import { attentionPrefill as reference } from '../../reference/attention_prefill.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { attentionInputs } from '../../support/attention_inputs.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { intoPages, pagedText } from '../../support/kv_pages.ts';

const shapes: (AttentionShape & { name: string; format?: KvFormat })[] = [
  { name: 'one row at the start, the smallest head', count: 1, start: 0, heads: 1, kvHeads: 1, dim: 4 },
  { name: 'an odd batch from the start', count: 63, start: 0, heads: 4, kvHeads: 2, dim: 20 },
  { name: 'a batch after others, over two workgroups', count: 65, start: 17, heads: 3, kvHeads: 1, dim: 12 },
  { name: 'real heads', count: 5, start: 40, heads: 8, kvHeads: 1, dim: 256 },
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

describeKernel('attention_prefill', fixture => {
  test.each(shapes)(
    'attends to all positions up to its own: $name',
    async ({ name: _, format, ...shape }) => {
      const f = fixture();
      const { host, device } = attentionInputs(f, shape, format);
      const o = f.poisoned(shape.count * shape.heads * shape.dim + 4);
      await f.run(list => attentionPrefill(list, { ...device, o }, shape));
      const want = [...reference(host, shape), NaN, NaN, NaN, NaN];
      expectClose(await f.floats(o), want, tolerances.sum);
    },
  );

  test('scores far apart do not overflow the softmax', async () => {
    const f = fixture();
    const shape = { count: 3, start: 0, heads: 1, kvHeads: 1, dim: 4 };
    const { host, device } = attentionInputs(f, shape);
    const text = pagedText(3, 4);
    const q = new Float32Array(12).map((_, i) => (i % 4 === 0 ? 400 : 0));
    const keys = new Float32Array(16).map((_, i) => [1, -1, 0.5, NaN][Math.floor(i / 4)] as number);
    const inText = intoPages(text, new Uint32Array(keys.buffer));
    const o = f.poisoned(12);
    await f.run(list =>
      attentionPrefill(
        list,
        { ...device, q: f.upload(q), cache: { ...device.cache, keys: f.upload(inText) }, o },
        shape,
      ),
    );
    expectClose(await f.floats(o), reference({ ...host, q, keys }, shape), tolerances.sum);
  });
});
