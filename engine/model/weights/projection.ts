// Several linear maps of the same input. Neighbours of one storage type become one matrix, so one kernel serves them; the outputs of
// all stand side by side in one row.
import type { CommandList } from '../../gpu/dispatch.ts';
import type { GpuTensor } from '../../gpu/tensor.ts';
import { rows, type RowView } from '../../kernels/launch.ts';
import { matmul } from '../../kernels/matmul.ts';
import type { RingRows } from '../../kernels/matvec.ts';
import { normMatvec } from '../../kernels/norm_matvec.ts';
import type { WeightMatrix } from '../../kernels/weight_matrix.ts';
import { errors } from '../../protocol/errors.ts';
import type { MatrixSource } from './sources.ts';
import { Uploader } from './upload.ts';

/** One matrix and where its outputs begin in a row. */
interface Placed {
  matrix: WeightMatrix;
  offset: number;
  /** The first of its rows that is multiplied exactly; absent: none. */
  exactFrom?: number;
}

/** Neighbouring maps that become one matrix. */
interface Stack {
  names: string[];
  source: MatrixSource;
  format: string | undefined;
  exactFrom: number | undefined;
}

export class Projection {
  private constructor(
    private readonly placed: readonly Placed[],
    /** Where the outputs of each map begin in a row. */
    private readonly offsets: ReadonlyMap<string, number>,
    /** Elements of a row of outputs; a multiple of 4 so that views can be read as vec4. */
    readonly width: number,
  ) {}

  /**
   * Asks for the named matrices, which share their input width. Outputs of those in `exact` decide something (which experts, what is
   * forgotten): they are the same whatever a device's blocks of products hold.
   */
  static plan(
    up: Uploader,
    label: string,
    named: Record<string, MatrixSource>,
    exact: readonly string[] = [],
  ): Projection {
    const stacks: Stack[] = [];
    for (const [name, source] of Object.entries(named)) {
      const format = Uploader.formatOf(source);
      const isExact = exact.includes(name);
      const last = stacks.at(-1);
      if (
        last &&
        format !== undefined &&
        last.format === format &&
        (isExact || last.exactFrom === undefined)
      ) {
        if (isExact) last.exactFrom ??= last.source.rows;
        last.names.push(name);
        last.source = {
          ...last.source,
          rows: last.source.rows + source.rows,
          sources: [...last.source.sources, ...source.sources],
        };
      } else stacks.push({ names: [name], source, format, exactFrom: isExact ? 0 : undefined });
    }
    const placed: Placed[] = [];
    const offsets = new Map<string, number>();
    let width = 0;
    for (const { names, source, exactFrom } of stacks) {
      const matrix = up.matrix(`${label}.${names.join('+')}`, source);
      placed.push({ matrix, offset: width, ...(exactFrom === undefined ? {} : { exactFrom }) });
      let offset = width;
      for (const name of names) {
        offsets.set(name, offset);
        offset += (named[name] as MatrixSource).rows;
      }
      width += Math.ceil(source.rows / 4) * 4;
    }
    return new Projection(placed, offsets, width);
  }

  get matrices(): WeightMatrix[] {
    return this.placed.map(({ matrix }) => matrix);
  }

  /** Runs all maps on `count` rows of x; row t of their outputs goes to row t of `output`. */
  run(list: CommandList, x: RowView, output: GpuTensor, count: number): void {
    for (const { matrix, offset, exactFrom } of this.placed)
      matmul(list, x, matrix, rows(output, this.width, offset), {
        count,
        ...(exactFrom === undefined ? {} : { exactFrom }),
      });
  }

  /** Runs all maps on the norm of few rows of x; their outputs go to rows of `output`, a ring if given. */
  runNormed(
    list: CommandList,
    { x, gain }: { x: RowView; gain: GpuTensor },
    output: GpuTensor,
    options: { count: number; eps: number; ring?: RingRows },
  ): void {
    normMatvec(list, { x, gain, w: this.matrices, y: rows(output, this.width) }, options);
  }

  /** Where the rows of one map are after run(). */
  view(name: string, output: GpuTensor): RowView {
    const offset = this.offsets.get(name);
    if (offset === undefined) throw errors.internal(`no projection "${name}"`);
    return rows(output, this.width, offset);
  }
}
