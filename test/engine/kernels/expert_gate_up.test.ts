import { test } from 'vitest';
import { expertGateUp } from '../../../engine/kernels/expert_gate_up.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { expertGateUp as reference } from '../../reference/expert_gate_up.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { choiceWords, randomChoice } from '../../support/choice.ts';
import { describeMatvec } from '../../support/gpu_fixture.ts';
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

const cases: readonly Case[] = [
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

describeMatvec('expert_gate_up', 'few teams', fixture => {
  test.each(cases)('multiplies by the chosen experts: $name', async c => {
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
          w,
          hidden,
        },
        { choice: f.upload(choiceWords(choice)), slots, slotStart, slotCount, firstExpert },
        { count, width, hiddenStride, eps: 1e-6 },
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
});
