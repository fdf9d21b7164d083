// Decoding steps: one token and drafts after it. The device goes on with its own pick, after whatever drafts it finds right, while the
// host still waits for the step before.
import { BoundedList } from '../gpu/bounded_list.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import { acceptDrafts } from '../kernels/accept_drafts.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { errors } from '../protocol/errors.ts';
import { draftsMax } from './layers/mtp_block.ts';
import { ringAt } from './layers/model_pass.ts';
import type { StepResult, StepOptions, StepSampling } from '../language_model/language_model.ts';
import type { PickKind } from './sequence/picks.ts';
import type { Recorder } from './recorder.ts';
import { tokenRingRows } from '../shared/architecture/footprint.ts';
import type { Qwen3NextSequence } from './sequence/sequence.ts';
import type { BegunStep } from './sequence/step_ahead.ts';

/** The picks of a step with drafts begin here in a sequence's tokens, its drafts there. */
const picksAt = tokenRingRows;
const draftsAt = picksAt + matvecRowsMax;

interface StepPlan {
  drafts: number;
  /** Drafts of a step before whose end the host does not know; 0 where it does. */
  mostAccepted: number;
  /** The step follows one that the host waits for: its id may still turn out not to be wanted. */
  isAhead: boolean;
}

export class DecodeSteps {
  /** Of the last step: see Qwen3Next. */
  encodeUs = 0;
  dispatchCount = 0;

  constructor(private readonly recorder: Recorder) {}

