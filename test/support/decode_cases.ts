// The tests all kernels of flash decode must pass: their splits against the reference, and joined by attention_merge.
import { test } from 'vitest';
import type { attentionDecode } from '../../engine/kernels/attention_decode.ts';
import { attentionMerge } from '../../engine/kernels/attention_merge.ts';
import type { AttentionShape } from '../../engine/kernels/attention_prefill.ts';
import { decodeRule, splitPlan, type SplitRule } from '../../engine/kernels/decode_plan.ts';
import type { Gpu } from '../../engine/gpu/device.ts';
import type { KvFormat } from '../../engine/kernels/kv_cache.ts';
import type { attentionDecode as referenceDecode } from '../reference/attention_decode.ts';
import { attentionPrefill as referenceWhole } from '../reference/attention_prefill.ts';
import { expectClose, tolerances } from './all_close.ts';
import { attentionInputs } from './attention_inputs.ts';
import { isFullRun } from './full.ts';
import type { GpuFixture } from './gpu_fixture.ts';

type Kernel = typeof attentionDecode;
type Reference = typeof referenceDecode;

const lengths = [1, 127, 128, 129, 600];
const shapes: (AttentionShape & { name: string; format?: KvFormat })[] = [
  ...lengths.map(length => ({
    name: `one row over ${length} keys`,
    count: 1,
    start: length - 1,
    heads: 4,
    kvHeads: 2,
    dim: 20,
  })),
  { name: 'the smallest head', count: 1, start: 6, heads: 1, kvHeads: 1, dim: 4 },
  { name: 'more queries than share a key', count: 5, start: 126, heads: 6, kvHeads: 2, dim: 12 },
  { name: 'three rows across a split border', count: 3, start: 254, heads: 3, kvHeads: 1, dim: 36 },
  { name: 'more keys than the shortest splits take', count: 2, start: 4095, heads: 1, kvHeads: 1, dim: 4 },
  { name: 'real heads', count: 1, start: 300, heads: 8, kvHeads: 1, dim: 256 },
  {
    name: 'halves in heads of half a load',
    count: 2,
    start: 130,
    heads: 6,
    kvHeads: 2,
    dim: 20,
    format: 'f16',
  },
  {
    name: '8 bits, an odd number of groups',
    count: 3,
    start: 254,
    heads: 3,
    kvHeads: 1,
    dim: 96,
    format: 'q8',
  },
  { name: 'real heads in halves', count: 1, start: 300, heads: 16, kvHeads: 2, dim: 256, format: 'f16' },
  { name: 'real heads in 8 bits', count: 1, start: 300, heads: 16, kvHeads: 2, dim: 256, format: 'q8' },
  { name: 'rows of real heads', count: 3, start: 70, heads: 8, kvHeads: 1, dim: 256, format: 'q8' },
  { name: 'a real head in halves', count: 1, start: 300, heads: 1, kvHeads: 1, dim: 256, format: 'f16' },
  { name: 'a real head in 8 bits', count: 1, start: 300, heads: 1, kvHeads: 1, dim: 256, format: 'q8' },
];
/**
 * Left to a full run by each form, since every shape compiles anew, some for a quarter of a minute. Every day all formats run at the
 * width of a real head; a real head has eight queries, which run in f32, and with the lanes of a GPU in halves too.
 */
const notEveryDay = {
  software: [
    'three rows across a split border',
    'halves in heads of half a load',
    '8 bits, an odd number of groups',
    'real heads',
    'real heads in halves',
    'real heads in 8 bits',
    'rows of real heads',
  ],
  gpu: [
    'halves in heads of half a load',
    '8 bits, an odd number of groups',
    'a real head in halves',
    'real heads in 8 bits',
    'rows of real heads',
  ],
  shuffle: ['a real head in halves', 'a real head in 8 bits', 'rows of real heads'],
  team: [
    'the smallest head',
    'more queries than share a key',
    'three rows across a split border',
    'real heads',
    'halves in heads of half a load',
    '8 bits, an odd number of groups',
    'real heads in 8 bits',
    'a real head in halves',
    'rows of real heads',
  ],
  'wide team': [
    'one row over 1 keys',
    'one row over 127 keys',
    'one row over 600 keys',
    'the smallest head',
    'more queries than share a key',
    'real heads',
    'halves in heads of half a load',
    '8 bits, an odd number of groups',
    'real heads in 8 bits',
    'a real head in halves',
    'a real head in 8 bits',
  ],
};

/** Declares the tests of `kernel` against `reference`, and of both stages against the whole attention. */
export function describeDecode(
  fixture: () => GpuFixture,
  kernel: Kernel,
  reference: Reference,
  form: keyof typeof notEveryDay,
  ruleOf: (gpu: Gpu, format: KvFormat, shape: AttentionShape) => SplitRule = (gpu, _format, shape) =>
    decodeRule(gpu, shape),
): void {
  const wanted = shapes.filter(({ name }) => isFullRun || !notEveryDay[form].includes(name));
  test.each(wanted)(
    'gives partial sums and their scale of every split: $name',
    async ({ name: _, format, ...shape }) => {
      const f = fixture();
      const { count, start, heads, dim } = shape;
      const rule = ruleOf(f.gpu, format ?? 'f32', shape);
      const plan = splitPlan(rule, start + count);
      const { host, device } = attentionInputs(f, shape, format);
      const partial = f.poisoned(count * heads * plan.splits * dim, 'partial');
      const stats = f.poisoned(count * heads * plan.splits * 2, 'stats');
      const o = f.poisoned(count * heads * dim + 4);
      await f.run(list => {
        kernel(list, { ...device, partial, stats }, shape, { rule });
        attentionMerge(
          list,
          { partial, stats, gate: device.gate, o },
          { count, heads, dim, splits: plan.splits, gateHeadStride: device.gateHeadStride },
        );
      });
      const want = reference(host, shape, plan);
      expectClose(await f.floats(partial), want.partial, tolerances.sum, 'partial');
      expectClose(await f.floats(stats), want.stats, tolerances.sum, 'stats');
      const whole = [...referenceWhole(host, shape), NaN, NaN, NaN, NaN];
      expectClose(await f.floats(o), whole, tolerances.sum, 'o');
    },
  );
}
