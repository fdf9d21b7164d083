// The MTP block at work: its cache kept up to what was read, and drafts made with it (docs/MODEL.md 8.2, 8.3).
import type { CommandList } from '../../gpu/dispatch.ts';
import type { Accepted } from '../../kernels/accepted.ts';
import { argmaxRows } from '../../kernels/argmax_rows.ts';
import { rows } from '../../kernels/launch.ts';
import { matvecRowsMax, noRing } from '../../kernels/matvec.ts';
import { rmsNorm } from '../../kernels/rms_norm.ts';
import { errors } from '../../protocol/errors.ts';
import { ringAt, type ModelPass } from './model_pass.ts';
import type { RopeWindow } from './rope_window.ts';
import { tokenRingRows } from '../../shared/architecture/footprint.ts';
import type { Qwen3NextSequence } from '../sequence/sequence.ts';

/** Most drafts of one step: they and the rows that wait for their commit have to fit the rings. */
export const draftsMax = 4;

/** Most rows that a draft begins with. */
const draftRowsMax = draftsMax + 1;

/** Positions from a text's position on that `count` rows and the MTP block may read of the rope window, whichever comes first. */
export function mtpReach(count: number): number {
  return Math.max(count, matvecRowsMax) + draftsMax + 1;
}

export class MtpBlock {
  constructor(
    private readonly pass: ModelPass,
    private readonly rope: RopeWindow,
  ) {}

  /** Brings `count` rows of the MTP block's cache up to date, from hidden states and ids in the sequence's rings. */
  keys(list: CommandList, sequence: Qwen3NextSequence, count: number): void {
    const { mtp, hidden, tokens, now } = sequence;
    if (!mtp || !hidden) return;
    this.#atMtpRows(sequence);
    sequence.replay(list, `keys ${count}`, () =>
      this.pass.mtp(
        list,
        mtp,
        { ids: tokens, ring: ringAt(() => now.mtpStart, tokenRingRows, { ahead: 1, accepted: this.#none }) },
        { tensor: hidden, ring: ringAt(() => now.mtpStart, tokenRingRows) },
        { count, start: () => now.mtpStart, ropeRow: () => now.mtpRopeRow, accepted: this.#none },
        { keysOnly: true },
      ),
    );
    if (!list.collecting) sequence.mtpRows += count;
  }

  /** For rows whose place the host knows, with the kernels of those whose place it does not. */
  get #none(): Accepted | undefined {
    const { mtp } = this.pass.scratch;
    return mtp && { rows: mtp.noneAccepted, most: 0 };
  }

  #atMtpRows(sequence: Qwen3NextSequence): void {
    const { now, mtpRows, position } = sequence;
    now.mtpStart = mtpRows;
    now.mtpRopeRow = this.rope.rowOf(mtpRows, position - mtpRows + mtpReach(1));
  }

  /** After a batch: its rows of the MTP block's cache. Row p of the cache joins the hidden state at p with the id at p + 1. */
  batchKeys(list: CommandList, sequence: Qwen3NextSequence, count: number): void {
    const { mtp, hidden, position } = sequence;
    const { scratch, config } = this.pass;
    if (!mtp || !hidden || !scratch.mtp) return;
    const { given } = scratch.mtp;
    const H = config.hiddenSize;
    const last = (position - 1) & (tokenRingRows - 1);
    // Row 0 of `given` is the hidden state before the batch; at the very start there is none, and one row less.
    list.copy(hidden, last * H * 4, given, 0, H * 4);
    rmsNorm(list, scratch.x, this.pass.weights.norm, rows(given, H, H), { count, eps: config.rmsEps });
    this.pass.hidden(list, hidden, {
      count: 1,
      firstRow: count - 1,
      into: { row: position + count - 1, mask: tokenRingRows - 1 },
    });
    const skip = position === 0 ? 1 : 0;
    const start = position - 1 + skip;
    this.pass.mtp(
      list,
      mtp,
      { ids: scratch.ids, ring: { row: skip, mask: noRing.mask } },
      { tensor: given, firstRow: skip },
      { count: count - skip, start, ropeRow: this.rope.rowOf(start, count - skip) },
      { keysOnly: true, batch: true },
    );
  }

  /**
   * Records the MTP block on the rows it has not read yet, then on its own guesses; they become the ids after the one to be read. That
   * one, and the rows up to it, come after the drafts of a step before of which up to `mostAccepted` are right: rows for all of them are
   * made, and those behind the last right one stay unseen.
   */
  draft(list: CommandList, sequence: Qwen3NextSequence, drafts: number, mostAccepted: number): void {
    const { mtp, hidden, tokens, now, accepted, position } = sequence;
    const { scratch, config } = this.pass;
    if (!mtp || !hidden || !scratch.mtp) throw errors.internal('the MTP block is not loaded');
    const { made } = scratch.mtp;
    // Few programs: more rows are read apart.
    let waiting = position - sequence.mtpRows;
    if (waiting + mostAccepted > draftRowsMax) {
      this.keys(list, sequence, waiting - 1);
      waiting = 1;
    }
    const count = waiting + mostAccepted;
    this.#atMtpRows(sequence);
    now.mtpLast = waiting - 1;
    const { draftHead } = this.pass;
    const pick = (): void => {
      const ring = ringAt(() => now.mtpStart + now.mtpLast, tokenRingRows, { ahead: 2, accepted });
      const width = draftHead?.matrix.rows ?? config.vocabularySize;
      const from = { x: scratch.logits, found: scratch.candidates };
      this.pass.mtpHead(list, 0, draftHead && { head: draftHead.matrix });
      argmaxRows(list, from, tokens, { count: 1, width, ring, names: draftHead?.ids });
      // The head of drafts may come, and go, later.
      if (list.collecting)
        for (const names of [undefined, tokens])
          argmaxRows(list, from, tokens, { count: 1, width, ring, names });
    };
    const among = draftHead ? 'among some' : 'among all';
    sequence.replay(list, `draft ${count} ${among}`, () => {
      const at = { start: () => now.mtpStart, ropeRow: () => now.mtpRopeRow, accepted: this.#none };
      const ids = ringAt(() => now.mtpStart, tokenRingRows, { ahead: 1, accepted: this.#none });
      const given = { tensor: hidden, ring: ringAt(() => now.mtpStart, tokenRingRows) };
      const last = { row: () => now.mtpLast, mask: noRing.mask, accepted: accepted?.rows };
      this.pass.mtp(list, mtp, { ids: tokens, ring: ids }, given, { count, ...at }, { only: last });
      pick();
    });
    // One row at a time from here on, each from the hidden state the block made of the one before.
    for (let k = 1; k < drafts; k++) {
      const step = now.mtpLast + 1;
      now.mtpStart += step;
      now.mtpRopeRow += step;
      now.mtpLast = 0;
      sequence.replay(list, `draft after ${among}`, () => {
        const at = { start: () => now.mtpStart, ropeRow: () => now.mtpRopeRow, accepted };
        const ids = ringAt(() => now.mtpStart, tokenRingRows, { ahead: 1, accepted });
        this.pass.mtp(list, mtp, { ids: tokens, ring: ids }, { tensor: made }, { count: 1, ...at });
        pick();
      });
    }
    if (!list.collecting) sequence.mtpRows = position;
  }
}
