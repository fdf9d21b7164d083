// Which kernel attention of few rows runs, and how often it reads the keys: counts of what a launch says, without a device's time.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { CommandList } from '../../../engine/gpu/dispatch.ts';
import type { PipelineSpec } from '../../../engine/gpu/pipeline.ts';
import { decodeTeamPlan } from '../../../engine/kernels/attention_decode_team.ts';
import { attentionFew, fewAttentionCacheBytes } from '../../../engine/kernels/attention_few.ts';
import { attentionTeamLanes } from '../../../engine/kernels/attention_team_plan.ts';
import { kvRowWords, type KvFormat } from '../../../engine/kernels/kv_cache.ts';
import { rows } from '../../../engine/kernels/launch.ts';

/** Heads of the 80B and of two dense models. */
const models = [
  { heads: 16, kvHeads: 2, dim: 256 },
  { heads: 16, kvHeads: 4, dim: 256 },
  { heads: 24, kvHeads: 4, dim: 256 },
];
const start = 1000;

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu({ software: false, emulateSubgroups: true, variant: { fewAttention: 'team' } });
});
afterAll(() => gpu.dispose());

describe.each(models)('$heads heads, $kvHeads of keys', shape => {
  test.each<KvFormat>(['f32', 'f16', 'q8'])(
    'a step reads its keys once, with drafts or without: %s',
    format => {
      const once = (count: number) => 2 * (start + count) * shape.kvHeads * 4 * kvRowWords(format, shape.dim);
      for (const count of [1, 2, 3, 4, 5, 8])
        expect(fewAttentionCacheBytes(gpu, format, { ...shape, count, start }), `${count} rows`).toBe(
          once(count),
        );
    },
  );

  test.each([4, 8])('so it does where a lane holds %i quads only', fewHeldQuads => {
    const { variant } = gpu;
    gpu.variant = { ...variant, fewHeldQuads };
    for (const count of [1, 2, 5])
      expect(fewAttentionCacheBytes(gpu, 'f16', { ...shape, count, start })).toBe(
        2 * (start + count) * shape.kvHeads * 4 * kvRowWords('f16', shape.dim),
      );
    gpu.variant = variant;
  });
});

test('a launch has a workgroup for each split and key head, in which all lines of a step have a team', () => {
  const shape = { count: 5, start, heads: 16, kvHeads: 2, dim: 256 };
  expect(attentionTeamLanes(gpu)).toBe(32);
  const plan = decodeTeamPlan(gpu, 'q8', shape);
  expect(plan).toMatchObject({ lines: 8, blocks: 5, lanes: 160, staged: true });
  const one = decodeTeamPlan(gpu, 'q8', { ...shape, count: 1 });
  expect(one).toMatchObject({ lines: 8, blocks: 1, phases: 4, lanes: 128, staged: false });
});

test('a device whose subgroups are not used runs the form that needs none', async () => {
  const specs: PipelineSpec[] = [];
  const none = await openGpu({ software: false, without: ['subgroups'], variant: { fewAttention: 'team' } });
  try {
    const tensor = none.buffers.create('any', [4], 'u32');
    const page = { positions: 128, words: 128 * 2 * 128 };
    const cache = { format: 'f16', page, keys: tensor, values: tensor, table: tensor } as const;
    const all = {
      q: tensor,
      partial: tensor,
      stats: tensor,
      o: tensor,
      gate: rows(tensor, 4),
      gateHeadStride: 4,
    };
    attentionFew(new CommandList(none, specs), { ...all, cache }, { ...models[0]!, count: 1, start });
    expect(specs.map(({ name }) => name)).toEqual(['attention_decode', 'attention_merge_wide']);
  } finally {
    none.dispose();
  }
});
