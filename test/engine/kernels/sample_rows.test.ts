import { describe, expect, test } from 'vitest';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { noPick } from '../../../engine/kernels/argmax_rows.ts';
import { candidateWords } from '../../../engine/kernels/candidates.ts';
import { noRing, type RingRows } from '../../../engine/kernels/matvec.ts';
import { rowCandidates } from '../../../engine/kernels/row_candidates.ts';
import { rowPeaks } from '../../../engine/kernels/row_peaks.ts';
import { sampleRows, sampleRowsMax } from '../../../engine/kernels/sample_rows.ts';
import { drawRule, randomWord } from '../../../engine/language_model/sampling.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import { keptOf, sampleRow as reference, type Kept } from '../../reference/sample_rows.ts';
import { describeKernel, poisonWord, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';

interface Request {
  params: SamplingParams;
  random: readonly number[];
}

/** Draws from each row, once for each group of random words of as many. */
async function draw(
  f: GpuFixture,
  rows: readonly Float32Array<ArrayBuffer>[],
  { params, random }: Request,
  ring?: RingRows,
): Promise<number[]> {
  const count = rows.length;
  const width = rows[0]!.length;
  const x = f.upload(Float32Array.from(rows.flatMap(row => [...row])));
  const found = f.poisonedWords(count * candidateWords, 'found');
  const ids = f.poisonedWords(ring ? ring.mask + 1 : random.length + 1, 'ids');
  const rule = drawRule(params)!;
  await f.run(list => {
    rowPeaks(list, x, found, { count, width });
    rowCandidates(list, x, found, { count, width, rule });
    for (let at = 0; at < random.length; at += count) {
      const into = ring ?? { row: at, mask: noRing.mask };
      const words = random.slice(at, at + count);
      sampleRows(list, { x, found }, ids, { count: words.length, width, rule, random: words, ring: into });
    }
  });
  const got = [...(await f.words(ids))];
  if (!ring) expect(got.pop(), 'the word after the last').toBe(poisonWord);
  return got;
}

/**
 * Where a drawn point is so near to a border, as a share of the weight, it may come out on the other side of it: weights are f32,
 * then whole numbers of 2^-31.
 */
const rounding = 2e-6;

/** True when the drawn share is inside the id's own, up to rounding. */
function isOf(id: number, { ids, shares }: Kept, share: number): boolean {
  const place = ids.indexOf(id);
  if (place < 0) return false;
  const before = shares.slice(0, place).reduce((a, b) => a + b, 0);
  return share > before - rounding && share < before + (shares[place] as number) + rounding;
}

/** Holds every id against the reference; gives how many came out on the other side of a border that is near. */
function expectDrawn(
  got: readonly number[],
  rows: readonly Float32Array<ArrayBuffer>[],
  { params, random }: Request,
): number {
  const kept = rows.map(row => keptOf(row, params));
  let others = 0;
  for (const [i, id] of got.entries()) {
    const share = random[i]! / 2 ** 32;
    const want = reference(kept[i % rows.length]!, share);
    if (id === want) continue;
    others++;
    expect(isOf(id, kept[i % rows.length]!, share), `draw ${i}: ${id} instead of ${want}`).toBe(true);
  }
  return others;
}

const rules: SamplingParams[] = [
  { temperature: 1 },
  { temperature: 0.7, topK: 20, topP: 0.8 },
  { temperature: 1, topK: 40, topP: 0.95 },
  { temperature: 0.6, topP: 0.9 },
  { temperature: 1.3, minP: 0.05 },
  { temperature: 2, topK: 300, topP: 0.99, minP: 0.001 },
  { temperature: 1, topK: 1 },
  { temperature: 0.2, topP: 1e-9 },
  { temperature: 5, minP: 1 },
];

/** Spread as a language model's: most far down, few on top. */
function logits(width: number, seed: number): Float32Array<ArrayBuffer> {
  const random = new Random(seed);
  const x = random.normal(width, 2.5);
  for (let i = 0; i < 12; i++) x[random.int(width)] = 8 + random.next() * 6;
  return x;
}

/** The smallest and the largest share, and some between. */
function randomWords(count: number, seed: number): number[] {
  return [0, 0xffffffff, ...new Random(seed).ints(count - 2, 2 ** 32)];
}

describeKernel('sample_rows', (fixture, { software }) => {
  describe.each([1, 2, 7, 64, 1000, 8193])('of %i values', width => {
    test.each(rules)('draws what the reference does by %j', async params => {
      const rows = Array.from({ length: sampleRowsMax }, (_, t) => logits(width, width + t));
      const request = { params, random: randomWords(50, width) };
      expect(expectDrawn(await draw(fixture(), rows, request), rows, request)).toBeLessThan(2);
    });
  });

  test.each([151_936, 248_320])('of %i values, where candidates are listed or not', async width => {
    const row = logits(width, 3);
    for (const params of [rules[0]!, rules[1]!, rules[3]!, { temperature: 3, topP: 0.7 }]) {
      const request = { params, random: randomWords(software ? 4 : 7, 9) };
      expect(expectDrawn(await draw(fixture(), [row], request), [row], request)).toBeLessThan(2);
    }
  });

  test.each(rules)('the last share gives the last that %j keeps: the cut is exact', async params => {
    const rows = [100, 3000].flatMap(spread => [new Random(spread).normal(5000, 3)]);
    for (const row of rows) {
      const [id] = await draw(fixture(), [row], { params, random: [0xffffffff] });
      const { ids, shares } = keptOf(row, params);
      // Candidates of next to no weight hide behind the largest share that there is.
      const last = shares.findLastIndex(share => share > 2 ** -31);
      if (shares[last]! > 1e-6) expect(id).toBe(ids[last]);
      else expect(ids.indexOf(id!)).toBeGreaterThan(0.5 * last);
    }
  });

  test.each([{}, { topK: 300 }, { topP: 0.5 }, { minP: 1 }, { topK: 7, topP: 0.9 }])(
    'ties go by lower id, thousands of them, with %j',
    async change => {
      const width = 20_001;
      const params = { temperature: 0.8, ...change };
      const row = new Float32Array(width).fill(-1.25);
      row[7] = row[9000] = -1;
      row[8] = 0;
      row[100] = -0;
      const request = { params, random: randomWords(12, 5) };
      expect(expectDrawn(await draw(fixture(), [row], request), [row], request)).toBe(0);
      const flat = new Float32Array(width).fill(3);
      const word = 0x55555555;
      const [id] = await draw(fixture(), [flat], { params, random: [word] });
      const count = Math.min(params.topK ?? width, width);
      const kept = params.topP === undefined ? count : Math.ceil(params.topP * count);
      expect(id).toBe(Math.floor((kept * word) / 2 ** 32));
    },
  );

  test('neighbours in f32 are told apart', async () => {
    const row = Float32Array.from({ length: 3000 }, (_, i) => 1 + ((i * 7919) % 3000) * 2 ** -23);
    for (const topK of [1, 31, 1000]) {
      const params = { temperature: 1, topK };
      const [first, last] = await draw(fixture(), [row], { params, random: [0, 0xffffffff] });
      const order = [...row.keys()].sort((a, b) => row[b]! - row[a]!);
      expect([first, last]).toEqual([order[0], order[topK - 1]]);
    }
  });

  test.each([1e-30, 1e-8, 1e8])('temperature %d draws without breaking', async temperature => {
    const row = Float32Array.of(1, 2, 3, -3e38);
    const [id] = await draw(fixture(), [row], { params: { temperature, topP: 0.9 }, random: [0x60000000] });
    expect(id).toBe(temperature < 1 ? 2 : 1);
  });

  test('a row with NaN, infinity on top or nothing finite has no pick; -Infinity is never drawn', async () => {
    const f = fixture();
    const rows = [
      [1, NaN, 9],
      [1, 2, 3],
      [Infinity, 1, 2],
      [-Infinity, -Infinity, -Infinity],
      [-Infinity, 0, -Infinity],
    ].map(row => Float32Array.from(row));
    const got = await draw(f, rows, { params: { temperature: 1 }, random: [5, 0, 5, 5, 0xffffffff] });
    expect(got).toEqual([noPick, 2, noPick, noPick, 1]);
  });

  test('where the weights were summed a little higher than they are, the last candidate is drawn', async () => {
    const f = fixture();
    const x = f.upload(Float32Array.from([0, 3, 1, 2]));
    const found = f.poisonedWords(candidateWords, 'found');
    const ids = f.poisonedWords(1, 'ids');
    const [width, rule] = [4, drawRule({ temperature: 1 })!];
    await f.run(list => {
      rowPeaks(list, x, found, { count: 1, width });
      rowCandidates(list, x, found, { count: 1, width, rule });
    });
    // The low words of what is listed and of all.
    for (const word of [1, 4])
      found.write(Uint32Array.of((await f.words(found))[word]! + 1000), word * Uint32Array.BYTES_PER_ELEMENT);
    const random = [0xffffffff];
    await f.run(list => sampleRows(list, { x, found }, ids, { count: 1, width, rule, random, ring: noRing }));
    expect([...(await f.words(ids))]).toEqual([0]);
  });

  test('picks go round a ring', async () => {
    const rows = [0, 1, 2].map(best => Float32Array.from([0, 1, 2], id => (id === best ? 9 : 0)));
    const request = { params: { temperature: 0.1 }, random: [7, 7, 7] };
    expect(await draw(fixture(), rows, request, { row: 6, mask: 3 })).toEqual([2, poisonWord, 0, 1]);
  });

  test.each(rules)('the sampler of the host draws the same by %j', async params => {
    const rows = Array.from({ length: sampleRowsMax }, (_, t) => logits(4000, 77 + t));
    const seed = 12;
    const random = Array.from({ length: 60 }, (_, index) => randomWord(seed, index));
    const got = await draw(fixture(), rows, { params, random });
    const sampler = createSampler({ ...params, seed });
    const history = { ids: [] as number[], generatedFrom: 0 };
    const kept = rows.map(row => keptOf(row, params));
    let others = 0;
    for (const [i, id] of got.entries()) {
      const host = sampler.sample(rows[i % rows.length]!.slice(), history);
      history.ids.push(host);
      if (host === id) continue;
      others++;
      for (const one of [host, id])
        expect(isOf(one, kept[i % rows.length]!, random[i]! / 2 ** 32), `draw ${i}: ${one}`).toBe(true);
    }
    expect(others).toBeLessThan(2);
  });

  test.each(rules.slice(0, 5))('draws with the shares of %j', async params => {
    const row = Float32Array.from([1.2, 0.3, -0.5, 2.1, 1.9, 0.3, -3, 0, 1.2, 2.5]);
    const count = 4000;
    const random = Array.from({ length: count }, (_, index) => randomWord(99, index));
    const got = await draw(fixture(), new Array<typeof row>(sampleRowsMax).fill(row), { params, random });
    const { ids, shares } = keptOf(row, params);
    let chiSquare = 0;
    for (const [i, id] of ids.entries()) {
      const expected = shares[i]! * count;
      chiSquare += (got.filter(one => one === id).length - expected) ** 2 / expected;
    }
    expect(
      got.every(id => ids.includes(id)),
      'only what is kept is drawn',
    ).toBe(true);
    // Beyond it once in a thousand, for up to nine degrees of freedom; the numbers are fixed.
    expect(chiSquare).toBeLessThan(27.9);
  });
});
