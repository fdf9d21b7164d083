// Attention of a batch in pieces, by rows and by keys, is what it is in one; and what pieces are said to cost.
import { describe, expect, test } from 'vitest';
import { openGpu, type OpenGpuOptions } from '../../../engine/gpu/device.ts';
import { CommandList, type Dispatch } from '../../../engine/gpu/dispatch.ts';
import { workNow } from '../../../engine/gpu/encoded_kernel.ts';
import type { PipelineSpec } from '../../../engine/gpu/pipeline.ts';
import type { Work } from '../../../engine/shared/prediction/cost.ts';
import {
  attentionBatch,
  attentionPiece,
  batchLaunch,
  type AttentionPiece,
} from '../../../engine/kernels/attention_batch.ts';
import type { SplitAttentionTensors } from '../../../engine/kernels/attention_few.ts';
import { splitRowsMax } from '../../../engine/kernels/decode_plan.ts';
import { batchTeamPlan } from '../../../engine/kernels/attention_team.ts';
import { attentionWork } from '../../../engine/kernels/work.ts';
import { attentionPrefill as reference } from '../../reference/attention_prefill.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { attentionInputs } from '../../support/attention_inputs.ts';
import { GpuFixture } from '../../support/gpu_fixture.ts';

const shape = { count: 21, start: 290, heads: 6, kvHeads: 2, dim: 20 };
const gpuLanes = { software: false, rolledLoops: true };
const devices: (OpenGpuOptions & { name: string })[] = [
  { name: 'this device', software: true },
  { name: 'a lane a query', software: true, variant: { attention: 'prefill' } },
  { name: 'tiles', ...gpuLanes },
  { name: 'teams', ...gpuLanes, variant: { attention: 'team', groupsInFlight: 1 } },
];

/** Rows 0 … 6, 7 … 9 and 10 … 20, and of the last ones the keys in three parts. */
const pieces: AttentionPiece[] = [
  { firstRow: 0, rows: 7 },
  { firstRow: 7, rows: 3 },
  { firstRow: 10, rows: 11, keys: { splits: 3, first: 0, count: 1 } },
  { firstRow: 10, rows: 11, keys: { splits: 3, first: 1, count: 2 } },
];

/** Notes what kernels have to do, and runs nothing. */
class Counting extends CommandList {
  readonly works: Work[] = [];
  override dispatch({ work }: Dispatch): void {
    this.works.push(workNow({ work }));
  }
  get operations(): number {
    return this.works.reduce((sum, { kind, operations }) => sum + (kind === 'attention' ? operations : 0), 0);
  }
}

/** Tensors for what is never run. */
function nowhere(f: GpuFixture): SplitAttentionTensors {
  const tensor = f.poisoned(4);
  const page = { positions: 128, words: 128 };
  const cache = { format: 'f32', page, keys: tensor, values: tensor, table: tensor } as const;
  const gate = { tensor, offset: 0, stride: 4 };
  return { q: tensor, partial: tensor, stats: tensor, o: tensor, gate, gateHeadStride: 4, cache };
}

async function withFixture(options: OpenGpuOptions, run: (f: GpuFixture) => Promise<void>): Promise<void> {
  const f = new GpuFixture(await openGpu(options));
  try {
    await run(f);
  } finally {
    f.freeAll();
    f.gpu.dispose();
  }
}

