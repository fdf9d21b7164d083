// A conversation as the prompt of one answer: the messages that fit, their ids, and what other conversations begin with too.
import type { ChatMessage } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import { fitMessages } from './budget.ts';
import type { ChatPrompt, ChatTemplate } from './chat_template.ts';
import type { ThinkingOptions } from './thinking_switches.ts';

/** Room in the context for an answer that has no limit of its own; for it older turns are left out. */
const answerTokensReserved = 4096;

/** What all conversations with one system message begin with. */
interface Opening {
  /** Ids of it; a snapshot of the state after them serves every such conversation. */
  readonly ids: readonly number[];
  /** Prompts end inside a thought. */
  readonly thoughtBegun: boolean;
}

export interface AnswerPrompt {
  /** What asks for the answer. */
  readonly asking: ChatPrompt;
  /** The ids of that, and what the answer has said already. */
  readonly ids: readonly number[];
  /** How many of the ids all conversations with this system message begin with. */
  readonly openingTokens: number;
  /** Oldest messages that were left out. */
  readonly dropped: number;
}

export interface MeasuredPrompt extends AnswerPrompt {
  /** Of the prompt with all messages. */
  readonly wholeTokens: number;
  /** Room kept for the answer and its thought. */
  readonly reservedTokens: number;
  /** False: the last message alone leaves no such room. */
  readonly fits: boolean;
}

/** Openings are remembered for this many system messages: with and without a workspace, thoughts, and the user's instructions. */
const openingsMax = 8;

/** Makes the prompts of one model. Throws badTokenizer when the model's template fails. */
export class ChatPrompts {
  /** The one used last comes last. */
  readonly #openings = new Map<string, Opening>();
  /** What the last answer was asked with; the next one likely is, too. */
  #usual: ThinkingOptions = {};

  constructor(
    private readonly template: ChatTemplate,
    private readonly contextTokensMax: number,
  ) {}

  /** The prompt of an answer, as measured. Throws contextFull. */
  answer(...asked: Parameters<ChatPrompts['measure']>): AnswerPrompt {
    const [, , { think, effort }] = asked;
    this.#usual = { think, effort };
    const prompt = this.measure(...asked);
    if (!prompt.fits)
      throw errors.contextFull(prompt.ids.length + prompt.reservedTokens, this.contextTokensMax);
    return prompt;
  }

  /**
   * The prompt of an answer to the last message, without the oldest turns when there is no room for all. `maxTokens`: of the
   * answer; room for it, and for a thought, is kept up to a quarter of the context. `saidAfter`: ids of what the answer, if it is
   * one that goes on, has said after that prompt.
   */
  measure(
    system: string,
    messages: readonly ChatMessage[],
    { maxTokens, ...options }: ThinkingOptions & { maxTokens?: number | undefined },
    saidAfter: (asking: ChatPrompt) => readonly number[] = () => [],
  ): MeasuredPrompt {
    const { think, effort } = options;
    const opening = this.opening(system, options);
    const wishedTokens =
      (maxTokens ?? answerTokensReserved) + (opening.thoughtBegun ? limits.thoughtTokensMax : 0);
    const reservedTokens = Math.min(wishedTokens, Math.floor(this.contextTokensMax / 4));
    const { prompt, dropped, wholeTokens, fits } = fitMessages(
      [{ role: 'system', content: system }, ...messages],
      {
        promptOf: list => {
          const asking = this.template.prompt(list, { think, effort });
          return { asking, ids: [...asking.ids, ...saidAfter(asking)] };
        },
        contextTokensMax: this.contextTokensMax,
        reserveTokens: reservedTokens,
      },
    );
    return { ...prompt, openingTokens: opening.ids.length, dropped, wholeTokens, reservedTokens, fits };
  }

  /** The texts that measure() has encoded, one by one; see ChatTemplate. */
  stretches(system: string, messages: readonly ChatMessage[], options: ThinkingOptions): string[] {
    return this.template.stretches([{ role: 'system', content: system }, ...messages], options);
  }

  /** What stands between a thought and the answer after it. */
  get thoughtClosing(): string {
    return this.template.thoughtClosing;
  }

  /**
   * Unless options are given, as the last answer was asked for. Found by comparing two prompts, because some templates refuse to
   * render a system message alone.
   */
  opening(system: string, { think, effort }: ThinkingOptions = this.#usual): Opening {
    const key = `${think} ${effort}\n${system}`;
    const known = this.#openings.get(key);
    if (known) this.#openings.delete(key);
    const opening = known ?? this.#find(system, { think, effort });
    this.#openings.set(key, opening);
    const [oldest] = this.#openings.keys();
    if (this.#openings.size > openingsMax && oldest !== undefined) this.#openings.delete(oldest);
    return opening;
  }

  /** How many ids conversations with either of two system messages begin with. */
  sharedTokens(system: string, other: string): number {
    return commonLength(this.opening(system).ids, this.opening(other).ids);
  }

  #find(system: string, options: ThinkingOptions): Opening {
    const { ids: one, thoughtBegun } = this.template.prompt(asking(system, 'x'), options);
    const { ids: other } = this.template.prompt(asking(system, '\ny'), options);
    return { ids: one.slice(0, commonLength(one, other)), thoughtBegun };
  }
}

function commonLength(one: readonly number[], other: readonly number[]): number {
  const differs = one.findIndex((id, i) => id !== other[i]);
  return differs < 0 ? one.length : differs;
}

function asking(system: string, question: string): ChatMessage[] {
  return [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ];
}
