// What one generation says: token ids become text, stop strings and endless repetitions are found, thoughts are told from the
// answer, and both have an allowance of tokens.
import { limits } from '../protocol/limits.ts';
import { textOf, type TextTokenizer } from '../tokenizer/tokenizer.ts';
import { LoneClose } from './lone_close.ts';
import type { Purpose } from './prefix_cache.ts';
import { Repetition } from './repetition.ts';
import type { Said, ThoughtState } from './said.ts';
import { StopStrings } from './stop.ts';
import { TextStream } from './stream.ts';
import { Thoughts } from './thoughts.ts';

/** What of a request shapes its text. */
export interface OutputRequest {
  purpose: Purpose;
  maxTokens: number;
  stopStrings: readonly string[];
  /** Thoughts are told from the answer and have an allowance beside maxTokens. Unset: all text is answer. */
  thought?: { begun: boolean };
  /** A text may repeat itself without end. */
  allowRepetition?: boolean;
  /** What the answer, which goes on, has said before. */
  said?: Said | undefined;
  /** `tokens`: of the thought so far. */
  onThinking?(text: string, tokens: number): void;
  onText?(text: string): void;
  /** All text told so far was a thought, whose end has come: the answer has not begun yet. */
  onThoughtSoFar?(): void;
}

export class Output {
  text = '';
  /** All text said before turned out to be a thought. */
  wasThought = false;
  #thinking = '';
  #tokens = 0;
  /** Of which came before the part that runs: a thought, or the answer. */
  #tokensBefore = 0;
  /** Of the thought that has ended. */
  #endedThoughtTokens = 0;
  #tokensMax = 0;
  readonly #stream = new TextStream();
  readonly #stops: StopStrings;
  readonly #thoughts: Thoughts;
  /** While a thought that nobody opened may still turn out to be one. */
  #lone: LoneClose | undefined;
  /** Unless it is allowed; a completion is short and has a rule of its own. */
  readonly #repetition: Repetition | undefined;

  constructor(
    private readonly tokenizer: TextTokenizer,
    private readonly request: OutputRequest,
  ) {
    this.#stops = new StopStrings(request.stopStrings);
    if (request.purpose === 'chat' && !request.allowRepetition)
      this.#repetition = new Repetition(ids => textOf(tokenizer, ids));
    const { thought, said } = request;
    this.#thoughts = new Thoughts(thought && tokenizer.thought, { begun: thought?.begun ?? false, said });
    if (thought && !this.#thoughts.inside && !said?.thinking) this.#lone = new LoneClose(said?.text ?? '');
    this.#beginPart();
    this.#tokensBefore = -(said?.thoughtTokens ?? 0);
    // It may have been cut inside a character; one has four bytes at most.
    for (const id of said?.ids.slice(-4) ?? []) this.#stream.push(tokenizer.decodeBytes(id));
  }

  /** Without blanks at its end, unless it was cut there: a thought that goes on later needs them. */
  get thinking(): string {
    return this.isThinking ? this.#thinking : this.#thinking.trimEnd();
  }

  get state(): ThoughtState {
    return this.#thoughts.state;
  }

  get isThinking(): boolean {
    return this.#thoughts.inside;
  }

  /** Tokens of the thought that runs. */
  get thoughtTokens(): number {
    return this.#thoughts.inside ? this.#tokens - this.#tokensBefore : 0;
  }

  /** Tokens of the thought, whether it runs or has ended; 0 where nothing was thought since the answer began or went on. */
  get allThoughtTokens(): number {
    return this.#thoughts.inside ? this.thoughtTokens : this.#endedThoughtTokens;
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
    // A token of its own never ends a tag that was begun in characters.
    if (id === this.tokenizer.thought?.open || id === this.tokenizer.thought?.close) this.#releaseTag();
    const border = this.#thoughts.border(id);
    if (border) {
      this.#cross(border);
      return undefined;
    }
    const { text, stopped } = this.#stopped(this.#textOf(id));
    this.#show(text);
    if (stopped) {
      this.#releaseTag();
      return 'stop';
    }
    return repeats ? 'repetition' : undefined;
  }

  /** The thought ends here, though the model has not ended it. */
  endThought(): void {
    this.#cross('leave');
  }

  /** Shows what was held back; nothing follows, or what follows is told another time, where half a character is awaited. */
  end({ goesOn = false } = {}): void {
    const rest = goesOn ? '' : this.#stopped(this.#stream.end()).text;
    this.#show(rest + this.#stops.end());
    this.#releaseTag();
    this.#say(this.#thoughts.end());
  }

  #cross(border: 'enter' | 'leave'): void {
    // What is held back belongs to the part that ends here.
    this.#show(this.#stopped(this.#stream.end()).text + this.#stops.end());
    this.#lone = undefined;
    this.#endedThoughtTokens = this.thoughtTokens;
    if (border === 'enter') this.#thoughts.enter();
    else this.#thoughts.leave();
    this.#beginPart();
  }

  #textOf(id: number): string {
    // Some vocabularies hide the token; it must be seen to be understood.
    const hidden = this.tokenizer.isSpecial(id) && !(this.#lone && id === this.tokenizer.thought?.close);
    return hidden ? '' : this.#stream.push(this.tokenizer.decodeBytes(id));
  }

  #stopped(text: string): ReturnType<StopStrings['push']> {
    return this.#thoughts.inside ? { text, stopped: false } : this.#stops.push(text);
  }

  #show(text: string): void {
    const { text: shown, rest } = this.#lone?.push(text) ?? { text };
    this.#say(this.#thoughts.show(shown));
    if (rest === undefined) return;
    this.#turnIntoThought();
    this.#say(this.#thoughts.show(rest));
  }

  /** What was held back as the beginning of a tag is none. */
  #releaseTag(): void {
    this.#say(this.#thoughts.show(this.#lone?.end() ?? ''));
  }

  /** All that was said was a thought that nobody opened, and it ends here. */
  #turnIntoThought(): void {
    this.#lone = undefined;
    this.#endedThoughtTokens = (this.request.said?.ids.length ?? 0) + this.#tokens;
    this.#thoughts.leave();
    this.#beginPart();
    const before = this.request.said?.text ?? '';
    if (before + this.text === '') return;
    this.wasThought = true;
    this.#thinking = before === '' ? this.text.replace(/^[\r\n]+/, '') : this.text;
    this.text = '';
    this.request.onThoughtSoFar?.();
  }

  /** A thought, or the answer, begins with its whole allowance. */
  #beginPart(): void {
    const thoughtTokens = this.#thoughts.inside ? limits.thoughtTokensMax : 0;
    this.#tokensBefore = this.#tokens;
    this.#tokensMax = this.#tokens + this.request.maxTokens + thoughtTokens;
  }

  #say(text: string): void {
    if (text === '') return;
    if (this.#thoughts.inside) {
      this.#thinking += text;
      this.request.onThinking?.(text, this.thoughtTokens);
    } else {
      this.text += text;
      this.request.onText?.(text);
    }
  }
}
