// How the device chooses a token after each row of a step: the largest logit, or a draw, with or without penalties. Belongs to a
// sequence, whose recordings ask here for the numbers of the step at hand.
import type { Gpu } from '../../gpu/device.ts';
import type { CommandList } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { argmaxRows } from '../../kernels/argmax_rows.ts';
import type { RingRows } from '../../kernels/matvec.ts';
import type { Accepted } from '../../kernels/accepted.ts';
import { penalizeRows } from '../../kernels/penalize_rows.ts';
import { rowCandidates } from '../../kernels/row_candidates.ts';
import { rowPeaks } from '../../kernels/row_peaks.ts';
import { sampleRows, sampleRowsMax } from '../../kernels/sample_rows.ts';
import { errors } from '../../protocol/errors.ts';
import type { StepSampling } from '../../language_model/language_model.ts';
import { randomWord, shareOfAll, type DrawRule, type PenaltyRule } from '../../language_model/sampling.ts';
import type { Scratch } from './scratch.ts';
import { SeenIds } from './seen_ids.ts';

/** Which kernels choose. */
export type PickKind = 'largest' | 'drawn' | 'penalised largest' | 'penalised drawn';

export class Picks {
  #draw: DrawRule = { topK: 0, share: shareOfAll, least: 0, inverse: 1, reach: 0 };
  #penalties: PenaltyRule = { repetition: 1, inverse: 1, presence: 0 };
  readonly #random = new Uint32Array(sampleRowsMax);
  #recent = { first: 0, count: 0 };
  /** Of the draw by row 0. */
  #draws = { seed: 0, first: 0 };
  #seen: SeenIds | undefined;

  constructor(
    private readonly gpu: Gpu,
    private readonly vocabularySize: number,
    /** u32, a ring of ids by position, whose rows are a power of two. */
    private readonly tokens: { tensor: GpuTensor; rows: number },
    /** Of the step before, where that may have drafts. */
    private readonly accepted?: Accepted,
  ) {}

  /**
   * Makes ready for the step whose first row is at position `start`, or later by what is accepted. The history holds all ids before
   * `start`, and the one at it unless the device alone knows that; rows behind are drafts. Throws outOfDeviceMemory.
   */
  async begin(sampling: StepSampling | undefined, start: number): Promise<PickKind> {
    if (!sampling) return 'largest';
    const { rule, history } = sampling;
    const { draw, penalties, seed } = rule;
    const unknown = start + 1 - history.ids.length;
    if (unknown !== 0 && unknown !== 1)
      throw errors.internal(`a history of ${history.ids.length} ids at position ${start}`);
    if (draw) {
      this.#draw = draw;
      const first = start + 1 - history.generatedFrom;
      this.#draws = { seed, first };
      for (let t = 0; !this.accepted && t < sampleRowsMax; t++) this.#random[t] = randomWord(seed, first + t);
    }
    if (!penalties) return draw ? 'drawn' : 'largest';
    this.#penalties = penalties;
    this.#recent = { first: history.ids.length, count: unknown };
    this.#seen ??= await this.gpu.buffers.obtain(
      'ids for penalties',
      'sequences',
      () => new SeenIds(this.gpu, this.vocabularySize),
    );
    this.#seen.follow(history);
    return draw ? 'penalised drawn' : 'penalised largest';
  }

  /** tokens[(row + t) & mask] = the choice by row t of the logits, or noPick. Penalties change the logits. */
  record(
    list: CommandList,
    kind: PickKind,
    { logits, candidates }: Pick<Scratch, 'logits' | 'candidates'>,
    { count, ring }: { count: number; ring: RingRows },
  ): void {
    const width = this.vocabularySize;
    if (kind === 'penalised largest' || kind === 'penalised drawn') this.#penalize(list, logits, count);
    if (kind === 'largest' || kind === 'penalised largest') {
      argmaxRows(list, { x: logits, found: candidates }, this.tokens.tensor, { count, width, ring });
      return;
    }
    const rule = {
      topK: () => this.#draw.topK,
      share: () => this.#draw.share,
      least: () => this.#draw.least,
      inverse: () => this.#draw.inverse,
      reach: () => this.#draw.reach,
    };
    const random = this.accepted
      ? {
          seed: () => this.#draws.seed,
          first: () => this.#draws.first,
          accepted: this.accepted.rows,
        }
      : Array.from(this.#random, (_, t) => () => this.#random[t] as number);
    rowPeaks(list, logits, candidates, { count, width });
    rowCandidates(list, logits, candidates, { count, width, rule });
    sampleRows(list, { x: logits, found: candidates }, this.tokens.tensor, {
      count,
      width,
      rule,
      random,
      ring,
    });
  }

  #penalize(list: CommandList, logits: GpuTensor, count: number): void {
    const { tensor: tokens, rows } = this.tokens;
    if (!this.#seen) throw errors.internal('penalties without ids');
    penalizeRows(list, logits, this.#seen.tensor, {
      count,
      width: this.vocabularySize,
      rule: {
        repetition: () => this.#penalties.repetition,
        inverse: () => this.#penalties.inverse,
        presence: () => this.#penalties.presence,
      },
      recent: {
        tokens,
        mask: rows - 1,
        first: () => this.#recent.first,
        count: () => this.#recent.count,
        accepted: this.accepted?.rows,
      },
    });
  }

  dispose(): void {
    this.#seen?.tensor.dispose();
    this.#seen = undefined;
  }
}
