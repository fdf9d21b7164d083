import { test } from 'vitest';
import { chunkRows, gatedDeltaChunkScores } from '../../../engine/kernels/gated_delta_chunk_scores.ts';
import { gatedDeltaChunkScores as reference } from '../../reference/gated_delta_chunk_scores.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { deltaInputs } from '../../support/delta_inputs.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';

const shapes = [
  { name: 'one token', count: 1, keyHeads: 1, valueHeads: 1, keyDim: 4, valueDim: 4, decayMax: 0.5 },
  { name: 'a chunk less one', count: 63, keyHeads: 2, valueHeads: 4, keyDim: 12, valueDim: 8, decayMax: 0.5 },
  {
    name: 'two chunks and a row',
    count: 129,
    keyHeads: 1,
    valueHeads: 3,
    keyDim: 20,
    valueDim: 4,
    decayMax: 0.5,
  },
  {
    name: 'one chunk of real keys',
    count: 64,
    keyHeads: 1,
    valueHeads: 2,
    keyDim: 128,
    valueDim: 4,
    decayMax: 0.5,
  },
  {
    name: 'decays that vanish inside a chunk',
    count: 65,
    keyHeads: 1,
    valueHeads: 1,
    keyDim: 8,
    valueDim: 4,
    decayMax: 40,
  },
];

describeKernel('gated_delta_chunk_scores', fixture => {
  test.each(shapes)('gives decayed products inside the chunks: $name', async ({ decayMax, ...shape }) => {
    const f = fixture();
    const { qkv, gates } = deltaInputs(shape, { decayMax });
    const want = reference({ qkv, gates }, shape, chunkRows);
    const scores = f.poisoned(want.length, 'scores');
    await f.run(list =>
      gatedDeltaChunkScores(list, { qkv: f.upload(qkv), gates: f.upload(gates), scores }, shape),
    );
    expectClose(await f.floats(scores), want, tolerances.sum);
  });
});