describe.each(devices)('$name', ({ name, ...options }) => {
  test('pieces are what the whole is', () =>
    withFixture(options, async f => {
      const { host, device } = attentionInputs(f, shape);
      const size = shape.count * shape.heads * shape.dim;
      const scratch = {
        partial: f.poisoned(splitRowsMax * shape.heads * shape.dim, 'partial'),
        stats: f.poisoned(splitRowsMax * shape.heads * 2, 'stats'),
      };
      const want = [...reference(host, shape), NaN, NaN, NaN, NaN];
      const whole = f.poisoned(size + 4);
      await f.run(list => attentionBatch(list, { ...device, ...scratch, o: whole }, shape));
      expectClose(await f.floats(whole), want, tolerances.sum);
      const inPieces = f.poisoned(size + 4);
      for (const piece of pieces)
        await f.run(list => attentionPiece(list, { ...device, ...scratch, o: inPieces }, shape, piece));
      expectClose(await f.floats(inPieces), want, tolerances.sum, `${name} in pieces`);
      // The arithmetic of a row does not depend on which rows go with it.
      const ten = 10 * shape.heads * shape.dim;
      expect((await f.floats(inPieces)).slice(0, ten)).toEqual((await f.floats(whole)).slice(0, ten));
    }));

  test('work is counted: pieces add up to the whole', () =>
    withFixture(options, async f => {
      const operations = (all: AttentionPiece[]): number => {
        const list = new Counting(f.gpu);
        for (const piece of all) attentionPiece(list, nowhere(f), shape, piece);
        return list.operations;
      };
      let pairs = 0;
      for (let row = 0; row < shape.count; row++) pairs += shape.start + row + 1;
      expect(operations([{ firstRow: 0, rows: shape.count }])).toBe(4 * shape.dim * shape.heads * pairs);
      expect(operations(pieces)).toBe(4 * shape.dim * shape.heads * pairs);
    }));
});

test('a GPU is busy with few rows over many keys, and reads keys once for 64 lines', () =>
  withFixture(
    { ...gpuLanes, emulateSubgroups: true, variant: { attention: 'team', groupsInFlight: 512 } },
    async ({ gpu }) => {
      const model = { heads: 16, kvHeads: 2, dim: 256 };
      const of = (count: number, start: number) => batchLaunch(gpu, 'f16', { ...model, count, start });
      expect(of(16, 131_072).workgroups).toBeGreaterThanOrEqual(256);
      expect(of(128, 131_072).workgroups).toBeGreaterThanOrEqual(256);
      expect(of(2048, 131_072).workgroups).toBe(512);
      // Few keys are not worth joining.
      expect(of(16, 100).workgroups).toBe(4);
      // 16 rows of 8 heads for each key head: two workgroups read a key.
      expect(of(16, 131_072).readers).toBe(2);
      // 64 lines, and two barriers for 8 keys.
      const plan = batchTeamPlan(gpu, 'f16', 256);
      expect(plan).toMatchObject({ lines: 8, blocks: 8, lanes: 256, tile: 8, staged: true });
    },
  ));

test('on a GPU rows that are too much for a submission are cut by keys, and none of the pieces is', () =>
  withFixture(gpuLanes, async f => {
    const { gpu } = f;
    const [heads, dim] = [4, 32];
    const long = { count: 24, start: 1_000_000, heads, kvHeads: 2, dim };
    Object.assign(gpu.submissions, {
      budgetMs: gpu.estimate.ms(attentionWork({ ...long, format: 'f32', count: 8 })) / 3.5,
    });
    const list = new Counting(gpu);
    attentionBatch(list, nowhere(f), long);
    const attention = list.works.filter(({ kind }) => kind === 'attention');
    expect(attention).toHaveLength(3 * 4);
    for (const work of attention) expect(gpu.estimate.ms(work)).toBeLessThanOrEqual(gpu.submissions.budgetMs);
    expect(list.operations).toBe(attentionWork({ ...long, format: 'f32' }).operations);
    expect(list.works.filter(({ kind }) => kind === 'rows')).toHaveLength(3);
  }));

test('all kernels that other positions need are compiled with the first, and none in vain', async () => {
  const named = (f: GpuFixture, piece: AttentionPiece = { firstRow: 0, rows: shape.count }): string[] => {
    const specs: PipelineSpec[] = [];
    attentionPiece(new CommandList(f.gpu, specs), nowhere(f), shape, piece);
    return specs.map(({ name }) => name);
  };
  await withFixture({ software: true }, async f => {
    const [whole, ...split] = named(f, pieces[3]);
    expect(named(f)).toEqual([whole]);
    expect(split).toHaveLength(2);
  });
  await withFixture({ ...gpuLanes, emulateSubgroups: true, variant: { attention: 'team' } }, async f => {
    expect(named(f)).toEqual(['attention_team', 'attention_decode_team', 'attention_merge_wide']);
  });
});
