// Kernel rms_norm: root-mean-square norm of rows (docs/MODEL.md 4.2).
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import { laneCount, type RowView } from './launch.ts';
import { noRing, type RingRows } from './matvec.ts';
import source from './rms_norm.wgsl';
import { overValues } from './work.ts';

/**
 * y[t] = norm(x[firstRow + t]) * weight for `count` rows. x f32 [*, n]; weight f32 [n] with the +1 already in it;
 * y: packed rows or a view whose offset and stride are multiples of 4 like n; x (`from`) and y (`into`) may be rings.
 */
export function rmsNorm(
  list: CommandList,
  x: GpuTensor,
  weight: GpuTensor,
  y: GpuTensor | RowView,
  {
    count,
    firstRow = 0,
    eps,
    from = noRing,
    into = noRing,
  }: { count: number; firstRow?: number; eps: number; from?: RingRows; into?: RingRows },
): void {
  const n = weight.length;
  const to = 'tensor' in y ? y : { tensor: y, offset: 0, stride: n };
  const accepted = from.accepted ?? into.accepted;
  const later = (ring: RingRows) => (ring.accepted ? '1u' : '0u');
  list.dispatch({
    spec: {
      name: 'rms_norm',
      source,
      preamble: `const X_LATER = ${later(from)};\nconst Y_LATER = ${later(into)};\n${acceptedPreamble(accepted)}`,
      constants: { wg: laneCount(list.gpu) },
    },
    tensors: [x, weight, to.tensor, ...acceptedTensors(accepted)],
    words: [
      n / 4,
      from === noRing ? firstRow : from.row,
      to.offset / 4,
      to.stride / 4,
      from.mask,
      into.row,
      into.mask,
    ],
    floats: [eps],
    groups: [count],
    work: overValues(2 * count * n),
  });
}
