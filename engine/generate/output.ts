// What one generation says: token ids become text, stop strings and endless repetitions are found, thoughts are told from the
// answer, and both have an allowance of tokens.
import { limits } from '../protocol/limits.ts';
import type { TextTokenizer } from '../tokenizer/tokenizer.ts';
import type { Purpose } from './prefix_cache.ts';
import { Repetition } from './repetition.ts';
import { StopStrings } from './stop.ts';
import { TextStream } from './stream.ts';
import { Thoughts } from './thoughts.ts';

/** What of a request shapes its text. */
interface OutputRequest {
  purpose: Purpose;
  maxTokens: number;
  stopStrings: readonly string[];
  /** Thoughts are told from the answer and have an allowance beside maxTokens. Unset: all text is answer. */
  thought?: { begun: boolean };
  onThinking?(text: string): void;
  onText?(text: string): void;
}

export class Output {
  text = '';
  #thinking = '';
  #tokens = 0;
  #tokensMax: number;
  readonly #stream = new TextStream();
  readonly #stops: StopStrings;
  readonly #thoughts: Thoughts;
  /** A completion is short and has a rule of its own. */
  readonly #repetition: Repetition | undefined;

  constructor(
    private readonly tokenizer: TextTokenizer,
    private readonly request: OutputRequest,
  ) {
    this.#stops = new StopStrings(request.stopStrings);
    this.#repetition = request.purpose === 'completion' ? undefined : new Repetition();
    this.#thoughts = new Thoughts(request.thought && tokenizer.thought, request.thought ?? { begun: false });
    this.#tokensMax = request.maxTokens + (this.#thoughts.inside ? limits.thoughtTokensMax : 0);
  }

  get thinking(): string {
    return this.#thinking.trimEnd();
  }

  /** Tokens that may still come. */
  get tokensLeft(): number {
    return this.#tokensMax - this.#tokens;
  }

  /**
   * Takes the next token and says whether the text ends with it: 'stop' when a stop string is complete, of which nothing is shown
   * (one inside a thought ends nothing), 'repetition' when the text does nothing but repeat itself.
   */
  push(id: number): 'stop' | 'repetition' | undefined {
    this.#tokens++;
    const repeats = this.#repetition?.push(id) ?? false;
    const border = this.#thoughts.border(id);
    if (border) {
      // What is held back belongs to the part that ends here.
      this.#show(this.#stopped(this.#stream.end()).text + this.#stops.end());
      if (border === 'enter') this.#thoughts.enter();
      else this.#thoughts.leave();
      this.#tokensMax =
        this.#tokens + this.request.maxTokens + (this.#thoughts.inside ? limits.thoughtTokensMax : 0);
      return undefined;
    }
    const piece = this.tokenizer.isSpecial(id) ? '' : this.#stream.push(this.tokenizer.decodeBytes(id));
    const { text, stopped } = this.#stopped(piece);
    this.#show(text);
    if (stopped) return 'stop';
    return repeats ? 'repetition' : undefined;
  }

  /** Shows what was held back; nothing follows. */
  end(): void {
    const rest = this.#thoughts.show(this.#stopped(this.#stream.end()).text + this.#stops.end());
    this.#say(rest + this.#thoughts.end());
  }

  #stopped(text: string): ReturnType<StopStrings['push']> {
    return this.#thoughts.inside ? { text, stopped: false } : this.#stops.push(text);
  }

  #show(text: string): void {
    this.#say(this.#thoughts.show(text));
  }

  #say(text: string): void {
    if (text === '') return;
    if (this.#thoughts.inside) {
      this.#thinking += text;
      this.request.onThinking?.(text);
    } else {
      this.text += text;
      this.request.onText?.(text);
    }
  }
}
