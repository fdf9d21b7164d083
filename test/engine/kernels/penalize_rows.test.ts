import { expect, test } from 'vitest';
import { noRing } from '../../../engine/kernels/matvec.ts';
import { penalizeRows, seenIdsPerWord } from '../../../engine/kernels/penalize_rows.ts';
import { penaltyRule } from '../../../engine/language_model/sampling.ts';
import { penalizeRows as reference } from '../../reference/penalize_rows.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

const cases = [
  { name: 'one id of one', width: 1, prompt: [0], generated: [], recent: [] },
  { name: 'a prompt', width: 40, prompt: [0, 3, 3, 15, 16, 31, 32, 39], generated: [], recent: [] },
  { name: 'what was generated', width: 100, prompt: [5, 6], generated: [6, 99, 17, 17], recent: [] },
  {
    name: 'what is recent, known or not, twice or not',
    width: 1000,
    prompt: [7, 8, 500],
    generated: [9],
    recent: [500, 9, 999, 999, 20, 0],
  },
  {
    name: 'a real vocabulary',
    width: 151_936,
    prompt: [...new Random(1).ints(3000, 151_936)],
    generated: [...new Random(2).ints(500, 151_936)],
    recent: [151_935, 3],
  },
];

describeKernel('penalize_rows', fixture => {
  test.each(cases)('$name', async ({ width, prompt, generated, recent }) => {
    const f = fixture();
    const count = 3;
    const x = new Random(width).normal(count * width, 3);
    const seen = new Uint32Array(Math.ceil(width / seenIdsPerWord));
    const mark = (id: number, bits: number) =>
      (seen[Math.floor(id / seenIdsPerWord)]! |= bits << (2 * (id % seenIdsPerWord)));
    for (const id of prompt) mark(id, 1);
    for (const id of generated) mark(id, 3);
    // Row t takes t more than row 0; they begin near the end of the ring.
    const tokens = f.upload(new Uint32Array(16).fill(0xffffffff), 'tokens');
    for (const [i, id] of recent.entries()) tokens.write(Uint32Array.of(id), ((13 + i) % 16) * 4);
    const first = Math.max(0, recent.length - (count - 1));
    for (const penalties of [
      { repetition: 1.1, presence: 0 },
      { repetition: 1, presence: 1.5 },
      { repetition: 0.7, presence: -0.3 },
    ]) {
      const y = f.upload(x, 'logits');
      const rule = penaltyRule({
        repetitionPenalty: penalties.repetition,
        presencePenalty: penalties.presence,
      })!;
      await f.run(list =>
        penalizeRows(list, y, f.upload(seen), {
          count,
          width,
          rule,
          recent: { tokens, mask: 15, first: 13, count: first },
        }),
      );
      const rows = Array.from({ length: count }, (_, t) => [...generated, ...recent.slice(0, first + t)]);
      expectClose(
        await f.floats(y),
        reference(x, { prompt, generated: rows }, penalties),
        tolerances.decode,
        'logits',
      );
    }
  });

  test('NaN stays NaN, infinities stay', async () => {
    const f = fixture();
    const x = f.upload(Float32Array.of(NaN, Infinity, -Infinity, 1));
    const recent = { tokens: f.poisonedWords(1), mask: noRing.mask, first: 0, count: 0 };
    const rule = penaltyRule({ repetitionPenalty: 2 })!;
    await f.run(list =>
      penalizeRows(list, x, f.upload(Uint32Array.of(0b01010101)), { count: 1, width: 4, rule, recent }),
    );
    expect([...(await f.floats(x))]).toEqual([NaN, Infinity, -Infinity, 0.5]);
  });
});
