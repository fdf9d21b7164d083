// Writes an answer to stdout and what the model thinks to stderr, as they come. What may still turn out to be a thought waits,
// unless a person reads along: what is written to a file or to another program can't be taken back.
import { notes } from './notes.ts';

interface Streams {
  /** The results. */
  write(text: string): void;
  /** A person reads the results as they come. */
  live: boolean;
  notes: Pick<typeof notes, 'text' | 'line'>;
}

export class AnswerWriter {
  #waiting = '';
  /** A thought is over, so all that follows is the answer. */
  #certain = false;

  constructor(
    private readonly to: Streams = {
      write: text => void process.stdout.write(text),
      live: process.stdout.isTTY,
      notes,
    },
  ) {}

  readonly listeners = {
    onText: (text: string): void => {
      if (this.#certain || this.to.live) this.to.write(text);
      else this.#waiting += text;
    },
    onThinking: (text: string): void => {
      this.#certain = true;
      this.to.notes.text(text);
    },
    onThoughtSoFar: (): void => {
      this.#certain = true;
      if (this.to.live) {
        this.to.write('\n');
        this.to.notes.line('what stands above was a thought');
      } else this.to.notes.text(this.#waiting);
      this.#waiting = '';
    },
  };

  /** Writes what waits; nothing follows. */
  end(): void {
    if (this.#waiting !== '') this.to.write(this.#waiting);
    this.#waiting = '';
  }
}
