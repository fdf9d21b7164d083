import { test } from 'vitest';
import { chunkRows } from '../../../engine/kernels/gated_delta_chunk_scores.ts';
import { gatedDeltaChunkSolve } from '../../../engine/kernels/gated_delta_chunk_solve.ts';
import { gatedDeltaChunkScores as referenceScores } from '../../reference/gated_delta_chunk_scores.ts';
import { gatedDeltaChunkSolve as reference } from '../../reference/gated_delta_chunk_solve.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { deltaInputs } from '../../support/delta_inputs.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';

const shapes = [
  { name: 'one token', count: 1, keyHeads: 1, valueHeads: 1, keyDim: 4, valueDim: 4 },
  { name: 'a chunk and a row', count: 65, keyHeads: 2, valueHeads: 4, keyDim: 20, valueDim: 6 },
  {
    name: 'a full chunk, columns over two workgroups',
    count: 64,
    keyHeads: 1,
    valueHeads: 2,
    keyDim: 12,
    valueDim: 66,
  },
];

describeKernel('gated_delta_chunk_solve', fixture => {
  test.each(shapes)('solves the triangular systems: $name', async shape => {
    const f = fixture();
    const { qkv, gates } = deltaInputs(shape);
    // The rows of scores that no stage writes stay NaN: the solver must not look at them.
    const scores = Float32Array.from(referenceScores({ qkv, gates }, shape, chunkRows));
    const want = reference({ qkv, gates, scores }, shape, chunkRows);
    const solved = f.poisoned(want.length + 4, 'solved');
    await f.run(list =>
      gatedDeltaChunkSolve(
        list,
        { qkv: f.upload(qkv), gates: f.upload(gates), scores: f.upload(scores), solved },
        shape,
      ),
    );
    expectClose(await f.floats(solved), [...want, NaN, NaN, NaN, NaN], tolerances.recurrence);
  });
});
