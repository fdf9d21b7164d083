// A cut answer of which only the words are known, in the tokens that it likely had.
import type { Said } from '../generate/said.ts';
import { closingAfter } from '../generate/thought_end.ts';
import type { ChatPrompt } from '../prompt/chat_template.ts';
import type { ChatMessage } from '../protocol/chat.ts';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';

/** How a model that opens its thoughts by itself does so. */
const usualThoughtOpening = '<think>\n';

/** What follows the prompt that asks for it. An answer without a word is cut inside its thought. */
export function saidAgain(
  tokenizer: TextTokenizer,
  { thoughtBegun, thoughtClosed }: Pick<ChatPrompt, 'thoughtBegun' | 'thoughtClosed'>,
  thoughtClosing: string,
  { content: text, thinking = '' }: ChatMessage,
): Said {
  const encode = (all: string) => tokenizer.encode(all, { special: true });
  const shield = (words: string) => tokenizer.shield(words, { keepVisible: true });
  const opens = !thoughtBegun && !thoughtClosed && tokenizer.thought !== undefined && thinking !== '';
  if (!thoughtBegun && !opens) {
    const ids = encode(shield(text));
    return { ids, thinking: '', text, at: text === '' ? 'before' : 'after', thoughtTokens: 0 };
  }
  const thought = encode(shield(thinking));
  const opening = opens ? encode(usualThoughtOpening) : [];
  const isThinking = text === '';
  const answer = isThinking ? [] : encode(closingAfter(thinking, thoughtClosing) + shield(text));
  return {
    ids: [...opening, ...thought, ...answer],
    thinking,
    text,
    at: isThinking ? 'inside' : 'after',
    thoughtTokens: isThinking ? thought.length : 0,
  };
}
