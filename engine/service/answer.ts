// chat/send: conversation and workspace -> prompt -> answer with its sources.
import {
  generate,
  nothingGenerated,
  type GenerateContext,
  type GenerateRequest,
  type GenerateResult,
} from '../generate/generator.ts';
import { interruptionOf } from '../generate/interruption.ts';
import { joined, type Said } from '../generate/said.ts';
import type { ThoughtEnd } from '../generate/thought_end.ts';
import { createSampler } from '../generate/sampler.ts';
import type { ChatPrompt } from '../prompt/chat_template.ts';
import { systemMessage } from '../prompt/workspace_block.ts';
import { limits } from '../protocol/limits.ts';
import type { ChatMessage, ChatSendParams, ChatSendResult, SourceLink } from '../protocol/chat.ts';
import type { MeasureParams, MeasureResult } from '../protocol/measure.ts';
import { leftOutOf, type Seen } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';
import { lookUp, type KnownWorkspace, type LookedUp } from './look_up.ts';
import { saidAgain } from './said_again.ts';
import { pause } from './token_counts.ts';

/** What of a request makes the answer. */
type AskedFor = Pick<
  ChatSendParams,
  | 'messages'
  | 'maxTokens'
  | 'think'
  | 'effort'
  | 'sampling'
  | 'stop'
  | 'continueAnswer'
  | 'allowRepetition'
  | 'instructions'
>;

/** What is told while an answer is made. */
export type AnswerListeners = Pick<GenerateRequest, 'onPrefill' | 'onThinking' | 'onText' | 'onThoughtSoFar'>;

export function generateContext({ cache, tokenizer, drafts, model }: Loaded): GenerateContext {
  return {
    cache,
    tokenizer,
    drafts,
    contextTokensMax: model.contextTokensMax,
  };
}

/** Most tokens of an answer; one without a limit of its own may fill the context. */
export function answerBound({ contextTokensMax }: Loaded['model'], maxTokens: number | undefined): number {
  return Math.min(maxTokens ?? contextTokensMax, contextTokensMax);
}

/** A question, as it is asked. */
interface Question {
  system: string;
  messages: ChatMessage[];
  /** What the answer, if it is one that goes on, has said after a prompt. */
  saidAfter: (asking: ChatPrompt) => Said | undefined;
}

/** What the workspace has to say to a conversation; undefined without a workspace. Waits for no device. */
export async function lookUpFor(
  loaded: Loaded,
  workspace: KnownWorkspace | undefined,
  params: MeasureParams,
): Promise<LookedUp | undefined> {
  return (
    workspace && lookUp(loaded, workspace, partsOf(params).asked, { again: params.continueAnswer ?? false })
  );
}

/** Excerpts stand behind their questions, so that the block stays as it is. */
function questionOf(
  loaded: Loaded,
  workspace: KnownWorkspace | undefined,
  params: MeasureParams,
  behind: LookedUp['behind'] = [],
): Question {
  const { asked, answer } = partsOf(params);
  const charsMax = loaded.model.contextTokensMax * limits.instructionCharsPerToken;
  const instructions = params.instructions?.slice(0, charsMax);
  return {
    system: systemMessage(workspace?.files.block, instructions),
    messages: asked.map((message, i) => {
      const excerpts = behind[i]?.text ?? '';
      return excerpts === '' ? message : { ...message, content: message.content + excerpts };
    }),
    saidAfter: asking =>
      answer &&
      (loaded.cutAnswers.find(asking.ids, answer) ??
        saidAgain(loaded.tokenizer, asking, loaded.prompts.thoughtClosing, answer)),
  };
}

/** The prompt that `make` makes of a question; where earlier ones are left out, the last one brings the excerpts that stood behind them. */
function promptOf<Prompt extends { dropped: number }>(
  loaded: Loaded,
  workspace: KnownWorkspace | undefined,
  params: MeasureParams,
  found: LookedUp | undefined,
  make: (question: Question) => Prompt,
): { question: Question; prompt: Prompt; behind: LookedUp['behind'] } {
  const tryWith = (behind: LookedUp['behind']) => {
    const question = questionOf(loaded, workspace, params, behind);
    return { question, prompt: make(question), behind };
  };
  const first = tryWith(found?.behind ?? []);
  if (!found || first.prompt.dropped === 0) return first;
  const alone = found.alone();
  if (found.behind.at(-1)?.text === alone.text) return first;
  return tryWith([...found.behind.slice(0, -1), alone]);
}

/**
 * How long the prompt of an answer would be, and how much of it is there already. Reads nothing, and encodes what is new message by
 * message, so that an answer that runs goes on meanwhile.
 */
