// Conversation -> token ids by the model's own Jinja template (qwen3-next 7.3). Message contents are encoded as plain
// text wherever the template puts them, so nothing a user or a file says can become a control token.
import { Template } from '@huggingface/jinja';
import type { ChatMessage } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import type { TextPart, TextTokenizer } from '../tokenizer/tokenizer.ts';

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

/** Private-use characters around a number stand for a message's content while the template runs. */
const sentinel = (index: number) => `\uE0F0${index}\uE0F1`;
const sentinelPattern = /\uE0F0(\d+)\uE0F1/;

/** Throws badTokenizer for a template that does not parse. */
export function createChatTemplate(path: string, tokenizer: TextTokenizer): ChatTemplate {
  let template: Template;
  try {
    template = new Template(tokenizer.chatTemplate ?? chatMl);
  } catch (cause) {
    throw errors.badTokenizer(path, `its chat template does not parse: ${String(cause)}`);
  }
  const render = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string => {
    try {
      return template.render({
        messages: messages.map(m => ({ ...m })),
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      throw errors.badTokenizer(
        path,
        `its chat template fails: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  };
  const encode = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): number[] =>
    tokenizer.encodeParts(partsOf(messages, list => render(list, addGenerationPrompt)));
  return {
    prompt(messages) {
      const ids = encode(messages, true);
      const borders: number[] = [];
      for (let count = 1; count <= messages.length; count++) {
        const prefix = encodeOrSkip(() => encode(messages.slice(0, count), false));
        if (prefix && prefix.length < ids.length && prefix.every((id, i) => id === ids[i]))
          borders.push(prefix.length);
      }
      return { ids, borders };
    },
  };
}

/** Some templates refuse a conversation that ends early; such a border is just not used. */
function encodeOrSkip(encode: () => number[]): number[] | undefined {
  try {
    return encode();
  } catch {
    return undefined;
  }
}

/** The rendered text cut into template text (trusted) and contents (not). */
function partsOf(
  messages: readonly ChatMessage[],
  render: (messages: readonly ChatMessage[]) => string,
): TextPart[] {
  const wanted = render(messages);
  const marked = render(messages.map((message, i) => ({ ...message, content: sentinel(i) })));
  const parts = marked
    .split(sentinelPattern)
    .map((text, i): TextPart =>
      i % 2 === 0 ? { text, trusted: true } : { text: messages[Number(text)]?.content ?? '', trusted: false },
    );
  if (parts.map(part => part.text).join('') === wanted) return parts;
  return located(messages, wanted);
}

/** For templates that look into contents: finds each content in order, trimmed if the template trimmed it; the rest is template. */
function located(messages: readonly ChatMessage[], rendered: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const { content } of messages) {
    const text = [content, content.trim()].find(
      candidate => candidate !== '' && rendered.includes(candidate, at),
    );
    if (text === undefined) continue;
    const start = rendered.indexOf(text, at);
    parts.push({ text: rendered.slice(at, start), trusted: true }, { text, trusted: false });
    at = start + text.length;
  }
  const rest = rendered.slice(at);
  // A content the template rewrote may sit anywhere in what is left: then nothing of it is trusted but the turn markers.
  return [...parts, { text: rest, trusted: true }];
}
