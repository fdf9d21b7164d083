// Conversation -> token ids by the model's own Jinja template (docs/MODEL.md 11.4). Message contents are shielded before the
// template sees them, so nothing a user or a file says can become a control token, whatever the template does with it.
import type { ChatMessage } from '../protocol/chat.ts';
import { HearthError, errors } from '../protocol/errors.ts';
import type { ThinkingFacts } from '../protocol/lifecycle.ts';
import { phrase } from '../protocol/phrase.ts';
import { limits } from '../protocol/limits.ts';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';
import { BoundedTemplate, templateFaultOf } from './bounded_template.ts';
import { LimitError, toValue, type Dict } from './jinja/values.ts';
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
   * Throws badTokenizer when the template fails, badParams for an effort that it does not take.
   */
  prompt(messages: readonly ChatMessage[], options?: ThinkingOptions): ChatPrompt;
  readonly thinking: ThinkingFacts;
  /** What stands between a thought and the answer after it. */
  readonly thoughtClosing: string;
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

/** Throws badTokenizer for a template that does not parse. */
export function createChatTemplate(path: string, tokenizer: TextTokenizer): ChatTemplate {
  const source = tokenizer.chatTemplate ?? chatMl;
  let template: BoundedTemplate;
  try {
    template = new BoundedTemplate(source);
  } catch (cause) {
    throw errors.badTokenizer(path, phrase`its chat template does not parse: ${templateFaultOf(cause)}`);
  }
  /** A rendering has asked for too much: none of the same conversation is tried again. */
  let overran = false;
  const render = (messages: readonly Shielded[], switches: Switches, allowance?: number): string => {
    try {
      const chars = messages.reduce(
        (sum, { content, reasoning_content: thought = '' }) => sum + content.length + thought.length,
        0,
      );
      return template.render(toValue({ messages, ...switches }) as Dict, {
        messages: messages.length,
        chars,
        allowance,
      });
    } catch (cause) {
      overran ||= cause instanceof LimitError;
      throw errors.badTokenizer(path, phrase`its chat template fails: ${templateFaultOf(cause)}`);
    }
  };
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
    const asked = [{ role: 'user' as const, content: 'Hi' }];
    const switches = { add_generation_prompt: true, ...switchesOf(options) };
    const text = renderedOr(undefined, () => render(asked, switches, probeAllowance));
    return text === undefined ? undefined : { text, ...thoughtAtEnd(encode(text), tokenizer) };
  };
  const encode = (text: string) => tokenizer.encode(text, { special: true });
  return {
    get thoughtClosing() {
      return (thoughtClosing ??= thoughtClosingOf(messages =>
        render(messages, { add_generation_prompt: false }),
      ));
    },
    get thinking() {
      return thinkingOf();
    },
    prompt(messages, options = {}) {
      overran = false;
      const chosen = switchesOf(understood(options));
      const shielded = messages.map(({ role, content, thinking }): Shielded => {
        // The model's own <think> stays what it is: templates look for it to drop old thoughts.
        const shield = (text: string) => tokenizer.shield(text, { keepVisible: role === 'assistant' });
        const thought = thinking === undefined ? {} : { reasoning_content: shield(thinking) };
        return { role, content: shield(content), ...thought };
      });
      const whole = render(shielded, { add_generation_prompt: true, ...chosen });
      const ids = encode(whole);
      const bordersOf = (): number[] => {
        overran = false;
        const borders: number[] = [];
        let done = { chars: 0, tokens: 0 };
        for (const count of borderCounts(messages.length)) {
          const beginning = () =>
            render(shielded.slice(0, count), { add_generation_prompt: false, ...chosen });
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

/** A message as templates of the family read it: what was thought stands apart from what was said. */
interface Shielded {
  role: ChatMessage['role'];
  content: string;
  reasoning_content?: string;
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
function thoughtClosingOf(render: (messages: readonly Shielded[]) => string): string {
  const answer = { role: 'assistant', content: 'Answered.', reasoning_content: 'Thought.' } as const;
  const text = renderedOr('', () => render([{ role: 'user', content: 'Asked.' }, answer]));
  const [, after = ''] = text.split(answer.reasoning_content);
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
