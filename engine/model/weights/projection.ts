// Several linear maps of the same input. Neighbours of one storage type become one matrix, so one kernel serves them.
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

interface Slot {
  matrix: number;
  offset: number;
}

export class Projection {
  private constructor(
    readonly matrices: readonly WeightMatrix[],
    private readonly slots: ReadonlyMap<string, Slot>,
  ) {}

  /** Asks for the named matrices, which share their input width. */
  static plan(up: Uploader, label: string, named: Record<string, MatrixSource>): Projection {
    const stacks: { names: string[]; source: MatrixSource; format: string | undefined }[] = [];
    for (const [name, source] of Object.entries(named)) {
      const format = Uploader.formatOf(source);
      const last = stacks.at(-1);
      if (last && format !== undefined && last.format === format) {
        last.names.push(name);
        last.source = {
          ...last.source,
          rows: last.source.rows + source.rows,
          sources: [...last.source.sources, ...source.sources],
        };
      } else stacks.push({ names: [name], source, format });
    }
    const matrices: WeightMatrix[] = [];
    const slots = new Map<string, Slot>();
    for (const [matrix, { names, source }] of stacks.entries()) {
      matrices.push(up.matrix(`${label}.${names.join('+')}`, source));
      let offset = 0;
      for (const name of names) {
        slots.set(name, { matrix, offset });
        offset += (named[name] as MatrixSource).rows;
      }
    }
    return new Projection(matrices, slots);
  }

  /** Elements between rows of output `index`; a multiple of 4 so that views can be read as vec4. */
  stride(index: number): number {
    return Math.ceil((this.matrices[index] as WeightMatrix).rows / 4) * 4;
  }

  /** Runs all maps on `count` rows of x; output i goes to outputs[i]. */
  run(list: CommandList, x: RowView, outputs: readonly GpuTensor[], count: number): void {
    for (const [i, matrix] of this.matrices.entries())
      matmul(list, x, matrix, rows(outputs[i] as GpuTensor, this.stride(i)), { count });
  }

  /** Runs all maps on the norm of few rows of x; output i goes to outputs[i], rows of a ring if given. */
  runNormed(
    list: CommandList,
    { x, gain }: { x: RowView; gain: GpuTensor },
    outputs: readonly GpuTensor[],
    options: { count: number; eps: number; ring?: RingRows },
  ): void {
    for (const [i, w] of this.matrices.entries())
      normMatvec(list, { x, gain, w, y: rows(outputs[i] as GpuTensor, this.stride(i)) }, options);
  }

  /** Where the rows of one map are after run(). */
  view(name: string, outputs: readonly GpuTensor[]): RowView {
    const slot = this.slots.get(name);
    if (!slot) throw errors.internal(`no projection "${name}"`);
    return rows(outputs[slot.matrix] as GpuTensor, this.stride(slot.matrix), slot.offset);
  }
}
