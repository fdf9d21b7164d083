// How many tokens to draft in the next step: what gave the most tokens a second so far, measured on the machine at hand.

/** Steps of each kind that are timed before one is preferred; the first of a kind may compile and is not counted. */
const trialsOfEach = 3;
/** Steps between two looks at another number of drafts. */
const lookAroundEvery = 48;
/** Weight of the newest step in the running means. */
const newest = 0.1;
/** A step that took so many times the mean was held up by something else, and counts as this much. */
const heldUp = 3;

interface Experience {
  steps: number;
  /** Running means of tokens a step gave, drafts accepted and one more, and of its milliseconds. */
  tokens: number;
  ms: number;
}

/** One for each loaded model: what pays depends on the device and the text, not on the request. */
export class DraftPolicy {
  readonly #experience: Experience[];
  #steps = 0;

  readonly #fixed: number | undefined;
  /** The device begins with the step after one before the host knows what that one gave. */
  readonly ahead: boolean;

  /** draftsMax: 0 for a model that cannot draft. fixed: always this many drafts. */
  constructor(
    draftsMax: number,
    { fixed, ahead = false }: { fixed?: number | undefined; ahead?: boolean } = {},
  ) {
    this.#fixed = fixed;
    this.ahead = ahead;
    this.#experience = Array.from({ length: draftsMax + 1 }, () => ({ steps: 0, tokens: 0, ms: 0 }));
  }

  /** Drafts for the next step, at most `room`. */
  choose(room: number): number {
    const most = Math.min(room, this.#experience.length - 1);
    if (most <= 0) return 0;
    if (this.#fixed !== undefined) return Math.min(this.#fixed, most);
    const untried = this.#experience.findIndex((e, drafts) => drafts <= most && e.steps < trialsOfEach);
    if (untried >= 0) return untried;
    const rates = this.#experience.slice(0, most + 1).map(({ tokens, ms }) => tokens / ms);
    const best = rates.indexOf(Math.max(...rates));
    if (this.#steps % lookAroundEvery !== 0) return best;
    // Texts change: the neighbour that was tried less often gets another chance.
    const neighbours = [best - 1, best + 1].filter(drafts => drafts >= 0 && drafts <= most);
    return neighbours.sort((a, b) => this.#stepsOf(a) - this.#stepsOf(b))[0] ?? best;
  }

  /** A step with `drafts` drafts, `accepted` of them right, took `ms`. */
  note(drafts: number, accepted: number, ms: number): void {
    this.#steps++;
    const e = this.#experience[drafts];
    if (!e) return;
    e.steps++;
    if (e.steps === 1) return;
    const weight = e.steps === 2 ? 1 : Math.max(newest, 1 / (e.steps - 1));
    e.tokens += (accepted + 1 - e.tokens) * weight;
    e.ms += (Math.min(ms, weight === 1 ? ms : heldUp * e.ms) - e.ms) * weight;
  }

  #stepsOf(drafts: number): number {
    return this.#experience[drafts]?.steps ?? 0;
  }
}
