// Batches in submissions of bounded work: whatever is cut, whoever comes between and whatever is given up half-way, a text comes out
// bit for bit as it does in one piece.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { Scheduler, urgency } from '../../../engine/generate/scheduler.ts';
import { openGpu, type Gpu, type OpenGpuOptions } from '../../../engine/gpu/device.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { inFullRun } from '../../support/full.ts';

const promptOf = (length: number, first: number) =>
  Array.from({ length }, (_, i) => (i * 37 + first * 101) % 8000);
const prompt = promptOf(150, 1);
const batches = [prompt.slice(0, 100), prompt.slice(100)];

type Sequence = Awaited<ReturnType<LoadedModel['createSequence']>>;
/** submissionMs: by the first guess, five to ten submissions for a batch of 100 rows; fewRows: three rows have programs of their own. */
type Device = { device: string; options: OpenGpuOptions; submissionMs: number; fewRows?: boolean };
const softwareDevice: Device = { device: 'the software device', options: {}, submissionMs: 8 };
const others: Device[] = [
  { device: 'the variants of a GPU', options: { software: false }, submissionMs: 0.2, fewRows: true },
  {
    device: 'plain variants',
    options: { variant: { matmul: 'tile', attention: 'prefill' } },
    submissionMs: 8,
  },
];

/** Texts are lists of ids. */
const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => new TextEncoder().encode(`${id} `),
} as unknown as TextTokenizer;

/** In words, since the numbers are many. */
function firstDifference(got: Float32Array, want: Float32Array): string {
  if (got.length !== want.length) return `${got.length} values, not ${want.length}`;
  for (const [i, value] of want.entries())
    if (!Object.is(got[i], value)) return `value ${i}: ${got[i]}, not ${value}`;
  return 'none';
}

