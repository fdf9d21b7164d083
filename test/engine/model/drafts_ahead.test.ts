// Steps with drafts that run ahead of the host, as on a GPU: the texts of the simple loop, and the states it leaves, wherever a text ends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest, type GenerateResult } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import type { StepSampling } from '../../../engine/language_model/language_model.ts';
import { rightDrafts } from '../../../engine/model/decode_steps.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { Qwen3NextSequence } from '../../../engine/model/sequence/sequence.ts';
import type { SamplingParams } from '../../../engine/protocol/chat.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';
import { inFullRun } from '../../support/full.ts';

let gpu: Gpu;
let model: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu(inFullRun({ software: false }, {}));
  const checkpoint = await openCheckpoint(embeddedModelPath);
  model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 512 });
  await checkpoint.close();
});
afterAll(() => {
  model.dispose();
  gpu.dispose();
});

const prompt = goldenTokenizer.prompts.plain.ids;

/** Numbers of drafts, one step after the other, over and over. */
type Pattern = readonly number[];
const patterns: Pattern[] = [[2, 0, 3, 0, 0, 1, 4], [4], [1]];

/** Wants the drafts of a pattern. */
class PatternPolicy extends DraftPolicy {
  #steps = 0;
  constructor(
    private readonly pattern: Pattern,
    private readonly onStep: () => void = () => undefined,
  ) {
    super(model.draftsMax, { ahead: true });
  }
  override choose(room: number): number {
    this.onStep();
    return Math.min(room, this.pattern[this.#steps++ % this.pattern.length] as number);
  }
}

/** Texts are lists of ids. */
const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => new TextEncoder().encode(`${id} `),
} as unknown as TextTokenizer;
const idsOf = (text: string) => text.split(' ').filter(Boolean).map(Number);

/** Generations one after another on the same sequence; without a pattern by the simple loop. */
function setUp(pattern?: Pattern, onStep?: () => void) {
  const cache = new PrefixCache(model);
  const run = async (
    params: SamplingParams,
    change: Partial<GenerateRequest> = {},
  ): Promise<GenerateResult> => {
    const steps = generate(
      {
        cache,
        tokenizer,
        drafts: pattern ? new PatternPolicy(pattern, onStep) : new DraftPolicy(0),
        contextTokensMax: model.contextTokensMax,
      },
      {
        purpose: 'chat',
        ids: prompt,
        snapshotsAt: [],
        maxTokens: 30,
        sampler: createSampler(params),
        stopIds: new Set(),
        stopStrings: [],
        allowRepetition: true,
        signal: new AbortController().signal,
        ...change,
      },
    );
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
    }
  };
  return { run, free: () => cache.dispose() };
}

/** What the sequence has come to, bit by bit: the logits of what is read next, few tokens and many. */
async function bitsAfter(sequence: Qwen3NextSequence): Promise<number[][]> {
  const few = await model.forward(sequence, [3, 4], 'last');
  const many = await model.forward(sequence, prompt, 'last');
  return [few, many].map(logits => [...new Uint32Array(logits.buffer)]);
}

/** Each with the pattern and the length that it is tried with every day. */
const ways: { name: string; params: SamplingParams; pattern: Pattern; length: number }[] = [
  { name: 'greedy', params: {}, pattern: patterns[1]!, length: 80 },
  {
    name: 'drawn',
    params: { temperature: 0.6, topK: 20, topP: 0.95, seed: 4 },
    pattern: patterns[2]!,
    length: 80,
  },
  {
    name: 'drawn with penalties',
    params: { temperature: 0.7, topP: 0.95, repetitionPenalty: 1.05, presencePenalty: 0.2, seed: 9 },
    pattern: patterns[0]!,
    length: 320,
  },
];

describe.each(ways)('$name', ({ params, pattern, length }) => {
  test('a long text is that of the simple loop', async () => {
    const simple = setUp();
    const maxTokens = inFullRun(320, length);
    const plain = await simple.run(params, { maxTokens });
    expect(idsOf(plain.text).length).toBe(maxTokens);
    for (const tried of inFullRun(patterns, [pattern])) {
      const ahead = setUp(tried);
      const drafted = await ahead.run(params, { maxTokens });
      expect(drafted.text, `drafts as in ${tried}`).toBe(plain.text);
      expect(drafted.stats.acceptedTokens, 'some drafts are right').toBeGreaterThan(maxTokens / 16);
      expect(drafted.stats.acceptedTokens, 'some are wrong').toBeLessThan(drafted.stats.draftedTokens);
      ahead.free();
    }
    simple.free();
  });
});

/**
 * Reads on with drafts that run ahead, and stops as soon as `length` ids are read, wherever in a step that is; without a pattern by the
 * simple loop. Gives the ids, and the one that is picked after them.
 */
