// chat/send: conversation and workspace -> prompt -> answer with its sources.
import {
  generate,
  nothingGenerated,
  type GenerateContext,
  type GenerateRequest,
  type GenerateResult,
} from '../generate/generator.ts';
import { interruptionOf } from '../generate/interruption.ts';
import type { ThoughtEnd } from '../generate/thought_end.ts';
import { createSampler } from '../generate/sampler.ts';
import { excerpts, systemMessage } from '../prompt/workspace_block.ts';
import type { ChatSendParams, ChatSendResult } from '../protocol/chat.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';

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
  params: Pick<
    ChatSendParams,
    'messages' | 'instructions' | 'maxTokens' | 'think' | 'effort' | 'sampling' | 'stop'
  >,
  thoughtEnd: ThoughtEnd,
  listeners: AnswerListeners,
  signal: AbortSignal,
): AsyncGenerator<void, ChatSendResult> {
  const early = interruptionOf(signal);
  if (early) return withSources(nothingGenerated(early, loaded.model), workspace, []);
  const { prompts, tokenizer, model } = loaded;
  const question = params.messages.at(-1)?.content ?? '';
  const places = workspace?.places(question) ?? [];
  // Passages of files the block has no room for go with the question, so that the block stays as it is.
  const asked = question + (workspace ? excerpts(workspace.unseen(places)) : '');
  const prompt = prompts.answer(
    // A token is three to four characters of prose: they take a third of the context at most.
    systemMessage(workspace?.block, params.instructions?.slice(0, model.contextTokensMax)),
    [...params.messages.slice(0, -1), { role: 'user', content: asked }],
    params,
  );
  const result = yield* generate(generateContext(loaded), {
    purpose: 'chat',
    ids: prompt.ids,
    snapshotsAt: [prompt.openingTokens, ...prompt.borders],
    pinnedAt: prompt.openingTokens,
    maxTokens: answerBound(model, params.maxTokens),
    sampler: createSampler({ ...loaded.sampling, ...defined(params.sampling) }),
    stopIds: new Set(tokenizer.eosIds),
    stopStrings: params.stop ?? [],
    thought: { begun: prompt.thoughtBegun, closing: prompts.thoughtClosing, end: thoughtEnd },
    signal,
    ...listeners,
  });
  return withSources(result, workspace, places);
}

/** The answer with the places that back it. */
function withSources(
  { finishReason, ...answer }: GenerateResult,
  workspace: Workspace | undefined,
  places: Parameters<Workspace['sources']>[0],
): ChatSendResult {
  return {
    ...answer,
    // An answer has no deadline.
    finishReason: finishReason === 'deadline' ? 'cancelled' : finishReason,
    sources: workspace?.sources(places, answer.text) ?? [],
    leftOut: workspace?.status.leftOut ?? [],
  };
}

/** Without the fields that are undefined, so that they do not hide the model's recommendation. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
