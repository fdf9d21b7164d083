import { expect, test } from 'vitest';
import { expertGateUp, type GateUp } from '../../../engine/kernels/expert_gate_up.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { expertGateUp as reference } from '../../reference/expert_gate_up.ts';
import type { Matrix } from '../../reference/matmul_vec.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { choiceWords, randomChoice } from '../../support/choice.ts';
import { inFullRun } from '../../support/full.ts';
import { describeMatvec, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { uploadMatrix } from '../../support/weights.ts';

const all = { slotStart: 0, firstExpert: 0 };
interface Case {
  name: string;
  format: WeightFormat;
  count: number;
  experts: number;
  chosen: number;
  /** Experts of the matrix. */
  stored: number;
  width: number;
  columns: number;
  slotStart: number;
  slotCount: number;
  firstExpert: number;
  partStarts: number[];
}

const alike: readonly Case[] = [
  {
    ...{
      name: 'one token, the shared expert among the others',
      format: 'Q8_0',
      count: 1,
      experts: 5,
      chosen: 3,
    },
    stored: 6,
    width: 33,
    columns: 64,
    slotCount: 4,
    ...all,
    partStarts: [0, 2],
  },
  {
    name: 'three tokens, the routed slots only',
    format: 'F32',
    count: 3,
    experts: 4,
    chosen: 2,
    stored: 4,
    width: 5,
    columns: 48,
    slotCount: 2,
    ...all,
    partStarts: [0, 1],
  },
  {
    name: 'the shared expert on its own',
    format: 'Q5_1',
    count: 2,
    experts: 7,
    chosen: 2,
    stored: 1,
    width: 16,
    columns: 96,
    slotStart: 2,
    slotCount: 1,
    firstExpert: 7,
    partStarts: [0],
  },
];

describeMatvec('expert_gate_up', 'few teams', (fixture, device) => {
  test.each(alike)('multiplies by the chosen experts: $name', async c => {
    const { format, count, experts, chosen, stored, width, columns } = c;
    const { slotStart, slotCount, firstExpert, partStarts } = c;
    const f = fixture();
    const random = new Random(width + columns);
    const { w, dense } = uploadMatrix(f, random, {
      format,
      rows: stored * 2 * width,
      columns,
      partStarts: partStarts.map(expert => expert * 2 * width),
    });
    const choice = randomChoice(random, { count, experts, chosen });
    const x = { values: random.normal(count * columns), offset: 0, stride: columns };
    const gain = random.uniform(columns, 2);
    const slots = chosen + 1;
    const hiddenStride = width + 7;
    const hidden = f.poisoned(count * slots * hiddenStride, 'hidden');
    await f.run(list =>
      expertGateUp(
        list,
        {
          x: { tensor: f.upload(x.values), offset: 0, stride: columns },
          gain: f.upload(gain),
          stacks: [{ w: [w], width, slotStart, slotCount, firstExpert, expertCount: stored }],
          choice: { tensor: f.upload(choiceWords(choice)), slots },
          hidden,
        },
        { count, hiddenStride, eps: 1e-6 },
      ),
    );
    const values = reference({ x, gain, w: dense, choice }, { width, eps: 1e-6, firstExpert });
    const want = new Array<number>(count * slots * hiddenStride).fill(NaN);
    for (let entry = 0; entry < count * slots; entry++) {
      const slot = entry % slots;
      if (slot < slotStart || slot >= slotStart + slotCount) continue;
      for (let i = 0; i < width; i++) want[entry * hiddenStride + i] = values[entry * width + i] as number;
    }
    // Two sums are multiplied, so their errors add up.
    expectClose(await f.floats(hidden), want, { ...tolerances.dot, absolute: 4e-4, relative: 1e-4 });
  });

  const stored = (f: GpuFixture, random: Random, formats: readonly WeightFormat[], sizes: StackSizes) => {
    const { experts, width, columns } = sizes;
    const apart = formats.length === 2;
    const made = formats.map(format =>
      uploadMatrix(f, random, { format, rows: experts * width * (apart ? 1 : 2), columns }),
    );
    // Gate and up rows of each expert, as the reference takes them.
    const rowOf = (expert: number, half: number, row: number) => {
      const { dense } = made[apart ? half : 0]!;
      const at = apart ? expert * width + row : (2 * expert + half) * width + row;
      return Array.from({ length: columns }, (_, k) => dense.values[at * columns + k] as number);
    };
    const values = Float64Array.from(
      range(experts).flatMap(e => range(2).flatMap(h => range(width).flatMap(row => rowOf(e, h, row)))),
    );
    return {
      w: made.map(({ w }) => w) as unknown as GateUp,
      dense: { values, rows: 2 * experts * width, columns },
    };
  };

  const cases = [
    {
      routed: ['Q8_0', 'Q5_1'],
      shared: ['Q8_0'],
      width: 9,
      sharedWidth: 9,
      launches: 1,
      bindings: 16,
    },
    { routed: ['Q8_0'], shared: ['F32'], width: 33, sharedWidth: 33, launches: 1, bindings: 16 },
    { routed: ['Q8_0'], shared: ['Q5_1'], width: 6, sharedWidth: 20, launches: 1, bindings: 16 },
    { routed: ['Q8_0'], shared: ['F32', 'Q8_0'], width: 5, sharedWidth: 7, launches: 1, bindings: 16 },
    { routed: ['Q5_1'], shared: ['Q5_1'], width: 5, sharedWidth: 7, launches: 2, bindings: 8 },
  ] as const;
  const everyDay = device.software ? cases : cases.slice(0, 1);
  test.each(inFullRun<readonly (typeof cases)[number][]>(cases, everyDay))(
    'routed experts in $routed and another in $shared take $launches',
    async c => {
      const f = fixture();
      const { width, sharedWidth } = c;
      const random = new Random(width + sharedWidth);
      const [count, experts, chosen, columns] = [2, 4, 2, 64];
      const routed = stored(f, random, c.routed, { experts, width, columns });
      const shared = stored(f, random, c.shared, { experts: 1, width: sharedWidth, columns });
      const choice = randomChoice(random, { count, experts, chosen });
      const x = { values: random.normal(count * columns), offset: 0, stride: columns };
      const gain = random.uniform(columns, 2);
      const slots = chosen + 1;
      const hiddenStride = Math.max(width, sharedWidth) + 3;
      const hidden = f.poisoned(count * slots * hiddenStride, 'hidden');
      const { storageBuffersPerStageMax } = f.gpu.limits;
      f.gpu.limits.storageBuffersPerStageMax = c.bindings;
      let launches = 0;
      await f.run(list => {
        expertGateUp(
          list,
          {
            x: { tensor: f.upload(x.values), offset: 0, stride: columns },
            gain: f.upload(gain),
            stacks: [
              { w: routed.w, width, slotStart: 0, slotCount: chosen, firstExpert: 0, expertCount: experts },
              {
                w: shared.w,
                width: sharedWidth,
                slotStart: chosen,
                slotCount: 1,
                firstExpert: experts,
                expertCount: 1,
              },
            ],
            choice: { tensor: f.upload(choiceWords(choice)), slots },
            hidden,
          },
          { count, hiddenStride, eps: 1e-6 },
        );
        launches = list.dispatchCount;
      });
      f.gpu.limits.storageBuffersPerStageMax = storageBuffersPerStageMax;
      expect(launches).toBe(c.launches);
      const of = (w: Matrix, width: number, firstExpert: number) =>
        reference({ x, gain, w, choice }, { width, eps: 1e-6, firstExpert });
      const [first, second] = [of(routed.dense, width, 0), of(shared.dense, sharedWidth, experts)];
      const want = new Array<number>(count * slots * hiddenStride).fill(NaN);
      for (let entry = 0; entry < count * slots; entry++) {
        const [values, own] = entry % slots === chosen ? [second, sharedWidth] : [first, width];
        for (let i = 0; i < own; i++) want[entry * hiddenStride + i] = values[entry * own + i] as number;
      }
      expectClose(await f.floats(hidden), want, { ...tolerances.dot, absolute: 4e-4, relative: 1e-4 });
    },
  );
});

interface StackSizes {
  experts: number;
  width: number;
  columns: number;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