async function walk(
  sequence: Qwen3NextSequence,
  params: SamplingParams,
  { length, pattern, first = 11 }: { length: number; pattern?: Pattern | undefined; first?: number },
): Promise<{ ids: number[]; next: number; accepted: number }> {
  const { rule } = createSampler(params);
  const ids = [...prompt];
  const history: StepSampling['history'] = { ids, generatedFrom: prompt.length };
  const sampling = rule.draw || rule.penalties ? { rule, history } : undefined;
  let [next, accepted] = [first, 0];
  const draftsOf = (step: number) => pattern?.[step % pattern.length] ?? 0;
  for (let n = 0; ; n++) {
    ids.push(next);
    const step = await model.step(sequence, next, {
      drafts: draftsOf(n),
      logits: false,
      ahead: pattern && draftsOf(n + 1),
      sampling,
    });
    const kept = Math.min(rightDrafts(step), prompt.length + length - ids.length);
    sequence.takeBack(step.drafts.length - kept);
    ids.push(...step.picks.slice(0, kept));
    accepted += kept;
    next = step.picks[kept] as number;
    if (ids.length === prompt.length + length) return { ids, next, accepted };
  }
}

/** A sequence that has read the prompt, and one more of the same state. */
async function twoAfterPrompt() {
  const two = [await model.createSequence(), await model.createSequence()] as const;
  for (const sequence of two) await model.forward(sequence, prompt, 'none');
  const [one, other] = two;
  return { one, other, free: () => two.forEach(sequence => sequence.dispose()) };
}

describe.each(inFullRun(ways, ways.slice(2)))('$name', ({ params }) => {
  test('wherever a text ends among its drafts, it leaves the very bits of the simple loop', async () => {
    const { one: simple, other: ahead, free } = await twoAfterPrompt();
    const start = [(await simple.takeSnapshot())!, (await ahead.takeSnapshot())!];
    for (let length = 1; length <= inFullRun(40, 7); length++) {
      const pattern = patterns[length % patterns.length];
      simple.restore(start[0]!);
      ahead.restore(start[1]!);
      const want = await walk(simple, params, { length });
      const got = await walk(ahead, params, { length, pattern });
      expect([got.ids, got.next, ahead.position]).toEqual([want.ids, want.next, simple.position]);
      expect(await bitsAfter(ahead), `after ${length} tokens`).toEqual(await bitsAfter(simple));
    }
    for (const snapshot of start) snapshot.dispose();
    free();
  });
});

test('a snapshot taken while a step runs ahead holds the state of what counts as read', async () => {
  const { one: simple, other: ahead, free } = await twoAfterPrompt();
  const length = 8;
  const want = await walk(simple, {}, { length });
  expect((await walk(ahead, {}, { length, pattern: [3] })).ids).toEqual(want.ids);
  const snapshot = (await ahead.takeSnapshot())!;
  expect(snapshot.position).toBe(simple.position);
  // The snapshot brings the state back after other drafts have run ahead of it, whichever tensors hold the state by then.
  for (const drafts of [1, 2]) {
    await walk(ahead, {}, { length: 3 + drafts, pattern: [drafts], first: want.next });
    ahead.restore(snapshot);
  }
  expect(await bitsAfter(ahead)).toEqual(await bitsAfter(simple));
  snapshot.dispose();
  free();
});

test('drafts that the device finds right and the host does not want leave no trace', async () => {
  const { one: simple, other: ahead, free } = await twoAfterPrompt();
  const { ids, next } = await walk(simple, {}, { length: 6 });
  await walk(ahead, {}, { length: 6, pattern: [2] });
  let unwanted = 0;
  for (let steps = 0, id = next; steps < 9; steps++) {
    const step = await model.step(ahead, id, { drafts: 4, logits: false, ahead: 4 });
    unwanted += rightDrafts(step);
    ahead.takeBack(4);
    await model.forward(simple, [id], 'none');
    // Another id than was picked; or the one that the step under way reads, but too early.
    id = steps % 3 === 0 ? (id * 31 + steps) % 8000 : (step.picks[rightDrafts(step)] as number);
    ids.push(id);
  }
  expect(unwanted).toBeGreaterThan(0);
  expect(await bitsAfter(ahead)).toEqual(await bitsAfter(simple));
  free();
});

test('a text that is cancelled between two steps goes on as if nothing had run ahead', async () => {
  const [simple, ahead] = [setUp(), setUp(patterns[0])];
  const whole = idsOf((await simple.run({}, { maxTokens: 30 })).text);
  for (const tokens of [1, 4, 7]) {
    const controller = new AbortController();
    let told = '';
    const cut = await ahead.run(
      {},
      {
        signal: controller.signal,
        onText: text => {
          told += text;
          if (idsOf(told).length >= tokens) controller.abort();
        },
      },
    );
    const said = idsOf(cut.text);
    expect(said.length).toBeGreaterThanOrEqual(tokens);
    expect(whole.slice(0, said.length)).toEqual(said);
    const next = { ids: [...prompt, ...said, 17, 18], maxTokens: 6 };
    expect((await ahead.run({}, next)).text).toBe((await simple.run({}, next)).text);
  }
  simple.free();
  ahead.free();
});

