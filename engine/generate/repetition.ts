// A model that says the same piece over and over and will not stop by itself: found by token ids.
//
// Only an exact repetition counts, token by token, so a list whose lines differ in a number never does. What people ask for may
// repeat exactly, too, and how long depends on what the piece says, which is only looked at when it has gone on for a while:
// - Words on one line ("json-json-json-", "of the current number of the current number"): 128 tokens, and 16 times.
// - Words with a line break (closing tags, a chorus, lines of a list): 256 tokens, and 32 times.
// - Anything else, since rules of dashes, blanks, rows of a table and arrays of zeros may be long: 512 tokens, and 32 times. Pieces
//   of up to three tokens 800, since an array of 256 zeros ("0", ",", " ") is 768. Values that fill arrays (false, null) are no words.

const pieceTokensMax = 64;
const shortTokensMax = 3;
/** Pieces above have the last rule alone: a sentence may be a line of something longer. */
const wordsTokensMax = 24;

/** Letters that say something: not one over and over, and no value that fills an array. */
const values = new Set(['true', 'false', 'null', 'none', 'nil', 'undefined', 'nan', 'inf', 'nbsp']);
/** Writing without blanks between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

export class Repetition {
  /** The last ids, round and round. */
  readonly #ids = new Int32Array(pieceTokensMax).fill(-1);
  /** By length of a piece: how many ids in a row are the same as the one so many before. */
  readonly #runs = new Uint32Array(pieceTokensMax + 1);
  #count = 0;

  /** `textOf`: what ids say together. */
  constructor(private readonly textOf: (ids: readonly number[]) => string) {}

  /** Takes the next id; true when the text has done nothing but repeat itself for so long that it will not stop. */
  push(id: number): boolean {
    let piece = 0;
    for (let length = 1; length <= pieceTokensMax; length++) {
      const before = this.#ids[(this.#count + pieceTokensMax - length) % pieceTokensMax];
      const run = before === id ? (this.#runs[length] as number) + 1 : 0;
      this.#runs[length] = run;
      // The shortest one is the piece; its multiples repeat as well.
      if (piece === 0 && run >= pieceTokensMax) piece = length;
    }
    this.#ids[this.#count % pieceTokensMax] = id;
    this.#count++;
    return piece > 0 && this.#isEndless(piece, piece + (this.#runs[piece] as number));
  }

  /** Whether `tokens` tokens of this piece are too many. They come one by one, so that each number is met. */
  #isEndless(piece: number, tokens: number): boolean {
    if (tokens >= Math.max(piece <= shortTokensMax ? 800 : 512, piece * 32)) return true;
    if (piece > wordsTokensMax) return false;
    if (tokens === Math.max(128, piece * 16)) return this.#saysWords(piece, { onOneLine: true });
    return tokens === Math.max(256, piece * 32) && this.#saysWords(piece, { onOneLine: false });
  }

  #saysWords(piece: number, { onOneLine }: { onOneLine: boolean }): boolean {
    const at = this.#count - piece + pieceTokensMax;
    const ids = Array.from({ length: piece }, (_, i) => this.#ids[(at + i) % pieceTokensMax] as number);
    // Twice, because it may begin inside a word.
    const text = this.textOf([...ids, ...ids]).replace(/0x[\da-f]+/gi, '');
    return !(onOneLine && text.includes('\n')) && (unspaced.test(text) || wordsOf(text).length > 0);
  }
}

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  return words.filter(word => new Set(word).size > 1 && !values.has(word));
}