describe.each([softwareDevice, ...inFullRun(others, [])])(
  'with $device',
  ({ options, submissionMs, fewRows }) => {
    let gpu: Gpu;
    let model: LoadedModel;
    /** Logits after each batch of the prompt and after three more tokens; picks and drafts of a step after them. */
    const want: Float32Array[] = [];

    /** Reads the text after where the sequence is; what it gives. */
    async function* text(sequence: Sequence): AsyncGenerator<Float32Array> {
      for (const ids of batches) yield await model.forward(sequence, ids, 'last');
      yield await model.forward(sequence, [1, 2, 3], 'last');
      const { picks, drafts } = await model.step(sequence, 4, { drafts: 2, logits: false });
      yield Float32Array.from([...picks, ...drafts]);
    }

    beforeAll(async () => {
      gpu = await openGpu({ ...options, rolledLoops: true, submissionMs });
      const checkpoint = await openCheckpoint(embeddedModelPath);
      model = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 512 });
      await checkpoint.close();
      gpu.submissions.budgetMs = Infinity;
      const before = gpu.submissions.count;
      const sequence = await model.createSequence();
      for await (const given of text(sequence)) want.push(given);
      sequence.dispose();
      // Of each batch one for the layers, one for the head, one for the cache of the MTP block.
      expect(gpu.submissions.count - before).toBe(fewRows ? 6 : 9);
      gpu.submissions.budgetMs = submissionMs;
      gpu.submissions.longestMs = 0;
    });
    afterAll(() => {
      model.dispose();
      gpu.dispose();
    });

    const expectText = (given: Float32Array[], from = 0): void => {
      for (const [i, values] of given.entries())
        expect(firstDifference(values, want[from + i] as Float32Array), `turn ${from + i}`).toBe('none');
    };

    test('many small submissions give what one gives', async () => {
      const before = gpu.submissions.count;
      const sequence = await model.createSequence();
      const given: Float32Array[] = [];
      for await (const values of text(sequence)) given.push(values);
      expectText(given);
      expect(gpu.submissions.count - before).toBeGreaterThan(8);
      expect(gpu.submissions.longestMs).toBeLessThanOrEqual(submissionMs);
      sequence.dispose();
    });

    test('rows of one product and of attention are cut where all at once are too much', async () => {
      const sequence = await model.createSequence();
      const dispatches: number[] = [];
      for (const budgetMs of [submissionMs, submissionMs / 8]) {
        gpu.submissions.budgetMs = budgetMs;
        sequence.reset();
        expectText([await model.forward(sequence, batches[0]!, 'last')]);
        dispatches.push(model.dispatchCount);
      }
      gpu.submissions.budgetMs = submissionMs;
      expect(dispatches[1]).toBeGreaterThan(dispatches[0]!);
      sequence.dispose();
    });

    test('a batch that is given up half-way leaves its sequence as it was', async () => {
      const sequence = await model.createSequence();
      const turns = text(sequence);
      const given = [(await turns.next()).value as Float32Array];
      for (const parts of [1, 2, 4]) {
        const reading = model.read(sequence, prompt.slice(7, 107), 'last');
        const before = gpu.submissions.count;
        for (let part = 0; part < parts; part++) expect((await reading.next()).done).toBe(false);
        const made = gpu.submissions.count - before;
        await reading.return(new Float32Array());
        // One more, of the state to go back to; none after it was ended.
        expect(made).toBe(parts + 1);
        expect(gpu.submissions.count - before).toBe(made);
        expect(sequence.position).toBe(100);
      }
      for await (const values of turns) given.push(values);
      expectText(given);
      sequence.dispose();
    });

    test('a batch whose estimate grows while the device is waited for can be given up too', async () => {
      const sequence = await model.createSequence();
      const turns = text(sequence);
      const given = [(await turns.next()).value as Float32Array];
      gpu.submissions.budgetMs = Infinity;
      vi.spyOn(gpu.submissions, 'room').mockImplementationOnce(async () => {
        gpu.submissions.budgetMs = submissionMs;
      });
      const reading = model.read(sequence, prompt.slice(7, 107), 'last');
      for (let part = 0; part < 4; part++) expect((await reading.next()).done).toBe(false);
      await reading.return(new Float32Array());
      for await (const values of turns) given.push(values);
      expectText(given);
      sequence.dispose();
    });

    test.each([
      { who: 'a batch that may come between leaves one that is half-way where it is', between: true },
      { who: 'any other sends it back to its beginning', between: false },
    ])('$who', async ({ between }) => {
      const [first, second] = [await model.createSequence(), await model.createSequence()];
      const before = gpu.submissions.count;
      const reading = model.read(first, batches[0]!, 'last');
      for (let part = 0; part < 3; part++) await reading.next();
      const mine = gpu.submissions.count - before;
      expectText([await whole(model.read(second, batches[0]!, 'last', { between }))]);
      const theirs = gpu.submissions.count - before - mine;
      expectText([await whole(reading)]);
      expect(gpu.submissions.count - before - theirs).toBe(between ? theirs : theirs + mine);
      expectText([await model.forward(first, batches[1]!, 'last')], 1);
      expectText([await model.forward(second, batches[1]!, 'last')], 1);
      for (const sequence of [first, second]) sequence.dispose();
    });

    /** Texts in a queue. `log`: who made how many submissions in each of its steps. */
    function queue() {
      const cache = new PrefixCache(model);
      const scheduler = new Scheduler();
      const log: { who: string; submissions: number }[] = [];
      /** Called in the middle of a step, after so many others. */
      const during = new Map<number, () => void>();
      async function* noted<T>(who: string, steps: AsyncGenerator<void, T>): AsyncGenerator<void, T> {
        for (;;) {
          const before = gpu.submissions.count;
          const step = steps.next();
          during.get(log.length)?.();
          const { done, value } = await step;
          log.push({ who, submissions: gpu.submissions.count - before });
          if (done) return value;
          yield;
        }
      }
      const run = (
        who: 'chat' | 'completion',
        change: Pick<GenerateRequest, 'ids'> & Partial<GenerateRequest>,
      ) => {
        const request: GenerateRequest = {
          purpose: who,
          snapshotsAt: [],
          maxTokens: 3,
          sampler: createSampler({ temperature: 0 }),
          stopIds: new Set(),
          stopStrings: [],
          signal: new AbortController().signal,
          ...change,
        };
        const { contextTokensMax } = model;
        const steps = generate({ cache, tokenizer, drafts: new DraftPolicy(0), contextTokensMax }, request);
        return scheduler.run(urgency[who], noted(who, steps));
      };
      const submissionsAfter = (step: number, of: string): number =>
        log.slice(step).reduce((sum, { who, submissions }) => sum + (who === of ? submissions : 0), 0);
      return { cache, run, log, during, submissionsAfter };
    }

    test('a completion in the middle of a prompt waits for what the device has, and for nothing that comes later', async () => {
      const { cache, run, log, during, submissionsAfter } = queue();
      const alone = await run('chat', { ids: promptOf(300, 2) });
      const done = log.length;
      let completion: ReturnType<typeof run> | undefined;
      during.set(done + 4, () => void (completion = run('completion', { ids: promptOf(40, 3) })));
      // Another text, then the same one: in the sequence that has read it last there is nothing of it.
      await run('chat', { ids: promptOf(300, 5), maxTokens: 0 });
      expect((await completion)!.stats.generatedTokens).toBe(3);
      const begun = log.findIndex(({ who }) => who === 'completion');
      const ended = log.findLastIndex(({ who }) => who === 'completion');
      // Of the two that the device has at most, the one that was just being made is the last.
      expect(begun).toBe(done + 5);
      expect(log.slice(begun, ended).every(({ who }) => who === 'completion')).toBe(true);
      expect(submissionsAfter(ended, 'chat')).toBeGreaterThan(5);
      expect((await run('chat', { ids: [...promptOf(300, 5), 1] })).stats.reusedTokens).toBe(300);
      expect((await run('chat', { ids: promptOf(300, 2), maxTokens: 3 })).text).toBe(alone.text);
      cache.dispose();
    });

    test('a cancellation is seen before the next submission, and the text goes on from the batch before', async () => {
      const { cache, run, log, during, submissionsAfter } = queue();
      const abort = new AbortController();
      let cancelled = 0;
      const onPrefill = (): void => {
        if (cancelled > 0) return;
        cancelled = log.length + 2;
        during.set(cancelled, () => abort.abort());
      };
      const ids = promptOf(300, 2);
      const { finishReason, stats } = await run('chat', { ids, signal: abort.signal, onPrefill });
      expect([finishReason, stats.contextTokens]).toEqual(['cancelled', model.batchTokensMax]);
      // The step it came in, and the one that sees it.
      expect(submissionsAfter(cancelled + 1, 'chat')).toBe(0);
      expect(log.length).toBe(cancelled + 2);
      const again = await run('chat', { ids: promptOf(300, 2) });
      expect(again.stats.reusedTokens).toBe(model.batchTokensMax);
      const other = queue();
      expect(again.text).toBe((await other.run('chat', { ids: promptOf(300, 2) })).text);
      for (const { cache: used } of [{ cache }, other]) used.dispose();
    });
  },
);
