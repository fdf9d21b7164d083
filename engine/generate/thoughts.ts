// Tells a model's thoughts from its answer, token by token: only the model's own <think> and </think> tokens count, never
// the same characters in its text, and a thought is only there before the answer. Line breaks around it belong to neither.
import type { Said, ThoughtState } from './said.ts';
import type { ThoughtTokens } from '../tokenizer/tokenizer.ts';

export class Thoughts {
  #state: ThoughtState;
  /** Blanks before the first word: a thought may still come after them. */
  #blanks = '';
  /** True until the part that runs has shown something. */
  #trims: boolean;

  /** Without the tokens everything is answer. `begun`: the prompt has opened a thought already; `said`: an answer goes on. */
  constructor(
    private readonly tokens: ThoughtTokens | undefined,
    { begun, said }: { begun: boolean; said?: Said | undefined },
  ) {
    this.#state = said?.at ?? (!tokens ? 'after' : begun ? 'inside' : 'before');
    this.#trims = said ? (this.inside ? said.thinking : said.text) === '' : this.inside;
  }

  get state(): ThoughtState {
    return this.#state;
  }

  get inside(): boolean {
    return this.#state === 'inside';
  }

  /** What the token does if it is the border of a thought rather than text. */
  border(id: number): 'enter' | 'leave' | undefined {
    // Some models repeat the opening that the prompt has written for them.
    if (id === this.tokens?.open && (this.#state === 'before' || (this.inside && this.#trims)))
      return 'enter';
    if (id === this.tokens?.close && this.inside) return 'leave';
    return undefined;
  }

  /** A thought begins. */
  enter(): void {
    this.#start('inside');
  }

  /** The thought ends, and the answer begins. */
  leave(): void {
    this.#start('after');
  }

  #start(state: 'inside' | 'after'): void {
    this.#state = state;
    this.#blanks = '';
    this.#trims = true;
  }

  /** What of the text is to be shown now. */
  show(text: string): string {
    if (this.#state === 'before') {
      this.#blanks += text;
      return this.#blanks.trim() === '' ? '' : this.end();
    }
    const shown = this.#trims ? text.replace(/^[\r\n]+/, '') : text;
    if (shown !== '') this.#trims = false;
    return shown;
  }

  /** What was held back when no thought comes any more. */
  end(): string {
    const held = this.#blanks;
    this.#blanks = '';
    if (this.#state === 'before') this.#state = 'after';
    return held;
  }
}
