import { test } from 'vitest';
import { gatedDeltaStep } from '../../../engine/kernels/gated_delta_step.ts';
import { gatedDeltaStep as reference } from '../../reference/gated_delta_step.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { deltaInputs } from '../../support/delta_inputs.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';

const shapes = [
  { name: 'the smallest head', count: 1, keyHeads: 1, valueHeads: 1, keyDim: 4, valueDim: 4 },
  {
    name: 'one token, more value heads than key heads',
    count: 1,
    keyHeads: 2,
    valueHeads: 6,
    keyDim: 8,
    valueDim: 20,
  },
  { name: 'wider keys than values', count: 65, keyHeads: 2, valueHeads: 4, keyDim: 20, valueDim: 6 },
  { name: 'one token of a real size', count: 1, keyHeads: 1, valueHeads: 2, keyDim: 128, valueDim: 128 },
  {
    name: '127 tokens, values over two workgroups',
    count: 127,
    keyHeads: 1,
    valueHeads: 2,
    keyDim: 12,
    valueDim: 66,
  },
];

describeKernel('gated_delta_step', fixture => {
  test.each(shapes)('walks the state token by token: $name', async shape => {
    const f = fixture();
    const { qkv, gates, state: before } = deltaInputs(shape);
    const state = f.upload(before, 'state');
    const o = f.poisoned(shape.count * shape.valueHeads * shape.valueDim + 2);
    await f.run(list =>
      gatedDeltaStep(list, { qkv: f.upload(qkv), gates: f.upload(gates), state, o }, shape),
    );
    const want = reference({ qkv, gates, state: before }, shape);
    expectClose(await f.floats(o), [...want.o, NaN, NaN], tolerances.recurrence, 'o');
    expectClose(await f.floats(state), want.state, tolerances.recurrence, 'state');
  });
});