  /**
   * See LanguageModel.step. Where the model computes NaN, picks and drafts are noPick. With `ahead`, the step after this one is
   * submitted before this one is waited for, and found under way when it is asked for; one that is not wanted is taken back by
   * whatever is done next with the sequence.
   */
  async step(
    sequence: Qwen3NextSequence,
    id: number,
    { drafts, logits, ahead, sampling }: StepOptions,
  ): Promise<StepResult> {
    if (logits && sampling) throw errors.internal('logits of a sampled step');
    const { gpu, config, scratch } = this.recorder.pass;
    if (logits) sequence.dropAhead();
    let begun = sequence.takeAhead({ id, drafts, sampling });
    if (!begun) {
      if (drafts > 0 && sequence.position === 0) throw errors.internal('drafts before the first token');
      begun = await this.#submit(sequence, id, sampling, { drafts, mostAccepted: 0, isAhead: false });
    }
    const { answer } = begun;
    const next =
      ahead === undefined || logits || !sequence.hasRoom(ahead + 1)
        ? undefined
        : await this.#begin(sequence, ahead, { after: drafts, sampling }).catch((error: unknown) => {
            answer.drop();
            throw error;
          });
    const words = await answer.words().catch((error: unknown) => {
      next?.step.answer.drop();
      throw error;
    });
    const step = resultOf(begun, words);
    if (next) {
      const accepted = rightDrafts(step);
      sequence.setAhead({
        ...next,
        key: { id: step.picks[accepted] as number, drafts: next.step.drafts, sampling },
        accepted,
      });
    }
    if (logits)
      step.logits = await gpu.readback.floats(scratch.logits, 0, (drafts + 1) * config.vocabularySize);
    return step;
  }

  /** Submits a step with `drafts` drafts behind one with `after`. */
  async #begin(
    sequence: Qwen3NextSequence,
    drafts: number,
    { after, sampling }: { after: number; sampling: StepSampling | undefined },
  ) {
    const [step, standing] = await sequence.beginAhead(after, () =>
      this.#submit(sequence, undefined, sampling, { drafts, mostAccepted: after, isAhead: true }),
    );
    return { step, after: standing };
  }

  /** Reads `id`, or the id that the step before picked, and `drafts` guesses after it, and picks. */
  async #submit(
    sequence: Qwen3NextSequence,
    id: number | undefined,
    sampling: StepSampling | undefined,
    plan: StepPlan,
  ): Promise<BegunStep> {
    const { recorder } = this;
    const { pass } = recorder;
    const { drafts, mostAccepted } = plan;
    const start = sequence.position;
    pass.gpu.check();
    await sequence.reserve(mostAccepted + drafts + 1);
    if (id !== undefined) recorder.writeIds(sequence, [id]);
    const kind = await sequence.picks.begin(sampling, start);
    sequence.now.mostAccepted = mostAccepted;
    await this.#prepare(sequence, kind, plan);
    const started = performance.now();
    const list = new BoundedList(pass.gpu);
    const uncommitted = this.#record(list, sequence, kind, plan);
    this.encodeUs = (performance.now() - started) * 1000;
    this.dispatchCount = list.dispatchCount;
    const answer = pass.gpu.readback.after(list, sequence.tokens);
    list.submit();
    sequence.advance(drafts + 1, uncommitted);
    return { start, drafts, isApart: isApart(plan), answer };
  }

  /** What steps with so many drafts need, greedy and drawn, whatever the step before had. */
  pipelines(sequence: Qwen3NextSequence, drafts: number): PipelineSpec[] {
    const kinds: PickKind[] = ['largest', 'drawn'];
    // Drafts begin with as many rows as the step before may have right, and one: all numbers occur among these.
    const before = sequence.mtp ? [0, drafts || draftsMax] : [0];
    return kinds.flatMap(kind =>
      before.flatMap(mostAccepted =>
        this.recorder.collect(list =>
          this.#withKeys(list, sequence, kind, { drafts, mostAccepted, isAhead: true }),
        ),
      ),
    );
  }

  /** Compiles what a step needs. */
  async #prepare(sequence: Qwen3NextSequence, kind: PickKind, plan: StepPlan): Promise<void> {
    const { drafts, mostAccepted } = plan;
    const waiting = sequence.position - sequence.mtpRows;
    await this.recorder.prepare(
      `step ${drafts} ${drafts > 0 ? waiting + mostAccepted : ''} ${kind} ${isApart(plan)} ${sequence.kvFormats}`,
      list => this.#withKeys(list, sequence, kind, plan),
    );
  }

  /** A step and whatever the MTP block may have to read after it. */
  #withKeys(list: CommandList, sequence: Qwen3NextSequence, kind: PickKind, plan: StepPlan): void {
    this.#record(list, sequence, kind, plan);
    for (let n = 1; n <= matvecRowsMax; n++) this.recorder.mtp.keys(list, sequence, n);
  }

  /** Gives how many rows at the end are not committed. */
  #record(list: CommandList, sequence: Qwen3NextSequence, kind: PickKind, plan: StepPlan): number {
    const { recorder } = this;
    const { pass, mtp } = recorder;
    const { drafts, mostAccepted } = plan;
    const { now, tokens, accepted } = sequence;
    const count = drafts + 1;
    const apart = isApart(plan);
    // The states before a commit are kept where there are drafts: the id may be committed before it is known to be wanted.
    const uncommitted = sequence.mtp ? drafts : Number(plan.isAhead);
    if (drafts > 0) mtp.draft(list, sequence, drafts, mostAccepted);
    recorder.rows(list, sequence, count, {}, uncommitted);
    sequence.replay(list, `head 0 ${count}`, () => pass.head(list, 0, count));
    const ring = apart
      ? { row: picksAt, mask: 2 * tokenRingRows - 1 }
      : ringAt(() => now.start, tokenRingRows, { ahead: 1 });
    sequence.replay(list, `${kind} ${apart} ${count}`, () =>
      sequence.picks.record(list, kind, pass.scratch, { count, ring }),
    );
    if (!apart || !accepted) return uncommitted;
    sequence.replay(list, `accept ${drafts}`, () =>
      acceptDrafts(list, tokens, accepted.rows, {
        drafts,
        first: () => now.start + 1,
        mask: tokenRingRows - 1,
        picksAt,
        keptAt: draftsAt,
      }),
    );
    if (!list.collecting) sequence.willAccept();
    return uncommitted;
  }
}

/** Drafts and picks lie apart; else the only pick goes to its place among the ids. */
function isApart({ drafts, mostAccepted }: StepPlan): boolean {
  return drafts > 0 || mostAccepted > 0;
}

/** What the ids of a sequence tell after a step. */
function resultOf({ start, drafts, isApart }: BegunStep, words: Uint32Array): StepResult {
  if (!isApart) return { drafts: [], picks: [words[(start + 1) & (tokenRingRows - 1)] as number] };
  return {
    drafts: Array.from(words.subarray(draftsAt, draftsAt + drafts)),
    picks: Array.from(words.subarray(picksAt, picksAt + drafts + 1)),
  };
}

/** How many of the drafts are what would have been picked. */
export function rightDrafts({ drafts, picks }: Pick<StepResult, 'drafts' | 'picks'>): number {
  const wrong = drafts.findIndex((id, k) => id !== picks[k]);
  return wrong < 0 ? drafts.length : wrong;
}
