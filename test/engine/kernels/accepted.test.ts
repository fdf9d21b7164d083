// Positions that only the device knows: told a place that is too early, and by how much, kernels give bit for bit what they give when
// they are told the place.
import { expect, test } from 'vitest';
import type { Accepted } from '../../../engine/kernels/accepted.ts';
import { argmaxRows } from '../../../engine/kernels/argmax_rows.ts';
import { attentionDecode } from '../../../engine/kernels/attention_decode.ts';
import { attentionDecodeShuffle } from '../../../engine/kernels/attention_decode_shuffle.ts';
import { attentionPrep } from '../../../engine/kernels/attention_prep.ts';
import { candidateWords } from '../../../engine/kernels/candidates.ts';
import { attentionDecodeTeam, decodeTeamRule } from '../../../engine/kernels/attention_decode_team.ts';
import { attentionTeamLanes } from '../../../engine/kernels/attention_team_plan.ts';
import { decodeRule, splitPlan } from '../../../engine/kernels/decode_plan.ts';
import { embedRows } from '../../../engine/kernels/embed_rows.ts';
import { gatedDeltaDecode } from '../../../engine/kernels/gated_delta_decode.ts';
import { gatedNormMatvec } from '../../../engine/kernels/gated_norm_matvec.ts';
import { hasShuffle, rows as rowsOf } from '../../../engine/kernels/launch.ts';
import { normMatvec } from '../../../engine/kernels/norm_matvec.ts';
import { penalizeRows } from '../../../engine/kernels/penalize_rows.ts';
import { rmsNorm } from '../../../engine/kernels/rms_norm.ts';
import { rowCandidates } from '../../../engine/kernels/row_candidates.ts';
import { rowPeaks } from '../../../engine/kernels/row_peaks.ts';
import { sampleRows } from '../../../engine/kernels/sample_rows.ts';
import { drawRule, penaltyRule, randomWord } from '../../../engine/language_model/sampling.ts';
import type { CommandList } from '../../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../../engine/gpu/tensor.ts';
import { attentionInputs } from '../../support/attention_inputs.ts';
import { describeKernel, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { uploadMatrix } from '../../support/weights.ts';

/** Where a kernel begins: `later` rows behind what its words say. */
interface Place {
  accepted: Accepted | undefined;
  later: number;
}
type Run = (list: CommandList, at: (place: number) => number, place: Place) => void;

const later = 3;
const mask = 15;
const eps = 1e-6;

/** What `outputs` hold after the kernel was told the place, and after it was told a place that is too early. */
async function bothWays(
  f: GpuFixture,
  outputs: () => GpuTensor[],
  run: (out: GpuTensor[]) => Run,
): Promise<void> {
  const told = async (place: Place): Promise<number[][]> => {
    const out = outputs();
    const record = run(out);
    await f.run(list => record(list, value => value - place.later, place));
    const words: number[][] = [];
    for (const tensor of out) words.push([...(await f.words(tensor))]);
    return words;
  };
  const want = await told({ accepted: undefined, later: 0 });
  const got = await told({ accepted: { rows: f.accepted(later), most: 4 }, later });
  expect(got).toEqual(want);
  // The place matters: otherwise nothing was shown.
  const other = await told({ accepted: { rows: f.accepted(later - 1), most: 4 }, later });
  expect(other).not.toEqual(want);
}

describeKernel('accepted', fixture => {
  test('embed_rows', async () => {
    const f = fixture();
    const { w } = uploadMatrix(f, new Random(1), { format: 'Q8_0', rows: 40, columns: 64 });
    const ids = f.upload(Uint32Array.from({ length: 16 }, (_, i) => (i * 7) % 40));
    await bothWays(
      f,
      () => [f.poisoned(3 * 64)],
      ([y]) =>
        (list, at, { accepted }) =>
          embedRows(list, w, ids, y!, 3, { row: at(14), mask, accepted: accepted?.rows }),
    );
  });

  test('norm_matvec', async () => {
    const f = fixture();
    const random = new Random(2);
    const { w } = uploadMatrix(f, random, { format: 'F32', rows: 5, columns: 32 });
    const [x, gain] = [f.upload(random.normal(2 * 32)), f.upload(random.normal(32))];
    await bothWays(
      f,
      () => [f.poisoned(16 * 5)],
      ([y]) =>
        (list, at, { accepted }) =>
          normMatvec(
            list,
            { x: rowsOf(x, 32), gain, w: [w], y: rowsOf(y!, 5) },
            { count: 2, eps, ring: { row: at(15), mask, accepted: accepted?.rows } },
          ),
    );
  });

  test('gated_norm_matvec, with as many bindings as there may be', async () => {
    const f = fixture();
    const random = new Random(3);
    const { w } = uploadMatrix(f, random, { format: 'Q5_1', rows: 6, columns: 64 });
    const o = f.upload(random.normal(2 * 64 + 4).fill(20, 2 * 64));
    const [z, gain] = [f.upload(random.normal(16 * 64)), f.upload(random.normal(32))];
    await bothWays(
      f,
      () => [f.upload(new Float32Array(2 * 6))],
      ([y]) =>
        (list, at, { accepted }) =>
          gatedNormMatvec(
            list,
            { o, z: rowsOf(z, 64), gain, w, y: rowsOf(y!, 6) },
            {
              count: 2,
              heads: 2,
              dim: 32,
              eps,
              tileHeads: 0,
              squaresAt: 128,
              ring: { row: at(15), mask, accepted: accepted?.rows },
            },
          ),
    );
  });

  test.each(['from', 'into'] as const)('rms_norm, rows %s a ring', async ring => {
    const f = fixture();
    const x = f.upload(new Random(4).normal(16 * 8));
    const gain = f.upload(new Float32Array(8).fill(1));
    await bothWays(
      f,
      () => [f.poisoned(16 * 8)],
      ([y]) =>
        (list, at, { accepted }) =>
          rmsNorm(list, x, gain, y!, {
            count: 2,
            eps,
            [ring]: { row: at(15), mask, accepted: accepted?.rows },
          }),
    );
  });

  test('argmax_rows', async () => {
    const f = fixture();
    const x = f.upload(new Random(5).normal(2 * 9));
    const found = f.poisonedWords(2 * candidateWords);
    await bothWays(
      f,
      () => [f.poisonedWords(16)],
      ([ids]) =>
        (list, at, { accepted }) =>
          argmaxRows(list, { x, found }, ids!, {
            count: 2,
            width: 9,
            ring: { row: at(15), mask, accepted: accepted?.rows },
          }),
    );
  });

  test('attention_prep', async () => {
    const f = fixture();
    const random = new Random(6);
    const [heads, kvHeads, dim] = [2, 1, 32];
    const width = (2 * heads + 2 * kvHeads) * dim;
    const all = rowsOf(f.upload(random.normal(2 * width)), width);
    const t = {
      q: all,
      k: { ...all, offset: 2 * heads * dim },
      v: { ...all, offset: (2 * heads + kvHeads) * dim },
      gains: f.upload(random.normal(2 * dim)),
      rope: f.upload(random.normal(12 * 32)),
    };
    const page = { positions: 128, words: 128 * dim };
    const table = f.upload(new Uint32Array(1));
    const shape = { count: 2, heads, kvHeads, dim, rotaryDim: 32, eps };
    await bothWays(
      f,
      () => [f.poisoned(2 * heads * dim), f.poisonedWords(12 * dim), f.poisonedWords(12 * dim)],
      ([to, keys, values]) =>
        (list, at, { accepted }) =>
          attentionPrep(
            list,
            t,
            { q: to!, cache: { format: 'f32', page, keys: keys!, values: values!, table } },
            { ...shape, start: at(9), ropeRow: at(8), accepted: accepted?.rows },
          ),
    );
  });

  test('attention_decode in all its forms, split as for the latest place', async () => {
    const f = fixture();
    const shape = { count: 2, start: 256 + later - 2, heads: 2, kvHeads: 1, dim: 16 };
    const { device } = attentionInputs(f, shape, 'f16');
    const forms = [
      { kernel: attentionDecode, rule: decodeRule(f.gpu, shape) },
      ...(hasShuffle(f.gpu) ? [{ kernel: attentionDecodeShuffle, rule: decodeRule(f.gpu, shape) }] : []),
      ...(attentionTeamLanes(f.gpu) > 0
        ? [{ kernel: attentionDecodeTeam, rule: decodeTeamRule(f.gpu, 'f16', shape) }]
        : []),
    ];
    for (const { kernel, rule } of forms) {
      const { splits } = splitPlan(rule, shape.start - later + 4 + 2);
      expect(splits, 'the same for both').toBe(splitPlan(rule, shape.start + 2).splits);
      await bothWays(
        f,
        () => [f.poisoned(4 * splits * 16), f.poisoned(4 * splits * 2)],
        ([partial, stats]) =>
          (list, at, { accepted }) =>
            kernel(
              list,
              { ...device, partial: partial!, stats: stats! },
              { ...shape, start: at(shape.start), accepted },
              { rule },
            ),
      );
    }
  });

  test('gated_delta_decode, whose state goes to another tensor', async () => {
    const f = fixture();
    const random = new Random(7);
    const shape = { keyHeads: 1, valueHeads: 2, keyDim: 32, valueDim: 32 };
    const width = 2 * 32 + 2 * 32;
    const inputs = {
      qkv: rowsOf(f.upload(random.normal(16 * width)), width),
      b: rowsOf(f.upload(random.normal(16 * 4)), 4),
      a: rowsOf(f.upload(random.normal(16 * 4)), 4),
      conv: f.upload(random.uniform(4 * width)),
      gateWeights: f.upload(Float32Array.of(-1, -0.5, 0.3, 0.2)),
    };
    const length = 2 * 32 * 32;
    const before = random.normal(length);
    const state = f.upload(before, 'state');
    const count = 2;
    await bothWays(
      f,
      // The work area behind the state holds whatever is left there.
      () => [f.poisoned(2 * length, 'next'), f.poisoned(count * 64 + count * 2, 'o')],
      ([next, o]) =>
        (list, at, { accepted }) =>
          gatedDeltaDecode(
            list,
            { ...inputs, state, next: next!, o: o! },
            shape,
            { kernel: 4, ringRows: 16, squaresAt: count * 64 },
            { position: 29, pending: at(3), count, commit: at(4), accepted: accepted?.rows },
          ),
    );
    expect([...(await f.floats(state))], 'the state stays').toEqual([...before]);
  });

  test('penalize_rows', async () => {
    const f = fixture();
    const x = new Random(8).normal(2 * 64);
    const tokens = f.upload(Uint32Array.from({ length: 16 }, (_, i) => i * 3));
    const seen = f.upload(new Uint32Array(4));
    const rule = penaltyRule({ repetitionPenalty: 1.3, presencePenalty: 0.5 })!;
    await bothWays(
      f,
      () => [f.upload(x)],
      ([y]) =>
        (list, at, { accepted }) =>
          penalizeRows(list, y!, seen, {
            count: 2,
            width: 64,
            rule,
            recent: { tokens, mask, first: 14, count: at(4), accepted: accepted?.rows },
          }),
    );
  });

  test('sample_rows, by the numbers of its draws', async () => {
    const f = fixture();
    const [count, width, seed] = [5, 500, 0xdeadbeef];
    const x = f.upload(new Random(9).normal(count * width));
    const found = f.poisonedWords(count * candidateWords);
    const rule = drawRule({ temperature: 3 })!;
    await f.run(list => {
      rowPeaks(list, x, found, { count, width });
      rowCandidates(list, x, found, { count, width, rule });
    });
    const ring = { row: 0, mask };
    for (const first of [later, 100, 0xfffffff0])
      await bothWays(
        f,
        () => [f.poisonedWords(16)],
        ([ids]) =>
          (list, at, { accepted }) => {
            const random = accepted
              ? { seed, first: at(first), accepted: accepted.rows }
              : Array.from({ length: count }, (_, t) => randomWord(seed, first + t));
            sampleRows(list, { x, found }, ids!, { count, width, rule, random, ring });
          },
      );
  });
});
