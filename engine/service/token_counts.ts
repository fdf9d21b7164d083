// How many tokens texts have: counted slice by slice, so that an answer that runs goes on meanwhile, and remembered.
import { createHash } from 'node:crypto';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';

/** Some milliseconds' work. */
const sliceCharsMax = 16_384;
/** A number for each text that was counted: files, pasted texts, what is being typed. */
const keptMax = 10_000;

/** Lets everything that waits have its turn. */
export const pause = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

export class TokenCounts {
  /** By the texts' hashes, in order of use, oldest first. */
  readonly #kept = new Map<string, number>();

  constructor(private readonly tokenizer: Pick<TextTokenizer, 'count'>) {}

  /** Tokens of a text by itself. */
  async of(text: string): Promise<number> {
    const key = createHash('sha256').update(text).digest('base64');
    let tokens = this.#kept.get(key);
    if (tokens === undefined) {
      tokens = 0;
      for (const slice of slicesOf(text)) {
        tokens += this.tokenizer.count(slice);
        await pause();
      }
    }
    this.#kept.delete(key);
    this.#kept.set(key, tokens);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptMax && oldest !== undefined) this.#kept.delete(oldest);
    return tokens;
  }
}

/**
 * A text in pieces. No token goes from a line's end to a line that begins with a character that is no blank, so pieces end there
 * when they can; elsewhere the count may be a token or two too high.
 */
function* slicesOf(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > sliceCharsMax) {
    const piece = text.slice(start, start + sliceCharsMax);
    const border = [...piece.matchAll(/\n(?=\S)/g)].at(-1)?.index;
    const end = start + (border === undefined ? sliceCharsMax : border + 1);
    yield text.slice(start, end);
    start = end;
  }
  yield text.slice(start);
}
