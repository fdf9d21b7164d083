// Kernel norm_matvec: RMSNorm of few rows, then stored weight matrices, without the normed rows ever being stored.
import type { Gpu } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import fusion from './fusions/norm_matvec.wgsl';
import type { RowView } from './launch.ts';
import { fitsLaunch, matvec, noRing, wholeWeights, type MatvecWeights, type RingRows } from './matvec.ts';
import type { WeightMatrix } from './weight_matrix.ts';
import { productWork, sumOfWork } from './work.ts';

/** Matrices of one launch. */
const matricesMax = 3;

/**
 * y[t] = W norm(x[t]) for t < count <= matvecRowsMax; norm(x) = gain x (mean(x^2) + eps)^(-1/2) (docs/MODEL.md 4.2).
 * x rows have W.columns values, offset and stride multiples of 4; gain f32 [columns]; y rows W.rows, in a ring if given. Several
 * matrices, of any storage types: their outputs stand side by side, each from a multiple of 4 on; as few launches as bindings allow.
 */
export function normMatvec(
  list: CommandList,
  { x, gain, w, y }: { x: RowView; gain: GpuTensor; w: readonly WeightMatrix[]; y: RowView },
  { count, eps, ring = noRing }: { count: number; eps: number; ring?: RingRows },
): void {
  for (const { weights, outputs, offset } of launchesOf(list.gpu, w))
    matvec(list, {
      name: 'norm_matvec',
      fusion,
      accepted: ring.accepted,
      weights,
      rows: count,
      weightRows: outputs,
      tensors: [x.tensor, gain, y.tensor],
      words: [
        weights[0]?.columns ?? 0,
        count,
        x.offset / 4,
        x.stride / 4,
        y.offset + offset,
        y.stride,
        ring.row,
        ring.mask,
        ...Array.from({ length: matricesMax }, (_, i) => outputs[i] ?? 0),
      ],
      floats: [eps],
      work: sumOfWork(
        'products',
        weights.map((one, i) => productWork(one, { rowCount: outputs[i] ?? 0 }, count)),
      ),
    });
}

/** Weights that one launch multiplies by, rows of each, and where in a row of y their outputs begin. */
interface Launch {
  weights: MatvecWeights[];
  outputs: number[];
  offset: number;
}

function launchesOf(gpu: Gpu, matrices: readonly WeightMatrix[]): Launch[] {
  const launches: Launch[] = [];
  let offset = 0;
  /** The launch that another matrix may join. */
  let open: Launch | undefined;
  for (const matrix of matrices) {
    const whole = wholeWeights(matrix);
    if (whole && open && open.weights.length < matricesMax && fitsLaunch(gpu, [...open.weights, whole], 3)) {
      open.weights.push(whole);
      open.outputs.push(matrix.rows);
    } else {
      for (const { planes, rowStart, rowCount } of matrix.parts)
        launches.push({
          weights: [{ format: matrix.format, columns: matrix.columns, planes }],
          outputs: [rowCount],
          offset: offset + rowStart,
        });
      open = whole && launches.at(-1);
    }
    offset += Math.ceil(matrix.rows / 4) * 4;
  }
  return launches;
}
