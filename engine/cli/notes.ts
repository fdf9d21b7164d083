// What goes beside the results, on stderr: thoughts piece by piece, and notes that each have a line of their own.

export class Notes {
  #lineEnded = true;

  constructor(private readonly write: (text: string) => void) {}

  /** A piece of text as it comes. */
  text(piece: string): void {
    if (piece === '') return;
    this.write(piece);
    this.#lineEnded = piece.endsWith('\n');
  }

  /** A line of its own, whatever came before it. */
  line(text: string): void {
    this.text(`${this.#lineEnded ? '' : '\n'}${text}\n`);
  }
}

/** The process's own. */
export const notes = new Notes(text => void process.stderr.write(text));
