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
import { excerpts, systemMessage } from '../prompt/workspace_block.ts';
import { limits } from '../protocol/limits.ts';
import type { ChatMessage, ChatSendParams, ChatSendResult } from '../protocol/chat.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';
import { saidAgain } from './said_again.ts';

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
    batchTokensMax: model.batchTokensMax,
  };
}

/** Most tokens of an answer; one without a limit of its own may fill the context. */
export function answerBound({ contextTokensMax }: Loaded['model'], maxTokens: number | undefined): number {
  return Math.min(maxTokens ?? contextTokensMax, contextTokensMax);
}

/** The steps of one answer. Throws contextFull when the last message does not fit. */
export async function* answerSteps(
  loaded: Loaded,
  workspace: Workspace | undefined,
  params: AskedFor,
  thoughtEnd: ThoughtEnd,
  listeners: AnswerListeners,
  signal: AbortSignal,
): AsyncGenerator<void, ChatSendResult> {
  const early = interruptionOf(signal);
  if (early) return withSources(nothingGenerated(early, loaded.model), workspace, []);
  const { prompts, tokenizer, model } = loaded;
  const { asked: messages, answer } = partsOf(params);
  const question = messages.at(-1)?.content ?? '';
  const places = workspace?.places(question) ?? [];
  // Passages of files the block has no room for go with the question, so that the block stays as it is.
  const asked = question + (workspace ? excerpts(workspace.unseen(places)) : '');
  const saidAfter = (asked: ChatPrompt): Said | undefined =>
    answer &&
    (loaded.cutAnswers.find(asked.ids, answer) ??
      saidAgain(tokenizer, asked, prompts.thoughtClosing, answer));
  const instructions = params.instructions?.slice(0, model.contextTokensMax * limits.instructionCharsPerToken);
  const system = systemMessage(workspace?.block, instructions);
  const prompt = prompts.answer(
    system,
    [...messages.slice(0, -1), { role: 'user', content: asked }],
    params,
    asking => saidAfter(asking)?.ids ?? [],
  );
  const { asking } = prompt;
  const said = saidAfter(asking);
  const { cut, ...result } = yield* generate(generateContext(loaded), {
    purpose: 'chat',
    ids: prompt.ids,
    snapshotsAt: [
      prompts.sharedTokens(systemMessage(workspace?.block), system),
      prompt.openingTokens,
      ...asking.borders,
    ],
    pinnedAt: prompt.openingTokens,
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
  return withSources(result, workspace, places, { before: said });
}

const nothingSaid = { thinking: '', text: '' };

/** What was asked, up to the last question, and the answer that goes on, if one does. */
function partsOf({ messages, continueAnswer }: AskedFor): { asked: ChatMessage[]; answer?: ChatMessage } {
  return continueAnswer ? { asked: messages.slice(0, -1), answer: messages.at(-1) } : { asked: messages };
}

/** The answer with the places that back it. */
function withSources(
  { finishReason, wasThought, ...answer }: GenerateResult,
  workspace: Workspace | undefined,
  places: Parameters<Workspace['sources']>[0],
  { before }: { before?: Said | undefined } = {},
): ChatSendResult {
  return {
    ...answer,
    ...(before && wasThought && { textBeforeWasThought: true }),
    // An answer has no deadline.
    finishReason: finishReason === 'deadline' ? 'cancelled' : finishReason,
    sources: workspace?.sources(places, (before?.text ?? '') + answer.text) ?? [],
    leftOut: workspace?.status.leftOut ?? [],
  };
}

/** Without the fields that are undefined, so that they do not hide the model's recommendation. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
