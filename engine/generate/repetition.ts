// A model that says the same piece over and over and will not stop by itself: found by token ids, whatever they mean.
//
// Only an exact repetition counts, token by token, so a list whose lines differ in a number never does. What people ask for may
// repeat exactly, too, and the thresholds lie above that:
// - Tokens in all. Rules of dashes and indentation are a few dozen tokens, 64 times "0x00, " on one line is 384. Pieces of up to
//   three tokens need more, since an array of 256 zeros ("0", ",", " ") is 768.
// - Times. Rows of a table or a matrix are longer pieces: an empty board of 20 rows, or a small picture, repeats each as often.
// So a word is stopped after 800 tokens, a phrase after 512, and three lines of text, the longest piece looked for, after 2,048.

const pieceTokensMax = 64;
const timesMin = 32;
const tokensMin = 512;
const tokensMinOfShort = 800;
const shortTokensMax = 3;

export class Repetition {
  /** The last ids, round and round. */
  readonly #ids = new Int32Array(pieceTokensMax).fill(-1);
  /** By length of a piece: how many ids in a row are the same as the one so many before. */
  readonly #runs = new Uint32Array(pieceTokensMax + 1);
  #count = 0;

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
    return piece > 0 && piece + (this.#runs[piece] as number) >= tokensNeeded(piece);
  }
}

function tokensNeeded(pieceTokens: number): number {
  return Math.max(pieceTokens <= shortTokensMax ? tokensMinOfShort : tokensMin, pieceTokens * timesMin);
}
