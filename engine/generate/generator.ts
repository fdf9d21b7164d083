// One generation as a walk in steps: prefill batches, then tokens. Between steps the scheduler may run something else,
// and cancellation is looked at before each.
import type { FinishReason, GenerationStats } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';
import type { DraftPolicy } from './draft_policy.ts';
import { interruptionOf, type Interruption } from './interruption.ts';
import type { PrefixCache, Purpose } from './prefix_cache.ts';
import type { Sampler } from './sampler.ts';
import { Output } from './output.ts';
import type { Said } from './said.ts';
import { closingAfter, type ThoughtCut, type ThoughtEnd } from './thought_end.ts';
import { TokensAhead } from './tokens_ahead.ts';

/** State snapshots: one every so many prefill tokens. */
const snapshotEveryTokens = 1024;
/**
 * Farther than so many tokens from the end of a prompt one is kept at every second of these places at most: a sequence has room for
 * no more, and there are larger batches.
 */
const denseTokens = limits.snapshotsPerSequenceMax * snapshotEveryTokens;

export interface GenerateRequest {
  purpose: Purpose;
  ids: readonly number[];
  /** Positions in ids whose state is worth keeping. */
  snapshotsAt: readonly number[];
  /** The one among them that other conversations begin with too. */
  pinnedAt?: number;
  /** 0: only read the prompt (prewarm). */
  maxTokens: number;
  sampler: Sampler;
  stopIds: ReadonlySet<number>;
  stopStrings: readonly string[];
  /** Thoughts are told from the answer and have an allowance beside maxTokens. Unset: all text is answer. */
  thought?: {
    begun: boolean;
    /** How the template ends a thought, and who says when it ends early. */
    closing: string;
    end: ThoughtEnd;
  };
  /** The text may repeat itself without end. */
  allowRepetition?: boolean;
  /** An answer that goes on: its ids are the last of `ids`. */
  said?: Said | undefined;
  /** Ends the generation before its next step; see interruptionOf(). */
  signal: AbortSignal;
  onPrefill?(doneTokens: number, totalTokens: number): void;
  onThinking?(text: string, tokens: number): void;
  onText?(text: string): void;
  /** All text told so far was a thought, whose end has come: the answer has not begun yet. */
  onThoughtSoFar?(): void;
}

export interface GenerateResult {
  text: string;
  thinking: string;
  /** Of the thought, with those that it had before it was cut; 0 where nothing was thought. */
  thoughtTokens: number;
  finishReason: FinishReason | 'deadline';
  /** The thought was ended before the model did. */
  thoughtCut?: ThoughtCut;
  /** All text that was said before, in an answer that goes on too, turned out to be a thought. */
  wasThought: boolean;
  /** Where the answer may go on, when it was cut. */
  cut?: Pick<Said, 'ids' | 'next' | 'at' | 'thoughtTokens'>;
  stats: GenerationStats;
}

/** What a generation works with. */
export interface GenerateContext {
  cache: PrefixCache;
  tokenizer: TextTokenizer;
  drafts: DraftPolicy;
  contextTokensMax: number;
}