export async function measureAnswer(
  loaded: Loaded,
  workspace: KnownWorkspace | undefined,
  params: MeasureParams,
): Promise<MeasureResult> {
  const found = await lookUpFor(loaded, workspace, params);
  const { system, messages } = questionOf(loaded, workspace, params, found?.behind);
  for (const stretch of loaded.prompts.stretches(system, messages, params)) {
    loaded.tokenizer.encode(stretch, { special: false });
    await pause();
  }
  const {
    prompt,
    question: { saidAfter },
  } = promptOf(loaded, workspace, params, found, question =>
    loaded.prompts.measure(
      question.system,
      question.messages,
      params,
      asking => question.saidAfter(asking)?.ids ?? [],
    ),
  );
  const { ids, asking, dropped, wholeTokens, reservedTokens, fits } = prompt;
  const whole = saidAfter(asking)?.next !== undefined;
  const { contextTokensMax } = loaded.model;
  return {
    promptTokens: ids.length,
    wholePromptTokens: wholeTokens,
    reservedTokens,
    freeTokens: contextTokensMax - wholeTokens - reservedTokens,
    contextTokensMax,
    reusableTokens: loaded.cache.reusableTokens(ids, 'chat', { whole }),
    droppedMessages: dropped,
    fits,
  };
}

/** The steps of one answer, with what was looked up for it. Throws contextFull when the last message does not fit. */
export async function* answerSteps(
  loaded: Loaded,
  workspace: KnownWorkspace | undefined,
  params: AskedFor,
  found: LookedUp | undefined,
  thoughtEnd: ThoughtEnd,
  listeners: AnswerListeners,
  signal: AbortSignal,
): AsyncGenerator<void, ChatSendResult> {
  const early = interruptionOf(signal);
  if (early) return resultOf(nothingGenerated(early, loaded.model), undefined, { dropped: 0 });
  workspace?.map.freeze();
  const { prompts, tokenizer, model } = loaded;
  const { question, prompt, behind } = promptOf(loaded, workspace, params, found, one =>
    prompts.answer(one.system, one.messages, params, asking => one.saidAfter(asking)?.ids ?? []),
  );
  const { asking, openingTokens, dropped } = prompt;
  const asked = behind.at(-1);
  if (found && asked) workspace?.sent.keep(found.key, asked);
  const seen: Seen | undefined = workspace && {
    status: workspace.files.status,
    excerpts: workspace.files.unchanged(behind.slice(dropped).flatMap(one => one?.shown ?? [])),
  };
  const said = question.saidAfter(asking);
  if (workspace) yield* loaded.states?.restore(prompt.ids.slice(0, openingTokens), signal) ?? [];
  const sharedTokens = prompts.sharedTokens(systemMessage(workspace?.files.block), question.system);
  const { cut, ...result } = yield* generate(generateContext(loaded), {
    purpose: 'chat',
    ids: prompt.ids,
    snapshotsAt: [sharedTokens, openingTokens, ...asking.borders],
    pinnedAt: openingTokens,
    maxTokens: answerBound(model, params.maxTokens),
    sampler: createSampler({ ...loaded.sampling, ...defined(params.sampling) }),
    stopIds: new Set(tokenizer.eosIds),
    stopStrings: params.stop ?? [],
    allowRepetition: params.allowRepetition,
    said,
    thought: { begun: asking.thoughtBegun, closing: prompts.thoughtClosing, end: thoughtEnd },
    signal,
    ...listeners,
  });
  const whole = joined(said ?? nothingSaid, result, result);
  if (cut) loaded.cutAnswers.keep(asking.ids, { ...cut, ...whole });
  const named = (text: string) => (seen && workspace?.files.sources(seen, found?.ranked ?? [], text)) ?? [];
  return resultOf(result, seen, { dropped, before: said, named });
}

const nothingSaid = { thinking: '', text: '' };

/** What was asked, up to the last question, and the answer that goes on, if one does. */
function partsOf({ messages, continueAnswer }: MeasureParams): {
  asked: ChatMessage[];
  answer?: ChatMessage;
} {
  return continueAnswer ? { asked: messages.slice(0, -1), answer: messages.at(-1) } : { asked: messages };
}

/** The answer with the places that back it, and what the model saw of the workspace. */
function resultOf(
  { finishReason, wasThought, ...answer }: GenerateResult,
  seen: Seen | undefined,
  {
    dropped,
    before,
    named,
  }: { dropped: number; before?: Said | undefined; named?: (text: string) => SourceLink[] },
): ChatSendResult {
  return {
    ...answer,
    ...(before && wasThought && { textBeforeWasThought: true }),
    // An answer has no deadline.
    finishReason: finishReason === 'deadline' ? 'cancelled' : finishReason,
    droppedMessages: dropped,
    sources: named?.((before?.text ?? '') + answer.text) ?? [],
    seenWhole: seen?.status.included.length ?? 0,
    leftOut: seen ? leftOutOf(seen) : [],
  };
}

/** Without the fields that are undefined, so that they do not hide the model's recommendation. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
