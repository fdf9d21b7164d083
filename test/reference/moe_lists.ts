// Reference of moe_lists: entries sorted by expert, then by index, and cut into tiles of at most tileRows entries of one expert.
import type { Numbers } from './rows.ts';

/** order [entries]; tiles (expert, first in order, count, 0), those not needed all zero; launches (outputs' workgroups, tiles needed, 1) of each product. */
export function moeLists(
  ids: Numbers,
  {
    experts,
    tileRows,
    tileCount,
    outputGroups,
  }: { experts: number; tileRows: number; tileCount: number; outputGroups: readonly number[] },
): { order: number[]; tiles: number[]; launches: number[] } {
  const order: number[] = [];
  const tiles: number[] = [];
  for (let e = 0; e < experts; e++) {
    const first = order.length;
    for (let entry = 0; entry < ids.length; entry++) if (ids[entry] === e) order.push(entry);
    for (let at = first; at < order.length; at += tileRows)
      tiles.push(e, at, Math.min(tileRows, order.length - at), 0);
  }
  const launches = outputGroups.flatMap(groups => [groups, tiles.length / 4, 1]);
  while (tiles.length < tileCount * 4) tiles.push(0);
  return { order, tiles, launches };
}