/** Yields between steps; returns the result. Throws contextFull before anything is read when the prompt is too long. */
export async function* generate(
  { cache, tokenizer, drafts, contextTokensMax }: GenerateContext,
  request: GenerateRequest,
): AsyncGenerator<void, GenerateResult> {
  const { ids, sampler, maxTokens } = request;
  const started = performance.now();
  const stats = emptyStats(ids.length, contextTokensMax);
  if (ids.length === 0) throw errors.badParams('the prompt is empty');
  if (ids.length > contextTokensMax) throw errors.contextFull(ids.length, contextTokensMax);
  const output = new Output(tokenizer, request);
  request.thought?.end.watch(() => output.isThinking);
  let thoughtCut: ThoughtCut | undefined;
  const finish = (
    finishReason: GenerateResult['finishReason'],
    cut?: GenerateResult['cut'],
  ): GenerateResult => ({
    text: output.text,
    thinking: output.thinking,
    thoughtTokens: output.allThoughtTokens,
    finishReason,
    ...(thoughtCut && { thoughtCut }),
    wasThought: output.wasThought,
    ...(cut && { cut }),
    stats,
  });
  const early = interruptionOf(request.signal);
  if (early) return finish(early);
  const { said } = request;
  const whole = said?.next !== undefined;
  const lease = await cache.acquire(ids, request.purpose, { ahead: maxTokens === 0, whole });
  if (!lease) throw errors.internal('every sequence is in use');
  try {
    stats.reusedTokens = lease.reusedTokens;
    stats.diskTokens = lease.diskTokens;
    const { branchAt } = lease;
    const places = branchAt === undefined ? request.snapshotsAt : [...request.snapshotsAt, branchAt];
    let logits: Float32Array | undefined;
    while (lease.position < ids.length) {
      const stop = interruptionOf(request.signal);
      if (stop) return finish(stop);
      const cut = nextCut(lease.position, ids.length, places);
      const end = lease.position + (await lease.batchTokens(cut - lease.position));
      const isLast = end === ids.length;
      const part = ids.slice(lease.position, end);
      const reading = lease.read(part, isLast && maxTokens > 0 ? 'last' : 'none', { ahead: !isLast });
      const read = yield* untilStopped(reading, request.signal);
      if (typeof read === 'string') return finish(read);
      logits = read;
      if (end === cut && (places.includes(end) || end % snapshotEveryTokens === 0))
        await lease.keepSnapshot({ pinned: end === request.pinnedAt });
      request.onPrefill?.(end, ids.length);
      stats.contextTokens = lease.position;
      yield;
    }
    stats.prefillMs = performance.now() - started;
    if (maxTokens === 0) return finish('length');
    // All was there already: so was the choice.
    if (!logits) request.onPrefill?.(ids.length, ids.length);

    const generatedFrom = ids.length - (said?.ids.length ?? 0);
    const history = { ids: [...ids], generatedFrom };
    const cutAt = (next?: number): GenerateResult['cut'] => {
      const { state, thoughtTokens } = output;
      output.end({ goesOn: true });
      // Blanks are shown, and a thought may still come after them.
      const at = state === 'before' && output.text.trim() === '' ? state : output.state;
      return { ids: history.ids.slice(generatedFrom), next, at, thoughtTokens };
    };
    const decodeStarted = performance.now();
    const ahead = new TokensAhead(lease, request, drafts, stats, history);
    let id = logits ? sampler.sample(logits, history) : (said?.next as number);
    for (;;) {
      const stop = interruptionOf(request.signal);
      const due = stop ? undefined : thoughtDue(output, request);
      const closing = due ? closingIds(tokenizer, request, output) : [];
      if (due && ahead.position + closing.length < contextTokensMax) {
        // What the model would have thought next is not said; the answer begins in the state there is.
        ahead.takeBack();
        const after = yield* untilStopped(lease.read(closing, 'last'), request.signal);
        if (typeof after === 'string') return finish(after, cutAt(id));
        history.ids.push(...closing);
        output.endThought();
        thoughtCut = due;
        stats.contextTokens = lease.position;
        yield;
        id = sampler.sample(after, history);
        continue;
      }
      if (stop || request.stopIds.has(id)) {
        ahead.takeBack();
        if (stop) return finish(stop, cutAt(id));
        output.end();
        return finish('stop');
      }
      history.ids.push(id);
      stats.generatedTokens++;
      if (stats.generatedTokens === 1) stats.firstTokenMs = performance.now() - started;
      const ended = output.push(id);
      stats.decodeMs = performance.now() - decodeStarted;
      const room = Math.min(output.tokensLeft, contextTokensMax - ahead.position);
      if (ended || room <= 0) {
        ahead.takeBack();
        if (ended === 'stop') return finish('stop');
        return finish(ended ?? (output.tokensLeft <= 0 ? 'length' : 'context'), cutAt());
      }
      // What was drafted rightly has been read already; only a new step is a border for others.
      if (!ahead.hasRead(id)) {
        await ahead.step(id, room - 1);
        stats.contextTokens = lease.position;
        yield;
      }
      id = ahead.next();
    }
  } finally {
    lease.release();
  }
}

/** What `reading` gives, or why it was ended at one of its yields. */
async function* untilStopped(
  reading: AsyncGenerator<void, Float32Array>,
  signal: AbortSignal,
): AsyncGenerator<void, Float32Array | Interruption> {
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
    yield;
    const stop = interruptionOf(signal);
    if (!stop) continue;
    await reading.return(new Float32Array());
    return stop;
  }
}

/** The figures of a generation that has not begun. */
function emptyStats(promptTokens: number, contextTokensMax: number): GenerationStats {
  return {
    promptTokens,
    reusedTokens: 0,
    diskTokens: 0,
    generatedTokens: 0,
    draftedTokens: 0,
    acceptedTokens: 0,
    prefillMs: 0,
    decodeMs: 0,
    firstTokenMs: 0,
    contextTokens: 0,
    contextTokensMax,
  };
}

/** What comes of a generation that was interrupted before its prompt was made. */
export function nothingGenerated(
  finishReason: Interruption,
  { contextTokensMax }: Pick<GenerateContext, 'contextTokensMax'>,
): GenerateResult {
  const stats = emptyStats(0, contextTokensMax);
  return { text: '', thinking: '', thoughtTokens: 0, finishReason, wasThought: false, stats };
}

function thoughtDue(output: Output, { thought }: GenerateRequest): ThoughtCut | undefined {
  return output.isThinking ? thought?.end.due(output.thoughtTokens) : undefined;
}

/** What ends the thought that runs. */
function closingIds(tokenizer: TextTokenizer, { thought }: GenerateRequest, { thinking }: Output): number[] {
  return tokenizer.encode(closingAfter(thinking, thought?.closing ?? ''), { special: true });
}

/** The next position after `at` where a prefill batch has to end: a place for a snapshot, or the end of the prompt. */
function nextCut(at: number, end: number, places: readonly number[]): number {
  const every = end - at > denseTokens ? 2 * snapshotEveryTokens : snapshotEveryTokens;
  const wanted = places.filter(place => place > at);
  return Math.min(...wanted, (Math.floor(at / every) + 1) * every, end);
}
