// Conversation -> token ids by the model's own Jinja template (docs/MODEL.md 11.4). Message contents are shielded before the
// template sees them, so nothing a user or a file says can become a control token, whatever the template does with it.
import { HearthError, errors } from '../protocol/errors.ts';
import type { ThinkingFacts } from '../protocol/lifecycle.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import { limits } from '../protocol/limits.ts';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';
import { BoundedTemplate, templateFaultOf } from './bounded_template.ts';
import { Dict, LimitError, type Value } from './jinja/values.ts';
import {
  conversationChars,
  templateMessages,
  templateTools,
  type PromptMessage,
} from './template_messages.ts';
import {
  thinkingFacts,
  thinkingVariables,
  type RenderWith,
  type ThinkingOptions,
} from './thinking_switches.ts';

export interface ChatPrompt {
  readonly ids: number[];
  /**
   * Ends of messages, in ids, that stay prefixes when the conversation grows: places for snapshots of the state. Asking for them
   * renders the conversation once more for each.
   */
  readonly borders: number[];
  /** The prompt ends inside a thought: what the model says first is no answer yet. */
  readonly thoughtBegun: boolean;
  /** It ends after a thought that has no words: the model is not to think. */
  readonly thoughtClosed: boolean;
}

export interface ChatTemplate {
  /**
   * The whole conversation, ready for the assistant's answer; the options are for templates that leave the choice.
   * Throws badTokenizer when the template fails, badParams for an effort that it does not take and for what is no JSON.
   */
  prompt(messages: readonly PromptMessage[], options?: PromptOptions): ChatPrompt;
  /** Why this is not the model's own template but the form of the whole family. */
  readonly fault: Phrase | undefined;
  /** The texts of that prompt between added tokens. Who has encoded them one by one has a prompt at once. */
  stretches(messages: readonly PromptMessage[], options?: PromptOptions): string[];
  readonly thinking: ThinkingFacts;
  /** What stands between a thought and the answer after it. */
  readonly thoughtClosing: string;
}

export interface PromptOptions extends ThinkingOptions {
  /** What the model may call: the JSON text of each tool's description. */
  tools?: readonly string[];
}

/** How the whole family closes a thought. */
const usualThoughtClosing = '\n</think>\n\n';
/** Blanks around the tag; more can only be text. */
const thoughtClosingCharsMax = 32;

/** Steps and texts for a question of one word: what real templates take some hundreds of. */
const probeAllowance = 50_000;

/** What a model without a template gets: ChatML, the form of the whole family. */
const chatMl =
  "{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}";

/** Conversations that every template must take. */
const usualConversations: readonly PromptMessage[][] = [
  [{ role: 'user', content: 'Hi' }],
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello.', thinking: 'A greeting.' },
    { role: 'user', content: 'Bye' },
  ],
];

/** The model's own template; one that cannot be used is replaced by the form of the whole family, and `fault` says why. */
export function createChatTemplate(path: string, tokenizer: TextTokenizer): ChatTemplate {
  let fault: Phrase | undefined;
  const failed = (why: Phrase) => {
    fault = why;
    return errors.badTokenizer(path, why);
  };
  if (tokenizer.chatTemplate === undefined) return templateOf(tokenizer, chatMl, { failed });
  try {
    const own = templateOf(tokenizer, tokenizer.chatTemplate, { failed });
    for (const conversation of usualConversations) own.prompt(conversation);
    return own;
  } catch (error) {
    if (!(error instanceof HearthError)) throw error;
    return templateOf(tokenizer, chatMl, { failed, fault });
  }
}

