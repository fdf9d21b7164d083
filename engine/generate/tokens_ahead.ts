// Verified drafts: what the last step read beyond the token it was given, and which of that is right.
// A draft is right when it is the token that would have been chosen anyway, so drafting changes neither the text of a greedy
// generation nor the distribution of a sampled one (docs/MODEL.md 8.4).
import type { StepResult, StepSampling } from '../language_model/language_model.ts';
import type { TokenHistory } from '../language_model/sampling.ts';
import type { GenerationStats } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import type { DraftPolicy } from './draft_policy.ts';
import type { Lease } from './prefix_cache.ts';
import type { Sampler } from './sampler.ts';

export class TokensAhead {
  #step: StepResult | undefined;
  /** Row of the step whose logits choose the next token: so many drafts are right. */
  #row = 0;
  /** How long it took, where that tells what such a step takes. */
  #ms: number | undefined;
  #doneAt = 0;
  /** Drafts of the step that the device begins with as soon as the last one ends. */
  #next: number | undefined;
  /** Undefined: picks are greedy. */
  readonly #sampling: StepSampling | undefined;
  /** The host chooses by logits, because the model cannot choose as asked. */
  readonly #byLogits: boolean;

  constructor(
    private readonly lease: Lease,
    private readonly request: { sampler: Sampler },
    private readonly policy: DraftPolicy,
    private readonly stats: GenerationStats,
    /** Ids known to be right; it grows. */
    private readonly history: TokenHistory,
  ) {
    const { greedy, rule } = request.sampler;
    this.#byLogits = !greedy && !lease.samples;
    this.#sampling = greedy || this.#byLogits ? undefined : { rule, history };
  }

  /** Tokens read so far that are right. */
  get position(): number {
    return this.lease.position - ((this.#step?.drafts.length ?? 0) - this.#row);
  }

  /** True when `id`, the token chosen next, was drafted and so read already; it counts as right from now on. */
  hasRead(id: number): boolean {
    if (this.#step?.drafts[this.#row] !== id) return false;
    this.#row++;
    return true;
  }

  /** Reads `id`, the last of the history, and up to `room` drafts, or those that the step before already made the device begin with. */
  async step(id: number, room: number): Promise<void> {
    const { policy, lease } = this;
    const begun = this.#next;
    // The device was at this step ever since it had the one before, if nothing else came in between.
    const started = begun === undefined ? performance.now() : lease.undisturbed ? this.#doneAt : undefined;
    this.takeBack();
    const logits = this.#byLogits;
    const ahead = policy.ahead && !logits;
    const drafts = begun ?? policy.choose(room);
    // There is one more token to come than drafts have room, and all drafts may be right.
    const next = ahead && room > 0 ? policy.choose(Math.max(0, room - 1 - drafts)) : undefined;
    this.#step = await lease.step(id, { drafts, logits, ahead: next, sampling: this.#sampling });
    this.#doneAt = performance.now();
    this.#next = next;
    // A first step, which nothing hides behind, is no measure of those that follow.
    const isTelling = started !== undefined && (begun !== undefined || !ahead);
    this.#ms = isTelling ? this.#doneAt - started : undefined;
    this.stats.draftedTokens += drafts;
  }

  /** The token after those known to be right. */
  next(): number {
    const step = this.#step;
    if (!step) throw errors.internal('no step was taken');
    const { sampler } = this.request;
    if (!step.logits) return step.picks[this.#row] as number;
    const width = step.logits.length / (step.drafts.length + 1);
    return sampler.sample(step.logits.subarray(this.#row * width, (this.#row + 1) * width), this.history);
  }

  /** Nothing that was only drafted stays read. */
  takeBack(): void {
    const step = this.#step;
    this.#next = undefined;
    if (!step) return;
    this.#step = undefined;
    const accepted = this.#row;
    this.#row = 0;
    this.stats.acceptedTokens += accepted;
    this.lease.accept(accepted);
    if (this.#ms !== undefined) this.policy.note(step.drafts.length, accepted, this.#ms);
  }
}
