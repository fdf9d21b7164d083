// Kernel gather_rows: some rows of a stored weight matrix as a matrix of their own, in the same storage type.
import type { CommandList } from '../gpu/dispatch.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './gather_rows.wgsl';
import { groupCount, laneCount } from './launch.ts';
import { overValues } from './work.ts';
import { formatFacts, type WeightFormat, type WeightMatrix } from './weight_matrix.ts';

/** Workgroups in y at most; each takes several rows where there are more. */
const groupsY = 32_768;

/** Words that a row of so many columns takes in each plane. */
function rowWords(format: WeightFormat, columns: number): number[] {
  const { elements, planeBytes } = formatFacts(format);
  return planeBytes.map(bytes => ((columns / elements) * bytes) / 4);
}

/** True where rows begin at whole words in every plane. */
export function canGather(format: WeightFormat, columns: number): boolean {
  return rowWords(format, columns).every(Number.isInteger);
}

/** Row t of `to` = row ids[t] of `w`, of which it has the format and columns (see canGather). ids u32 [to.rows]; none is past the last row. */
export function gatherRows(list: CommandList, w: WeightMatrix, ids: GpuTensor, to: WeightMatrix): void {
  const wg = laneCount(list.gpu);
  const { table } = formatFacts(w.format);
  for (const part of to.parts) {
    for (const [plane, words] of rowWords(w.format, w.columns).entries())
      for (const stored of w.parts)
        list.dispatch({
          spec: { name: 'gather_rows', source, constants: { wg } },
          tensors: [stored.planes[plane] as GpuTensor, ids, part.planes[plane] as GpuTensor],
          words: [words, stored.rowStart, stored.rowCount, part.rowStart, part.rowCount],
          groups: [groupCount(words, wg), Math.min(part.rowCount, groupsY)],
          work: overValues(words * part.rowCount),
        });
    const [from, copy] = [w.parts[0]?.planes.at(-1), part.planes.at(-1)];
    if (table && from && copy) list.copy(from, 0, copy, 0, from.byteLength);
  }
}
