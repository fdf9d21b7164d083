// Texts that take turns on one model, as a completion and a chat do: each comes out bit for bit as it does alone, whatever the other
// does in between: steps that the device runs ahead, drafts, a prompt that is being read.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { inFullRun } from '../../support/full.ts';

/** What a text gives, turn by turn: tokens, then logits at its end. */
type Turns = AsyncGenerator<number[]>;
type Text = (model: LoadedModel) => Turns;

const promptOf = (length: number, first: number) =>
  Array.from({ length }, (_, i) => (i * 37 + first * 101) % 8000);

/** Reads a prompt in batches, then `steps` tokens as `options` say, then compares states by the logits they give. */
function text(
  { prompt, batches }: { prompt: number[]; batches: number[] },
  steps: number,
  options: { drafts?: number; ahead?: number; temperature?: number },
): Text {
  return async function* (model) {
    const sequence = await model.createSequence();
    try {
      let from = 0;
      for (const count of batches) {
        yield [...(await model.forward(sequence, prompt.slice(from, from + count), 'last'))];
        from += count;
      }
      const { drafts = 0, ahead, temperature } = options;
      const ids = [...prompt, 3];
      const history = { ids, generatedFrom: prompt.length };
      const sampling =
        temperature === undefined
          ? undefined
          : { rule: createSampler({ temperature, topK: 40, seed: 11 }).rule, history };
      for (let step = 0; step < steps; step++) {
        const made = await model.step(sequence, ids.at(-1) as number, {
          drafts,
          logits: false,
          ahead,
          sampling,
        });
        let right = 0;
        while (right < drafts && made.drafts[right] === made.picks[right]) right++;
        sequence.takeBack(drafts - right);
        ids.push(...made.picks.slice(0, right + 1));
        yield [...made.drafts, ...made.picks];
      }
      yield [...(await model.forward(sequence, [5, 6, 7], 'last'))];
    } finally {
      sequence.dispose();
    }
  };
}

const short = { prompt: promptOf(20, 1), batches: [12, 8] };
const texts = {
  'steps that run ahead': text(short, 12, { ahead: 0 }),
  'sampled steps that run ahead': text(short, 12, { ahead: 0, temperature: 0.9 }),
  'steps with drafts': text({ prompt: promptOf(41, 2), batches: [40, 1] }, 8, { drafts: 2 }),
  'a prompt that is being read': text(
    { prompt: promptOf(140, 3), batches: [9, 20, 30, 8, 40, 1, 32] },
    4,
    {},
  ),
} as const;
type Name = keyof typeof texts;
const names = Object.keys(texts) as Name[];

/** Lets both run to their ends, `pace` turns of the second after each of the first; what each gave. */
async function interleaved(
  model: LoadedModel,
  first: Text,
  second: Text,
  pace: number,
): Promise<number[][][]> {
  const running = [first(model), second(model)];
  const given: number[][][] = [[], []];
  const turn = async (which: 0 | 1): Promise<boolean> => {
    const { value, done } = await running[which]!.next();
    if (!done) given[which]!.push(value);
    return !done;
  };
  for (let more = true; more;) {
    more = await turn(0);
    for (let i = 0; i < pace; i++) more = (await turn(1)) || more;
  }
  return given;
}

/** In words, since the numbers are many. */
function firstDifference(got: number[][], want: number[][]): string {
  if (got.length !== want.length) return `${got.length} turns, not ${want.length}`;
  for (const [turn, values] of want.entries())
    for (const [i, value] of values.entries())
      if (!Object.is(got[turn]?.[i], value))
        return `turn ${turn}, value ${i}: ${got[turn]?.[i]}, not ${value}`;
  return 'none';
}

describe.each([
  { device: 'the software device', software: undefined, paces: inFullRun([1, 2], [1]) },
  // Slow where there is none.
  ...inFullRun([{ device: 'the variants of a GPU', software: false, paces: [1] }], []),
])('with $device', ({ software, paces }) => {
  let gpu: Gpu;
  let model: LoadedModel;
  const alone = new Map<Name, number[][]>();
  beforeAll(async () => {
    gpu = await openGpu(software === undefined ? {} : { software });
    const checkpoint = await openCheckpoint(embeddedModelPath);
    model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 1024 });
    await checkpoint.close();
    for (const name of names) {
      const given: number[][] = [];
      for await (const turn of texts[name](model)) given.push(turn);
      alone.set(name, given);
    }
  });
  afterAll(() => {
    model.dispose();
    gpu.dispose();
  });

  const pairs = names.flatMap((first, i) => names.slice(i + 1).map(second => ({ first, second })));
  test.each(pairs)('$first and $second', async ({ first, second }) => {
    for (const pace of paces) {
      const given = await interleaved(model, texts[first], texts[second], pace);
      for (const [i, name] of [first, second].entries())
        expect(firstDifference(given[i]!, alone.get(name)!), name).toBe('none');
    }
  });
});
