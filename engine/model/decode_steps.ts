// Decoding steps: one token and drafts after it, or tokens that the device feeds to itself while the host looks on.
import { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import type { PendingRead } from '../gpu/readback.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import { errors } from '../protocol/errors.ts';
import { ringAt } from './layers/model_pass.ts';
import type { StepResult, StepOptions, StepSampling } from '../language_model/language_model.ts';
import type { PickKind } from './sequence/picks.ts';
import type { Recorder } from './recorder.ts';
import { tokenRingRows } from '../shared/architecture/footprint.ts';
import type { Qwen3NextSequence } from './sequence/sequence.ts';

/** The picks of a step begin here in a sequence's tokens. */
const picksAt = tokenRingRows;

interface StepRequest {
  drafts: number;
  sampling: StepSampling | undefined;
  /** How many rows at the end may still be taken back. */
  uncommitted: number;
  /** Where the choices go: behind the tokens, or to the place of the next one. */
  to: 'picks' | 'next';
}

export class DecodeSteps {
  /** Of the last step: see Qwen3Next. */
  encodeUs = 0;
  dispatchCount = 0;

  constructor(private readonly recorder: Recorder) {}

  /** See LanguageModel.step. Where the model computes NaN, picks and drafts are noPick. */
  async step(
    sequence: Qwen3NextSequence,
    id: number,
    { drafts, logits, ahead = false, sampling }: StepOptions,
  ): Promise<StepResult> {
    if (logits && sampling) throw errors.internal('logits of a sampled step');
    if (ahead && drafts === 0 && !logits)
      return { drafts: [], picks: [await this.#ahead(sequence, id, sampling)] };
    sequence.dropAhead();
    const { gpu, config, scratch } = this.recorder.pass;
    const start = sequence.position;
    if (drafts > 0 && start === 0) throw errors.internal('drafts before the first token');
    const answer = await this.#submit(sequence, id, { drafts, sampling, uncommitted: drafts, to: 'picks' });
    const words = await answer.words();
    const step: StepResult = {
      drafts: Array.from(
        { length: drafts },
        (_, k) => words[(start + 1 + k) & (tokenRingRows - 1)] as number,
      ),
      picks: Array.from(words.subarray(picksAt, picksAt + drafts + 1)),
    };
    if (logits)
      step.logits = await gpu.readback.floats(scratch.logits, 0, (drafts + 1) * config.vocabularySize);
    return step;
  }

  /**
   * Reads `id` and, before its answer is known, lets the device read its own pick as well: the next call finds that step under
   * way. A pick that is not wanted is taken back by whatever is done next with the sequence.
   */
  async #ahead(sequence: Qwen3NextSequence, id: number, sampling: StepSampling | undefined): Promise<number> {
    const slot = (position: number): number => position & (tokenRingRows - 1);
    const plan = { drafts: 0, sampling, to: 'next' as const };
    let answer = sequence.takeAhead(id, sampling);
    answer ??= await this.#submit(sequence, id, { ...plan, uncommitted: 0 });
    const next = sequence.position;
    const nextAnswer = sequence.hasRoom(1)
      ? await this.#submit(sequence, undefined, { ...plan, uncommitted: 1 }).catch((error: unknown) => {
          answer.drop();
          throw error;
        })
      : undefined;
    const words = await answer.words().catch((error: unknown) => {
      nextAnswer?.drop();
      throw error;
    });
    const pick = words[slot(next)] as number;
    if (nextAnswer) sequence.setAhead(pick, sampling, nextAnswer);
    return pick;
  }

  /**
   * Reads `id`, or the id that the step before picked, and `drafts` guesses after it, and picks. Gives the sequence's tokens as
   * they will be after this step.
   */
  async #submit(
    sequence: Qwen3NextSequence,
    id: number | undefined,
    { drafts, sampling, uncommitted, to }: StepRequest,
  ): Promise<PendingRead> {
    const { recorder } = this;
    const { pass } = recorder;
    const count = drafts + 1;
    const start = sequence.position;
    pass.gpu.check();
    await sequence.reserve(count);
    if (id !== undefined) recorder.writeIds(sequence, [id]);
    const kind = await sequence.picks.begin(sampling, start);
    const record = await this.#prepared(sequence, kind, { drafts, uncommitted, to });
    const started = performance.now();
    const list = new CommandList(pass.gpu);
    record(list);
    this.encodeUs = (performance.now() - started) * 1000;
    this.dispatchCount = list.dispatchCount;
    const answer = pass.gpu.readback.after(list, sequence.tokens);
    list.submit();
    if (drafts > 0) sequence.mtpRows = start;
    sequence.advance(count, uncommitted);
    return answer;
  }

  /** What steps with so many drafts need, greedy and drawn. */
  pipelines(sequence: Qwen3NextSequence, drafts: number): PipelineSpec[] {
    const kinds: PickKind[] = ['largest', 'drawn'];
    return kinds.flatMap(kind =>
      (['picks', 'next'] as const).flatMap(to => {
        const record = this.#recording(sequence, kind, { drafts, uncommitted: 0, to });
        return this.recorder.collect(list => this.#withKeys(list, sequence, record));
      }),
    );
  }

  /** How a step is recorded; its kernels are compiled. */
  async #prepared(
    sequence: Qwen3NextSequence,
    kind: PickKind,
    plan: Omit<StepRequest, 'sampling'>,
  ): Promise<(list: CommandList) => void> {
    const { drafts, to } = plan;
    const record = this.#recording(sequence, kind, plan);
    const waiting = sequence.position - sequence.mtpRows;
    await this.recorder.prepare(
      `step ${drafts} ${drafts > 0 ? waiting : ''} ${kind} ${to} ${sequence.kvFormats}`,
      list => this.#withKeys(list, sequence, record),
    );
    return record;
  }

  /** A step and whatever the MTP block may have to read after it. */
  #withKeys(list: CommandList, sequence: Qwen3NextSequence, record: (list: CommandList) => void): void {
    record(list);
    for (let n = 1; n <= matvecRowsMax; n++) this.recorder.mtp.keys(list, sequence, n);
  }

  #recording(
    sequence: Qwen3NextSequence,
    kind: PickKind,
    { drafts, uncommitted, to }: Omit<StepRequest, 'sampling'>,
  ): (list: CommandList) => void {
    const { recorder } = this;
    const { pass, mtp } = recorder;
    const count = drafts + 1;
    const ring =
      to === 'picks'
        ? { row: picksAt, mask: 2 * tokenRingRows - 1 }
        : ringAt(() => sequence.now.start, tokenRingRows, 1);
    return list => {
      if (drafts > 0) mtp.draft(list, sequence, drafts);
      recorder.rows(list, sequence, count, {}, uncommitted);
      sequence.replay(list, `head 0 ${count}`, () => pass.head(list, 0, count));
      sequence.replay(list, `${kind} ${to} ${count}`, () =>
        sequence.picks.record(list, kind, pass.scratch, { count, ring }),
      );
    };
  }
}