/** Throws what `failed` makes of the reason when a template does not parse, and later when it fails. */
function templateOf(
  tokenizer: TextTokenizer,
  source: string,
  { failed, fault }: { failed: (why: Phrase) => HearthError; fault?: Phrase | undefined },
): ChatTemplate {
  let template: BoundedTemplate;
  try {
    template = new BoundedTemplate(source);
  } catch (cause) {
    throw failed(phrase`its chat template does not parse: ${templateFaultOf(cause)}`);
  }
  /** A rendering has asked for too much: none of the same conversation is tried again. */
  let overran = false;
  const render = (
    { messages, tools, chars }: Conversation,
    switches: Switches,
    allowance?: number,
  ): string => {
    const variables = new Dict(Object.entries({ messages, ...(tools && { tools }), ...switches }));
    try {
      return template.render(variables, { messages: messages.length, chars, allowance });
    } catch (cause) {
      overran ||= cause instanceof LimitError;
      throw failed(phrase`its chat template fails: ${templateFaultOf(cause)}`);
    }
  };
  const shield: TextTokenizer['shield'] = (text, options) => tokenizer.shield(text, options);
  const conversationOf = (
    messages: readonly PromptMessage[],
    tools: readonly string[] = [],
  ): Conversation => ({
    messages: templateMessages(messages, shield),
    tools: tools.length > 0 ? templateTools(tools, shield) : undefined,
    chars: conversationChars(messages, tools),
  });
  let thoughtClosing: string | undefined;
  let thinking: ThinkingFacts | undefined;
  const thinkingOf = (): ThinkingFacts => {
    overran = false;
    return (thinking ??= thinkingFacts(source, probe));
  };
  /** Throws badParams for an effort that the template does not take. */
  const understood = (options: ThinkingOptions): ThinkingOptions => {
    const { effort } = options;
    if (effort === undefined) return options;
    const { efforts } = thinkingOf();
    if (efforts.length === 0) return { ...options, effort: undefined };
    if (!efforts.includes(effort) && !probe(options))
      throw errors.badParams(`effort: this model takes ${efforts.join(', ')}, not "${effort}"`);
    return options;
  };
  const probe: RenderWith = options => {
    if (overran) return undefined;
    const asked = conversationOf([{ role: 'user', content: 'Hi' }]);
    const switches = { add_generation_prompt: true, ...switchesOf(options) };
    const text = renderedOr(undefined, () => render(asked, switches, probeAllowance));
    return text === undefined ? undefined : { text, ...thoughtAtEnd(encode(text), tokenizer) };
  };
  const encode = (text: string) => tokenizer.encode(text, { special: true });
  const rendered = (messages: readonly PromptMessage[], options: PromptOptions) => {
    overran = false;
    const chosen = switchesOf(understood(options));
    const conversation = conversationOf(messages, options.tools);
    return { conversation, chosen, whole: render(conversation, { add_generation_prompt: true, ...chosen }) };
  };
  return {
    fault,
    get thoughtClosing() {
      return (thoughtClosing ??= thoughtClosingOf(messages =>
        render(conversationOf(messages), { add_generation_prompt: false }),
      ));
    },
    get thinking() {
      return thinkingOf();
    },
    stretches: (messages, options = {}) => tokenizer.stretches(rendered(messages, options).whole),
    prompt(messages, options = {}) {
      const { conversation, chosen, whole } = rendered(messages, options);
      const ids = encode(whole);
      const bordersOf = (): number[] => {
        overran = false;
        const borders: number[] = [];
        let done = { chars: 0, tokens: 0 };
        for (const count of borderCounts(conversation.messages.length)) {
          const beginning = () =>
            render(
              { ...conversation, messages: conversation.messages.slice(0, count) },
              { add_generation_prompt: false, ...chosen },
            );
          const chars = prefixLength(whole, beginning);
          if (overran) break;
          if (chars === undefined || chars <= done.chars) continue;
          const added = encode(whole.slice(done.chars, chars));
          // Text that goes on after the border may merge with what stands before it: then it is none.
          if (!added.every((id, i) => id === ids[done.tokens + i])) continue;
          done = { chars, tokens: done.tokens + added.length };
          if (done.tokens < ids.length) borders.push(done.tokens);
        }
        return borders;
      };
      let known: number[] | undefined;
      return {
        ids,
        ...thoughtAtEnd(ids, tokenizer),
        get borders() {
          return (known ??= bordersOf());
        },
      };
    },
  };
}

/** What a template is given of a conversation. */
interface Conversation {
  messages: readonly Dict[];
  tools: readonly Value[] | undefined;
  /** Of all its texts. */
  chars: number;
}

/** What a template is told beside the messages. */
interface Switches {
  add_generation_prompt: boolean;
  enable_thinking?: boolean;
  reasoning_effort?: string;
}

/** A template asks whether a switch is defined. */
function switchesOf({ think, effort }: ThinkingOptions): Omit<Switches, 'add_generation_prompt'> {
  return {
    ...(think !== undefined && { [thinkingVariables.think]: think }),
    ...(effort !== undefined && { [thinkingVariables.effort]: effort }),
  };
}

/** Found in an answer with its thought; some templates show none. */
function thoughtClosingOf(render: (messages: readonly PromptMessage[]) => string): string {
  const answer = { role: 'assistant', content: 'Answered.', thinking: 'Thought.' } as const;
  const text = renderedOr('', () => render([{ role: 'user', content: 'Asked.' }, answer]));
  const [, after = ''] = text.split(answer.thinking);
  const [closing = ''] = after.split(answer.content);
  const isOne = closing.includes('</think>') && closing.length <= thoughtClosingCharsMax;
  return isOne ? closing : usualThoughtClosing;
}

/** What is rendered, or else something when the template refuses. */
function renderedOr<T>(fallback: T, render: () => string): string | T {
  try {
    return render();
  } catch (error) {
    if (error instanceof HearthError) return fallback;
    throw error;
  }
}

/** Whether the part of the prompt that begins the answer opens a thought and leaves it open, or closes one. */
function thoughtAtEnd(
  ids: readonly number[],
  { thought, isSpecial }: TextTokenizer,
): { thoughtBegun: boolean; thoughtClosed: boolean } {
  if (!thought) return { thoughtBegun: false, thoughtClosed: false };
  const { open, close } = thought;
  const last = ids.findLast(id => id === open || id === close || isSpecial(id));
  return { thoughtBegun: last === open, thoughtClosed: last === close };
}

/** Message counts whose ends are worth a snapshot: the first message, and the last ones there is room for. */
function borderCounts(messages: number): number[] {
  const counts = Array.from({ length: messages }, (_, i) => i + 1);
  return counts.filter(count => count === 1 || count > messages - limits.snapshotsPerSequenceMax + 1);
}

/** Length of the rendered beginning, if it is one; some templates refuse a conversation that ends early. */
function prefixLength(whole: string, render: () => string): number | undefined {
  const beginning = renderedOr(undefined, render);
  return beginning !== undefined && whole.startsWith(beginning) ? beginning.length : undefined;
}
