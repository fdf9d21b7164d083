// Conversation -> token ids by the model's own Jinja template (qwen3-next 7.3). Message contents are shielded before the
// template sees them, so nothing a user or a file says can become a control token, whatever the template does with it.
import type { ChatMessage } from '../protocol/chat.ts';
import { EngineError, errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';
import { BoundedTemplate, reasonOf } from './bounded_template.ts';

export interface ChatPrompt {
  ids: number[];
  /** Ends of messages, in ids, that stay prefixes when the conversation grows: places for state checkpoints. */
  borders: number[];
}

export interface ChatTemplate {
  /** The whole conversation, ready for the assistant's answer. Throws badTokenizer when the template fails. */
  prompt(messages: readonly ChatMessage[]): ChatPrompt;
}

/** What a model without a template gets: ChatML, the form of the whole family. */
const chatMl =
  "{%- for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}";

/** Throws badTokenizer for a template that does not parse. */
export function createChatTemplate(path: string, tokenizer: TextTokenizer): ChatTemplate {
  let template: BoundedTemplate;
  try {
    template = new BoundedTemplate(tokenizer.chatTemplate ?? chatMl);
  } catch (cause) {
    throw errors.badTokenizer(path, `its chat template does not parse: ${reasonOf(cause)}`);
  }
  const render = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string => {
    try {
      const chars = messages.reduce((sum, { content }) => sum + content.length, 0);
      return template.render({ messages, add_generation_prompt: addGenerationPrompt }, chars);
    } catch (cause) {
      throw errors.badTokenizer(path, `its chat template fails: ${reasonOf(cause)}`);
    }
  };
  const encode = (text: string) => tokenizer.encode(text, { special: true });
  return {
    prompt(messages) {
      const shielded = messages.map(({ role, content }) => ({
        role,
        // The model's own <think> stays what it is: templates look for it to drop old thoughts.
        content: tokenizer.shield(content, { keepVisible: role === 'assistant' }),
      }));
      const whole = render(shielded, true);
      const ids = encode(whole);
      const borders: number[] = [];
      let done = { chars: 0, tokens: 0 };
      for (const count of borderCounts(messages.length)) {
        const chars = prefixLength(whole, () => render(shielded.slice(0, count), false));
        if (chars === undefined || chars <= done.chars) continue;
        const added = encode(whole.slice(done.chars, chars));
        // Text that goes on after the border may merge with what stands before it: then it is none.
        if (!added.every((id, i) => id === ids[done.tokens + i])) continue;
        done = { chars, tokens: done.tokens + added.length };
        if (done.tokens < ids.length) borders.push(done.tokens);
      }
      return { ids, borders };
    },
  };
}

/** Message counts whose ends are worth a state checkpoint: the first message, and the last ones there is room for. */
function borderCounts(messages: number): number[] {
  const counts = Array.from({ length: messages }, (_, i) => i + 1);
  return counts.filter(count => count === 1 || count > messages - limits.checkpointsPerSequenceMax + 1);
}

/** Length of the rendered beginning, if it is one; some templates refuse a conversation that ends early. */
function prefixLength(whole: string, render: () => string): number | undefined {
  try {
    const beginning = render();
    return whole.startsWith(beginning) ? beginning.length : undefined;
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
