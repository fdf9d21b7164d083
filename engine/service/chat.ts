// chat/send: conversation and workspace -> prompt -> answer with its sources.
import { createSampler } from '../generate/sampler.ts';
import { generate, type GenerateContext, type GenerateRequest } from '../generate/generator.ts';
import { fitMessages } from '../prompt/budget.ts';
import type { ChatTemplate } from '../prompt/chat_template.ts';
import { fenceFor, languageTag, systemMessage } from '../prompt/workspace_block.ts';
import type { ChatMessage, ChatSendParams, ChatSendResult, FinishReason } from '../protocol/chat.ts';
import { limits } from '../protocol/limits.ts';
import type { RankedPlace } from '../workspace/rank.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Loaded } from './loaded.ts';

export interface ChatListeners {
  interrupted: GenerateRequest['interrupted'];
  onPrefill?: GenerateRequest['onPrefill'];
  onThinking?: GenerateRequest['onThinking'];
  onText?: GenerateRequest['onText'];
}

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
export async function* chatSteps(
  loaded: Loaded,
  workspace: Workspace | undefined,
  params: Pick<ChatSendParams, 'messages' | 'maxTokens' | 'think' | 'sampling' | 'stop'>,
  listeners: ChatListeners,
): AsyncGenerator<void, ChatSendResult> {
  const { template, tokenizer, model } = loaded;
  const question = params.messages.at(-1)?.content ?? '';
  const system = systemMessage(workspace?.block);
  const messages: ChatMessage[] = [
    { role: 'system', content: system },
    ...params.messages.slice(0, -1),
    { role: 'user', content: question + (workspace ? excerpts(workspace.unseenPlaces(question)) : '') },
  ];
  const opening = openingOf(template, system, params);
  const wishedTokens =
    (params.maxTokens ?? limits.answerTokensReserved) + (opening.thoughtBegun ? limits.thoughtTokensMax : 0);
  const fitted = fitMessages(messages, {
    tokensOf: list => template.prompt(list, params).ids.length,
    contextTokensMax: model.contextTokensMax,
    reserveTokens: Math.min(wishedTokens, Math.floor(model.contextTokensMax / 4)),
  });
  const { ids, borders } = template.prompt(fitted.messages, params);
  const pinnedAt = opening.tokens;
  const result = yield* generate(generateContext(loaded), {
    purpose: 'chat',
    ids,
    snapshotsAt: [pinnedAt, ...borders],
    pinnedAt,
    maxTokens: answerBound(model, params.maxTokens),
    sampler: createSampler({ ...loaded.sampling, ...defined(params.sampling) }),
    stopIds: new Set(tokenizer.eosIds),
    stopStrings: params.stop ?? [],
    thought: { begun: opening.thoughtBegun },
    ...listeners,
  });
  return {
    text: result.text,
    thinking: result.thinking,
    finishReason: result.finishReason as FinishReason,
    stats: result.stats,
    sources: workspace ? workspace.sources(question, result.text) : [],
    workspaceFiles: workspace?.status.included.map(file => file.path) ?? [],
    leftOut: workspace?.status.leftOut ?? [],
  };
}

/** The steps that read the workspace block, so that the first question need not; none when its state is there already. */
export async function* prewarmSteps(
  loaded: Loaded,
  workspace: Workspace,
  interrupted: GenerateRequest['interrupted'],
): AsyncGenerator<void, void> {
  const { template, tokenizer, model } = loaded;
  const system = systemMessage(workspace.block);
  const { ids } = template.prompt(asking(system, '?'));
  const end = openingOf(template, system).tokens;
  const opening = ids.slice(0, end);
  if (end > model.contextTokensMax || loaded.cache.holds(opening, 'chat')) return;
  yield* generate(generateContext(loaded), {
    purpose: 'chat',
    ids: opening,
    snapshotsAt: [end],
    pinnedAt: end,
    maxTokens: 0,
    sampler: createSampler({}),
    stopIds: new Set(tokenizer.eosIds),
    stopStrings: [],
    interrupted,
  });
}

/**
 * How many ids all conversations with this system message begin with, and whether their prompts end inside a thought. Asked
 * of two prompts, because some templates refuse to render a system message alone.
 */
function openingOf(
  template: ChatTemplate,
  system: string,
  options: { think?: boolean } = {},
): { tokens: number; thoughtBegun: boolean } {
  const { ids: one, thoughtBegun } = template.prompt(asking(system, 'x'), options);
  const { ids: other } = template.prompt(asking(system, '\ny'), options);
  const differs = one.findIndex((id, i) => id !== other[i]);
  return { tokens: differs < 0 ? one.length : differs, thoughtBegun };
}

function asking(system: string, question: string): ChatMessage[] {
  return [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ];
}

/** Passages of files the block has no room for, appended to the question so that the block stays as it is. */
function excerpts(places: readonly RankedPlace[]): string {
  let text = '';
  for (const place of places) {
    const fence = fenceFor(place.text);
    const piece = `\n\nFrom ${place.path}:${place.startLine}-${place.endLine}\n${fence}${languageTag(place.path)}\n${place.text}\n${fence}`;
    if (text.length + piece.length > limits.excerptCharsMax) break;
    text += piece;
  }
  return text;
}

/** Without the fields that are undefined, so that they do not hide the model's recommendation. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
