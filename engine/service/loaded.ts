// Everything that belongs to one loaded model: tokenizer, template, prefix cache, recommended sampling.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { openCheckpoint } from '../checkpoint/open_checkpoint.ts';
import type { ModelLimits } from '../checkpoint/model_limits.ts';
import { DraftPolicy } from '../generate/draft_policy.ts';
import { PrefixCache } from '../generate/prefix_cache.ts';
import type { LanguageModel } from '../language_model/language_model.ts';
import { ChatPrompts } from '../prompt/chat_prompt.ts';
import { createChatTemplate, type ChatTemplate } from '../prompt/chat_template.ts';
import type { SamplingParams } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { ModelFacts } from '../protocol/lifecycle.ts';
import { thisEngine } from '../check/this_engine.ts';
import type { StateStore } from '../kept/state_store.ts';
import { CutAnswers } from './cut_answers.ts';
import { KeptStates } from './kept_states.ts';
import { TokenCounts } from './token_counts.ts';
import { createTokenizer, type TextTokenizer } from '../tokenizer/tokenizer.ts';

/** What a model file's weights become; Qwen3Next fits, test/fakes/fake_model.ts too. */
export interface ServedModel extends LanguageModel {
  readonly facts: Pick<ModelFacts, 'quantization' | 'contextTokensTrained' | 'textOnly'>;
  /** Kernels, and bytes read and written, of one token decoded at a position; empty for a model that does not count. */
  counters?(position: number): { dispatches_per_token?: number; bytes_per_token?: number };
  dispose(): void;
}

/** A model that was opened to be loaded. */
export interface OpenedModel {
  readonly checkpoint: Checkpoint;
  readonly text: LoadedText;
  /** Closes its files. */
  close(): Promise<void>;
}

export interface LoadedText {
  tokenizer: TextTokenizer;
  template: ChatTemplate;
  sampling: SamplingParams;
  limits: ModelLimits;
}

export interface Loaded extends LoadedText {
  path: string;
  model: ServedModel;
  prompts: ChatPrompts;
  cache: PrefixCache;
  /** What the disk keeps of texts; undefined where nothing is kept. */
  states: KeptStates | undefined;
  cutAnswers: CutAnswers;
  counts: TokenCounts;
  drafts: DraftPolicy;
  facts: ModelFacts;
}

/** Opens a model file or folder. Throws fileUnreadable, badCheckpoint, badTokenizer. */
export async function openModel(path: string): Promise<OpenedModel> {
  const checkpoint = await openCheckpoint(path);
  try {
    return { checkpoint, text: await loadText(checkpoint), close: () => checkpoint.close() };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** Tokenizer, template, sampling and limits of a checkpoint. Throws badTokenizer, badCheckpoint. */
export async function loadText(checkpoint: Checkpoint): Promise<LoadedText> {
  const source = await checkpoint.tokenizer();
  if (!source) throw errors.badTokenizer(checkpoint.path, phrase`the model carries none`);
  const tokenizer = createTokenizer(checkpoint.path, source);
  return {
    tokenizer,
    template: createChatTemplate(checkpoint.path, tokenizer),
    sampling: (await checkpoint.sampling()) ?? {},
    limits: await checkpoint.limits(),
  };
}

/**
 * Joins model and text; `deviceFault`: what the device computes wrongly; `drafts` fixes the number of drafts a step, else it is found by
 * measuring; `onRead` is told of every id that is read. Throws badTokenizer when the ids do not fit the model.
 */
export function joinLoaded(
  path: string,
  model: ServedModel,
  text: LoadedText,
  loadMs: number,
  {
    drafts,
    deviceFault,
    onRead,
    states,
  }: {
    drafts?: number | undefined;
    deviceFault?: Phrase | undefined;
    onRead?: (ids: readonly number[]) => void;
    /** Where state is kept, and which weights the model has. */
    states?: { store: StateStore; digest: string } | undefined;
  } = {},
): Loaded {
  text.tokenizer.checkFits(model.vocabularySize);
  const { quantization, contextTokensTrained, textOnly } = model.facts;
  const name =
    path
      .replace(/[\\/]+$/, '')
      .split(/[\\/]/)
      .at(-1) ?? path;
  const cache = new PrefixCache(model, onRead);
  return {
    ...text,
    path,
    model,
    prompts: new ChatPrompts(text.template, model.contextTokensMax),
    cache,
    states: states && keptStates(states, cache, model),
    cutAnswers: new CutAnswers(),
    counts: new TokenCounts(text.tokenizer),
    drafts: new DraftPolicy(model.draftsMax, {
      fixed: drafts ?? (model.parallel === false ? 0 : undefined),
      ahead: model.parallel !== false,
    }),
    facts: {
      path,
      name: name.replace(/\.gguf$/i, ''),
      quantization,
      contextTokensTrained,
      contextTokensMax: model.contextTokensMax,
      textOnly,
      canComplete: text.tokenizer.fim !== undefined,
      thinking: text.template.thinking,
      ...(text.template.fault && { templateFault: text.template.fault }),
      ...(deviceFault && { deviceFault }),
      loadMs,
    },
  };
}

function keptStates(
  { store, digest }: { store: StateStore; digest: string },
  cache: PrefixCache,
  model: ServedModel,
): KeptStates {
  return new KeptStates({ store, cache, model, key: JSON.stringify([thisEngine(), digest, model.stateKey]) });
}
