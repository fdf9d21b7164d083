// Kernel embed_rows: gathers embedding rows by token id.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import source from './embed_rows.wgsl';
import { groupCount, laneCount } from './launch.ts';
import { noRing, type RingRows } from './matvec.ts';
import { weightFormats, type WeightMatrix } from './weight_matrix.ts';
import { overValues } from './work.ts';

/** y[t] = table[ids[t]], the ids in a ring if given. table [V, H], ids u32 [count], y f32 [count, H]. Ids past the table leave their row as it was. */
export function embedRows(
  list: CommandList,
  table: WeightMatrix,
  ids: GpuTensor,
  y: GpuTensor,
  count: number,
  ring: RingRows = noRing,
): void {
  const wg = laneCount(list.gpu);
  const preamble = weightFormats[table.format].accessor + acceptedPreamble(ring.accepted);
  for (const part of table.parts)
    list.dispatch({
      spec: { name: 'embed_rows', source, preamble, constants: { wg } },
      tensors: [...part.planes, ids, y, ...acceptedTensors(ring.accepted)],
      words: [table.unitsPerRow, part.rowStart, part.rowCount, ring.row, ring.mask],
      groups: [groupCount(table.unitsPerRow, wg), count],
      work: overValues(2 * count * table.columns),
    });
}
