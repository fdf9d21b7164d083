// Records the layers for few rows, as steps have them, with positions, rope rows and the MTP block's upkeep seen to.
import { CommandList } from '../gpu/dispatch.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import { matvecRowsMax } from '../kernels/matvec.ts';
import type { ForwardOptions } from './batch_reader.ts';
import { ringAt, type ModelPass } from './layers/model_pass.ts';
import { mtpReach, type MtpBlock } from './layers/mtp_block.ts';
import type { RopeWindow } from './layers/rope_window.ts';
import { tokenRingRows } from '../shared/architecture/footprint.ts';
import type { Qwen3NextSequence } from './sequence/sequence.ts';

export class Recorder {
  readonly #prepared = new Set<string>();

  constructor(
    readonly pass: ModelPass,
    readonly rope: RopeWindow,
    readonly mtp: MtpBlock,
  ) {}

  /** Writes ids into the sequence's ring from its position on. */
  writeIds(sequence: Qwen3NextSequence, ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++)
      sequence.tokens.write(
        Uint32Array.of(ids[i] as number),
        ((sequence.position + i) & (tokenRingRows - 1)) * 4,
      );
  }

  /** Records few rows the first time, and replays them. `uncommitted`: how many at the end may still be taken back. */
  rows(
    list: CommandList,
    sequence: Qwen3NextSequence,
    count: number,
    { tap }: Pick<ForwardOptions, 'tap'>,
    uncommitted = 0,
  ): void {
    const { pass } = this;
    const { position: start, pending } = sequence;
    // All that this list reads of the window is asked for at once: moving it would change what was recorded before.
    const low = sequence.mtp ? Math.min(sequence.mtpRows, start) : start;
    const end = start + (sequence.mtp ? mtpReach(count) : count);
    const ropeRow = this.rope.rowOf(low, end - low) + start - low;
    // The rings of ids and hidden states must not overrun what the MTP block has yet to read.
    if (sequence.mtp && start + count - sequence.mtpRows > matvecRowsMax && start > sequence.mtpRows)
      this.mtp.keys(list, sequence, start - sequence.mtpRows);
    const { accepted } = sequence;
    Object.assign(sequence.now, {
      start,
      position: start - pending,
      pending,
      commit: pending + count - uncommitted,
      ropeRow,
    });
    const record = (): void => {
      const { now } = sequence;
      const step = {
        count,
        start: () => now.start,
        position: () => now.position,
        pending: () => now.pending,
        commit: () => now.commit,
        ropeRow: () => now.ropeRow,
        accepted,
      };
      const ring = ringAt(() => now.start, tokenRingRows, { accepted });
      pass.layers(
        list,
        sequence,
        { ids: sequence.tokens, ring },
        step,
        tap && (i => tap(list, i, pass.scratch.x)),
      );
      if (sequence.hidden) pass.hidden(list, sequence.hidden, { count, into: ring });
    };
    if (tap) record();
    else sequence.replay(list, `rows ${count} ${sequence.side}`, record);
    if (!list.collecting) sequence.swapStates();
  }

  /** Compiles, once per kind of work, the pipelines that `record` needs: all in parallel. */
  async prepare(kind: string, record: (list: CommandList) => void): Promise<void> {
    if (this.#prepared.has(kind)) return;
    await this.pass.gpu.pipelines.prepare(this.collect(record));
    this.#prepared.add(kind);
  }

  /** The pipelines that `record` needs. */
  collect(record: (list: CommandList) => void): PipelineSpec[] {
    const specs: PipelineSpec[] = [];
    record(new CommandList(this.pass.gpu, specs));
    return specs;
  }
}
