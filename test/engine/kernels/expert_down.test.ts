import { expect, test } from 'vitest';
import { expertDown } from '../../../engine/kernels/expert_down.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { expertDown as reference } from '../../reference/expert_down.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { choiceWords, randomChoice } from '../../support/choice.ts';
import { describeMatvec } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';
import { uploadMatrix } from '../../support/weights.ts';

interface Case {
  name: string;
  format: WeightFormat;
  count: number;
  experts: number;
  chosen: number;
  /** Experts of the matrix. */
  stored: number;
  outputs: number;
  columns: number;
  slotStart: number;
  slotCount: number;
  firstExpert: number;
  partStarts: number[];
}

const cases: readonly Case[] = [
  {
    name: 'one token, experts in two parts',
    format: 'Q8_0',
    count: 1,
    experts: 5,
    chosen: 3,
    ...{
      stored: 6,
      outputs: 37,
      columns: 64,
      slotStart: 0,
      slotCount: 4,
      firstExpert: 0,
      partStarts: [0, 4],
    },
  },
  {
    name: 'the routed slots of four tokens',
    format: 'F32',
    count: 4,
    experts: 3,
    chosen: 2,
    stored: 3,
    outputs: 66,
    columns: 16,
    slotStart: 0,
    slotCount: 2,
    firstExpert: 0,
    partStarts: [0],
  },
  {
    name: 'the shared expert on its own',
    format: 'Q5_1',
    count: 2,
    experts: 7,
    chosen: 2,
    stored: 1,
    outputs: 5,
    columns: 96,
    slotStart: 2,
    slotCount: 1,
    firstExpert: 7,
    partStarts: [0],
  },
];

describeMatvec('expert_down', 'few teams', fixture => {
  test.each(cases)('adds the chosen experts: $name', async c => {
    const { format, count, experts, chosen, stored, outputs, columns } = c;
    const { slotStart, slotCount, firstExpert, partStarts } = c;
    const f = fixture();
    const random = new Random(outputs + columns);
    const { w, dense } = uploadMatrix(f, random, {
      format,
      rows: stored * outputs,
      columns,
      partStarts: partStarts.map(expert => expert * outputs),
    });
    const choice = randomChoice(random, { count, experts, chosen });
    const slots = chosen + 1;
    const hiddenStride = columns + 4;
    const hidden = random.normal(count * slots * columns);
    const laid = spacedRows(
      { count: count * slots, width: columns, offset: 0, stride: hiddenStride },
      hidden,
    );
    // Slots that do not count hold NaN.
    const counts = (slot: number) => slot >= slotStart && slot < slotStart + slotCount;
    for (let entry = 0; entry < count * slots; entry++)
      if (!counts(entry % slots)) laid.values.fill(NaN, entry * hiddenStride, (entry + 1) * hiddenStride);
    const shape = { count, width: outputs, offset: 0, stride: outputs + 3 };
    const before = spacedRows(shape, random.normal(count * outputs));
    const y = uploadRows(f, before, 'y');
    await f.run(list =>
      expertDown(
        list,
        {
          hidden: f.upload(laid.values),
          stacks: [{ w, width: columns, slotStart, slotCount, firstExpert, expertCount: stored }],
          choice: { tensor: f.upload(choiceWords(choice)), slots },
          y,
        },
        { count, outputs, hiddenStride },
      ),
    );
    const seen = choice.map(row =>
      row.map((chosen, slot) => (counts(slot) ? chosen : { id: -1, weight: 0 })),
    );
    const want = reference({ hidden, w: dense, choice: seen, y: before }, { outputs, firstExpert });
    expectClose(await f.floats(y.tensor), spacedRows(shape, want).values, tolerances.dot, 'y');
  });

  test('the expert behind the others joins their launch when it is stored in another type', async () => {
    const f = fixture();
    const random = new Random(3);
    const [count, experts, chosen, outputs, width, sharedWidth] = [2, 4, 2, 37, 32, 64];
    const routed = uploadMatrix(f, random, { format: 'Q8_0', rows: experts * outputs, columns: width });
    const shared = uploadMatrix(f, random, { format: 'Q5_1', rows: outputs, columns: sharedWidth });
    const choice = randomChoice(random, { count, experts, chosen });
    const slots = chosen + 1;
    const hidden = random.normal(count * slots * sharedWidth);
    const before = { values: random.normal(count * outputs), offset: 0, stride: outputs };
    const y = f.upload(before.values);
    let launches = 0;
    await f.run(list => {
      expertDown(
        list,
        {
          hidden: f.upload(hidden),
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
          y: rows(y, outputs),
        },
        { count, outputs, hiddenStride: sharedWidth },
      );
      launches = list.dispatchCount;
    });
    expect(launches).toBe(1);
    // The narrower experts have the first values of a slot.
    const narrow = Float32Array.from({ length: count * slots * width }, (_, i) =>
      Number(hidden[Math.floor(i / width) * sharedWidth + (i % width)]),
    );
    const first = reference(
      { hidden: narrow, w: routed.dense, choice, y: before },
      { outputs, firstExpert: 0 },
    );
    const want = reference(
      {
        hidden,
        w: shared.dense,
        choice,
        y: { values: first, offset: 0, stride: outputs },
      },
      { outputs, firstExpert: experts },
    );
    expectClose(await f.floats(y), want, tolerances.dot, 'y');
  });
});
