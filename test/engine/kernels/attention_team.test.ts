import { test } from 'vitest';
import type { AttentionShape } from '../../../engine/kernels/attention_prefill.ts';
import { attentionTeam } from '../../../engine/kernels/attention_team.ts';
import type { KvFormat } from '../../../engine/kernels/kv_cache.ts';
import { attentionTeam as reference } from '../../reference/attention_team.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { attentionInputs } from '../../support/attention_inputs.ts';
import { isFullRun } from '../../support/full.ts';
import { describeTeams } from '../../support/gpu_fixture.ts';

const dim = 256;
interface Shape extends AttentionShape {
  name: string;
  format?: KvFormat;
  /** Run every day: by teams of the device's own subgroups, or of 32 lanes. */
  daily?: 'own' | 'wide';
}
const shapes: Shape[] = [
  { name: 'one row at the start, the smallest head', count: 1, start: 0, heads: 1, kvHeads: 1, dim: 4 },
  { name: 'a batch from the start', count: 67, start: 0, heads: 6, kvHeads: 2, dim: 20, daily: 'own' },
  {
    name: 'heads of a real model',
    count: 9,
    start: 30,
    heads: 8,
    kvHeads: 1,
    dim,
    format: 'f16',
    daily: 'wide',
  },
  {
    name: 'lines over workgroups',
    count: 17,
    start: 21,
    heads: 16,
    kvHeads: 2,
    dim,
    format: 'f16',
    daily: 'wide',
  },
  {
    name: 'a tile of keys exactly',
    count: 8,
    start: 56,
    heads: 8,
    kvHeads: 1,
    dim,
    format: 'f16',
    daily: 'wide',
  },
  {
    name: 'one key more than a tile',
    count: 9,
    start: 56,
    heads: 8,
    kvHeads: 1,
    dim,
    format: 'f16',
    daily: 'wide',
  },
  { name: 'f32', count: 5, start: 70, heads: 8, kvHeads: 1, dim },
  { name: '8 bits', count: 3, start: 61, heads: 8, kvHeads: 1, dim, format: 'q8', daily: 'own' },
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
];

describeTeams('attention_team', (fixture, { wide }) => {
  test.each(shapes.filter(({ daily }) => isFullRun || daily === (wide ? 'wide' : 'own')))(
    'attends to all positions up to its own: $name',
    async ({ name: _, format, daily: _daily, ...shape }) => {
      const f = fixture();
      const { host, device } = attentionInputs(f, shape, format);
      const o = f.poisoned(shape.count * shape.heads * shape.dim + 4);
      await f.run(list => attentionTeam(list, { ...device, o }, shape));
      const want = [...reference(host, shape), NaN, NaN, NaN, NaN];
      expectClose(await f.floats(o), want, tolerances.sum);
    },
  );
});
