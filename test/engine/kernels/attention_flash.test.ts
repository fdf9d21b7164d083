import { test } from 'vitest';
import { attentionFlash } from '../../../engine/kernels/attention_flash.ts';
import type { AttentionShape } from '../../../engine/kernels/attention_prefill.ts';
import type { KvFormat } from '../../../engine/kernels/kv_cache.ts';
import { attentionFlash as reference } from '../../reference/attention_flash.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { attentionInputs } from '../../support/attention_inputs.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { intoPages, pagedText } from '../../support/kv_pages.ts';

const dim = 256;
const shapes: (AttentionShape & { name: string; format?: KvFormat })[] = [
  { name: 'heads of a real model', count: 9, start: 130, heads: 8, kvHeads: 1, dim, format: 'f16' },
  { name: 'lines over workgroups and tiles', count: 37, start: 31, heads: 6, kvHeads: 2, dim, format: 'f16' },
  { name: 'a tile of keys exactly', count: 16, start: 48, heads: 3, kvHeads: 1, dim, format: 'f16' },
  { name: 'one key more than a tile', count: 17, start: 48, heads: 1, kvHeads: 1, dim, format: 'f16' },
];
const others: typeof shapes = [
  { name: 'one row at the start, the smallest head', count: 1, start: 0, heads: 1, kvHeads: 1, dim: 4 },
  { name: 'a batch from the start', count: 67, start: 0, heads: 6, kvHeads: 2, dim: 20 },
  { name: 'f32', count: 5, start: 70, heads: 8, kvHeads: 1, dim },
  { name: '8 bits', count: 3, start: 61, heads: 8, kvHeads: 1, dim, format: 'q8' },
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
  { name: 'a head of more than 32 quads, not 64', count: 11, start: 9, heads: 2, kvHeads: 1, dim: 144 },
];

describeKernel('attention_flash', (fixture, { software }) => {
  // Each width and format is a compilation of seconds, and the lanes of a GPU differ in nothing but unrolled loops.
  test.each(software ? [...shapes, ...others] : shapes)(
    'attends to all positions up to its own: $name',
    async ({ name: _, format, ...shape }) => {
      const f = fixture();
      const { host, device } = attentionInputs(f, shape, format);
      const o = f.poisoned(shape.count * shape.heads * shape.dim + 4);
      await f.run(list => attentionFlash(list, { ...device, o }, shape));
      const want = [...reference(host, shape), NaN, NaN, NaN, NaN];
      expectClose(await f.floats(o), want, tolerances.sum);
    },
  );

  if (!software) return;
  test('scores far apart do not overflow the softmax', async () => {
    const f = fixture();
    const shape = { count: 3, start: 0, heads: 1, kvHeads: 1, dim: 4 };
    const { host, device } = attentionInputs(f, shape);
    const text = pagedText(3, 4);
    const q = new Float32Array(12).map((_, i) => (i % 4 === 0 ? 400 : 0));
    const keys = new Float32Array(16).map((_, i) => [1, -1, 0.5, NaN][Math.floor(i / 4)] as number);
    const inText = intoPages(text, new Uint32Array(keys.buffer));
    const o = f.poisoned(12);
    const cache = { ...device.cache, keys: f.upload(inText) };
    await f.run(list => attentionFlash(list, { ...device, q: f.upload(q), cache, o }, shape));
    expectClose(await f.floats(o), reference({ ...host, q, keys }, shape), tolerances.sum);
  });
});
