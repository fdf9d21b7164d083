// The vocabulary of a parrot model (parrot_model.ts), and which of its tokens follows which.
import { byteOfCharacter } from '../../engine/tokenizer/byte_alphabet.ts';

/**
 * A text in pieces, each of them one token that is said after the other. A piece that is one of the family's own tokens,
 * such as `</think>`, is that token; the same characters inside a longer piece are ordinary text.
 */
export type ParrotScript =
  | readonly string[]
  /** After the last piece it goes on with the one of this number, for ever. */
  | { pieces: readonly string[]; backTo: number };

export interface ParrotChain {
  /** By id, as a GGUF file has them. */
  tokens: string[];
  types: number[];
  /** What follows a token; after any other one comes `end`. */
  next: ReadonlyMap<number, number>;
  end: number;
  padding: number;
}

const tokenTypes = { normal: 1, control: 3, userDefined: 4 };

/** The family's own tokens and their types in its files; those of the user-defined type are shown in answers. */
const ownTokens: Readonly<Record<string, number>> = {
  '<|endoftext|>': tokenTypes.control,
  '<|im_start|>': tokenTypes.control,
  '<|im_end|>': tokenTypes.control,
  '<|fim_prefix|>': tokenTypes.control,
  '<|fim_middle|>': tokenTypes.control,
  '<|fim_suffix|>': tokenTypes.control,
  '<|fim_pad|>': tokenTypes.control,
  '<|repo_name|>': tokenTypes.control,
  '<|file_sep|>': tokenTypes.control,
  '<tool_call>': tokenTypes.userDefined,
  '</tool_call>': tokenTypes.userDefined,
  '<tool_response>': tokenTypes.userDefined,
  '</tool_response>': tokenTypes.userDefined,
  '<think>': tokenTypes.userDefined,
  '</think>': tokenTypes.userDefined,
};

const bytes = [...byteOfCharacter.keys()];
/** Tokens that every parrot has. */
export const fixedTokenCount = bytes.length + Object.keys(ownTokens).length;

/** `scripts`: by the token they come after, one of the family's own or a character of one byte. */
export function parrotChain(scripts: Readonly<Record<string, ParrotScript>>): ParrotChain {
  const vocabulary = new Vocabulary();
  const starts = Object.entries(scripts).map(([after, script]) => ({ at: vocabulary.start(after), script }));
  const end = vocabulary.own('<|im_end|>');
  const next = new Map<number, number>();
  for (const { at, script } of starts) {
    const { pieces, backTo } = 'pieces' in script ? script : { pieces: script, backTo: undefined };
    const ids = pieces.map(piece => vocabulary.piece(piece));
    const all = [at, ...ids.flat()];
    const last = backTo === undefined ? end : ids[backTo]?.[0];
    if (last === undefined) throw new Error(`there is no piece ${backTo} to go back to`);
    for (const [i, id] of all.entries()) next.set(id, all[i + 1] ?? last);
  }
  return { ...vocabulary.lists(), next, end, padding: vocabulary.own('<|endoftext|>') };
}

/** Tokens, and which of them have a place in a script: what follows a token is one and the same wherever it stands. */
class Vocabulary {
  readonly #types = new Map<string, number>([
    ...bytes.map(byte => [byte, tokenTypes.normal] as const),
    ...Object.entries(ownTokens),
  ]);
  readonly #ids = new Map([...this.#types.keys()].map((token, id) => [token, id]));
  readonly #placed = new Set<string>();

  own(token: string): number {
    return this.#ids.get(token) as number;
  }

  start(after: string): number {
    const token = after in ownTokens ? after : spelled(after);
    if (!this.#ids.has(token))
      throw new Error(`"${after}" is neither a character of one byte nor one of the family's tokens`);
    return this.#place(token);
  }

  piece(text: string): number[] {
    if (text in ownTokens) {
      if (this.#placed.has(text)) throw new Error(`"${text}" has its place in a script already`);
      return [this.#place(text)];
    }
    const tokens = this.#split(text, new Set());
    if (!tokens)
      throw new Error(
        `no token is left for ${JSON.stringify(text)}: join it to the piece before or after it`,
      );
    return tokens.map(token => this.#place(token));
  }

  /** Ids and types in the order of the ids. */
  lists(): { tokens: string[]; types: number[] } {
    return { tokens: [...this.#types.keys()], types: [...this.#types.values()] };
  }

  /** The fewest and longest tokens without a place that make up the text, which is one token unless it was said before. */
  #split(text: string, taken: ReadonlySet<string>): string[] | undefined {
    const characters = [...text];
    for (let count = characters.length; count > 0; count--) {
      const token = spelled(characters.slice(0, count).join(''));
      if (this.#placed.has(token) || taken.has(token)) continue;
      if (count === characters.length) return [token];
      const rest = this.#split(characters.slice(count).join(''), new Set(taken).add(token));
      if (rest) return [token, ...rest];
    }
    return undefined;
  }

  #place(token: string): number {
    this.#placed.add(token);
    if (!this.#ids.has(token)) {
      this.#ids.set(token, this.#ids.size);
      this.#types.set(token, tokenTypes.normal);
    }
    return this.#ids.get(token) as number;
  }
}

/** A text in the byte alphabet. */
function spelled(text: string): string {
  return [...new TextEncoder().encode(text)].map(byte => bytes[byte]).join('');
}
