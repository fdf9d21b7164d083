// The chunked delta rule, all three stages, against the recurrent reference; the last stage alone against its own.
import { describe, expect, test } from 'vitest';
import { gatedDeltaChunk } from '../../../engine/kernels/gated_delta_chunk.ts';
import { chunkRows, gatedDeltaChunkScores } from '../../../engine/kernels/gated_delta_chunk_scores.ts';
import { gatedDeltaChunkSolve } from '../../../engine/kernels/gated_delta_chunk_solve.ts';
import type { DeltaShape } from '../../../engine/kernels/gated_delta_step.ts';
import { gatedDeltaChunk as reference } from '../../reference/gated_delta_chunk.ts';
import { gatedDeltaChunkScores as referenceScores } from '../../reference/gated_delta_chunk_scores.ts';
import { gatedDeltaChunkSolve as referenceSolve } from '../../reference/gated_delta_chunk_solve.ts';
import { gatedDeltaStep as referenceStep } from '../../reference/gated_delta_step.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { deltaInputs, type DeltaInputs } from '../../support/delta_inputs.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';

const uneven = { keyHeads: 2, valueHeads: 4, keyDim: 12, valueDim: 10 };
const counts = [1, 63, 64, 65, 127, 128, 129, 200];
const shapes = [
  ...counts.map(count => ({ name: `${count} tokens`, ...uneven, count, decayMax: 0.5 })),
  { name: 'the smallest head', count: 2, keyHeads: 1, valueHeads: 1, keyDim: 4, valueDim: 4, decayMax: 0.5 },
  {
    name: 'real head sizes',
    count: 70,
    keyHeads: 1,
    valueHeads: 2,
    keyDim: 128,
    valueDim: 128,
    decayMax: 0.5,
  },
  { name: 'hardly any decay', ...uneven, count: 130, decayMax: 1e-4 },
  { name: 'decays that vanish inside a chunk', ...uneven, count: 130, decayMax: 40 },
];

function referenceChunked({ qkv, gates, state }: DeltaInputs, shape: DeltaShape) {
  const scores = referenceScores({ qkv, gates }, shape, chunkRows);
  const solved = referenceSolve({ qkv, gates, scores }, shape, chunkRows);
  return { scores, solved, ...reference({ qkv, gates, scores, solved, state }, shape, chunkRows) };
}

describe('the references', () => {
  test.each([1, 63, 64, 65, 200])('chunked and recurrent forms agree over %i tokens', count => {
    const shape = { ...uneven, count };
    const inputs = deltaInputs(shape);
    const [chunked, step] = [referenceChunked(inputs, shape), referenceStep(inputs, shape)];
    const tolerance = { absolute: 1e-12, relative: 1e-12, reason: 'both in double precision' };
    expectClose(chunked.o, step.o, tolerance, 'o');
    expectClose(chunked.state, step.state, tolerance, 'state');
  });
});

describeKernel('gated_delta_chunk', fixture => {
  test.each(shapes)(
    'three stages give what the recurrent form gives: $name',
    async ({ decayMax, name: _, ...shape }) => {
      const f = fixture();
      const inputs = deltaInputs(shape, { decayMax });
      const { count, valueHeads, keyDim, valueDim } = shape;
      const chunks = Math.ceil(count / chunkRows);
      const scores = f.poisoned(chunks * valueHeads * chunkRows * chunkRows * 2, 'scores');
      const solved = f.poisoned(count * valueHeads * (valueDim + keyDim), 'solved');
      const state = f.upload(inputs.state, 'state');
      const o = f.poisoned(count * valueHeads * valueDim + 2);
      const io = { qkv: f.upload(inputs.qkv), gates: f.upload(inputs.gates), scores, solved, state, o };
      await f.run(list => {
        gatedDeltaChunkScores(list, io, shape);
        gatedDeltaChunkSolve(list, io, shape);
        gatedDeltaChunk(list, io, shape);
      });
      const want = referenceStep(inputs, shape);
      expectClose(await f.floats(o), [...want.o, NaN, NaN], tolerances.recurrence, 'o');
      expectClose(await f.floats(state), want.state, tolerances.recurrence, 'state');
    },
  );

  test('walks over given scores and solutions', async () => {
    const f = fixture();
    const shape = { ...uneven, count: 67 };
    const inputs = deltaInputs(shape);
    const want = referenceChunked(inputs, shape);
    const state = f.upload(inputs.state, 'state');
    const o = f.poisoned(want.o.length);
    await f.run(list =>
      gatedDeltaChunk(
        list,
        {
          qkv: f.upload(inputs.qkv),
          gates: f.upload(inputs.gates),
          scores: f.upload(Float32Array.from(want.scores)),
          solved: f.upload(Float32Array.from(want.solved)),
          state,
          o,
        },
        shape,
      ),
    );
    expectClose(await f.floats(o), want.o, tolerances.recurrence, 'o');
    expectClose(await f.floats(state), want.state, tolerances.recurrence, 'state');
  });

  test('a batch split anywhere ends in the same state', async () => {
    const f = fixture();
    const shape = { ...uneven, count: 100 };
    const inputs = deltaInputs(shape);
    const want = referenceStep(inputs, shape);
    const state = f.upload(inputs.state, 'state');
    const outputs: number[] = [];
    for (const [from, to] of [
      [0, 37],
      [37, 100],
    ] as const) {
      const part = { ...uneven, count: to - from };
      const row = inputs.qkv.length / shape.count;
      const heads = 2 * uneven.valueHeads;
      const chunkScores = Math.ceil(part.count / chunkRows) * uneven.valueHeads * chunkRows * chunkRows * 2;
      const io = {
        qkv: f.upload(inputs.qkv.slice(from * row, to * row)),
        gates: f.upload(inputs.gates.slice(from * heads, to * heads)),
        scores: f.poisoned(chunkScores, 'scores'),
        solved: f.poisoned(part.count * uneven.valueHeads * (uneven.valueDim + uneven.keyDim), 'solved'),
        state,
        o: f.poisoned(part.count * uneven.valueHeads * uneven.valueDim),
      };
      await f.run(list => {
        gatedDeltaChunkScores(list, io, part);
        gatedDeltaChunkSolve(list, io, part);
        gatedDeltaChunk(list, io, part);
      });
      outputs.push(...(await f.floats(io.o)));
    }
    expect(outputs).toHaveLength(want.o.length);
    expectClose(outputs, want.o, tolerances.recurrence, 'o');
    expectClose(await f.floats(state), want.state, tolerances.recurrence, 'state');
  });
});