test('a text that is cancelled in the middle of a step, with another one behind it, goes on as if neither had run', async () => {
  let [steps, controller] = [0, new AbortController()];
  const simple = setUp();
  const ahead = setUp(patterns[1], () => {
    if (--steps === 0) controller.abort();
  });
  const whole = idsOf((await simple.run({}, { maxTokens: 30 })).text);
  for (const choices of [2, 3, 5]) {
    [steps, controller] = [choices, new AbortController()];
    const cut = await ahead.run({}, { signal: controller.signal });
    expect(cut.finishReason).toBe('cancelled');
    const said = idsOf(cut.text);
    expect(whole.slice(0, said.length)).toEqual(said);
    const next = { ids: [...prompt, ...said, 17, 18], maxTokens: 6 };
    expect((await ahead.run({}, next)).text).toBe((await simple.run({}, next)).text);
  }
  simple.free();
  ahead.free();
});

test('a step for which the context has no room is not begun', async () => {
  const { one: simple, other: ahead, free } = await twoAfterPrompt();
  const room = 7;
  const most = model.contextTokensMax - room;
  // Far ahead by batches that nobody looks at.
  const filler = Array.from({ length: model.batchTokensMax }, (_, i) => (i * 37 + 11) % 8000);
  for (const sequence of [simple, ahead])
    while (sequence.position < most)
      await model.forward(sequence, filler.slice(0, most - sequence.position), 'none');
  const ids: number[][] = [];
  for (const [sequence, drafts] of [
    [simple, 0],
    [ahead, 2],
  ] as const) {
    const read = [5];
    while (sequence.position < model.contextTokensMax) {
      const left = model.contextTokensMax - sequence.position;
      const now = Math.min(drafts, left - 1);
      const next = Math.min(drafts, Math.max(0, left - 2 - now));
      const options = { drafts: now, logits: false, ahead: drafts > 0 ? next : undefined };
      const step = await model.step(sequence, read.at(-1) as number, options);
      const right = rightDrafts(step);
      sequence.takeBack(now - right);
      read.push(...step.picks.slice(0, right + 1));
    }
    ids.push(read);
  }
  expect(ids[1]).toEqual(ids[0]);
  expect(ids[0]).toHaveLength(room + 1);
  free();
});

/** Counts of a greedy text of `length` tokens; `runsAhead`: each step is begun while the one before runs. */
async function counts(drafts: number, { length, runsAhead }: { length: number; runsAhead: boolean }) {
  const sequence = await model.createSequence();
  await model.forward(sequence, prompt, 'none');
  const before = [gpu.submitted, gpu.readback.waits, gpu.readback.idleWaits] as const;
  let dispatches = 0;
  let [steps, id, read] = [0, 11, 0];
  while (read < length) {
    const ahead = runsAhead ? drafts : undefined;
    const step = await model.step(sequence, id, { drafts, logits: false, ahead });
    const right = rightDrafts(step);
    sequence.takeBack(drafts - right);
    id = step.picks[right] as number;
    read += right + 1;
    steps++;
    dispatches += model.dispatchCount;
  }
  sequence.dispose();
  return {
    steps,
    read,
    dispatches,
    submissions: gpu.submitted - before[0],
    waits: gpu.readback.waits - before[1],
    idleWaits: gpu.readback.idleWaits - before[2],
  };
}

test('with drafts the host waits no more than without, once a step, and never with nothing left for the device to do', async () => {
  const lines: string[] = [];
  const waitsPerToken: number[] = [];
  for (let drafts = 0; drafts <= model.draftsMax; drafts++)
    for (const runsAhead of [false, true]) {
      const { steps, read, dispatches, ...use } = await counts(drafts, { length: 48, runsAhead });
      const { submissions, waits, idleWaits } = use;
      const ofToken = [dispatches, submissions, waits, idleWaits].map(count => (count / read).toFixed(2));
      lines.push(`${drafts} drafts, ${runsAhead ? 'ahead' : 'one by one'}: ${ofToken.join(', ')}`);
      expect(dispatches).toBeGreaterThan(0);
      if (!runsAhead) {
        expect(use, lines.at(-1)).toEqual({ submissions: steps, waits: steps, idleWaits: steps });
        continue;
      }
      // One submission a step, the one that runs ahead of the last among them.
      expect(use, lines.at(-1)).toEqual({ submissions: steps + 1, waits: steps, idleWaits: 0 });
      waitsPerToken.push(waits / read);
    }
  console.info(`kernels, submissions, waits, idle waits of a token\n${lines.join('\n')}`);
  const [plain = 0, ...drafted] = waitsPerToken;
  expect(plain).toBe(1);
  for (const waits of drafted) expect(waits).toBeLessThan(plain);
});
