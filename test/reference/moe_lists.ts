// Reference of moe_lists: entries sorted by expert, then by index, and cut into tiles of at most tileRows entries of one expert.
import type { Numbers } from './rows.ts';

/** order [entries]; tiles (expert, first in order, count, 0), those not needed all zero. */
export function moeLists(
  ids: Numbers,
  { experts, tileRows, tileCount }: { experts: number; tileRows: number; tileCount: number },
): { order: number[]; tiles: number[] } {
  const order: number[] = [];
  const tiles: number[] = [];
  for (let e = 0; e < experts; e++) {
    const first = order.length;
    for (let entry = 0; entry < ids.length; entry++) if (ids[entry] === e) order.push(entry);
    for (let at = first; at < order.length; at += tileRows)
      tiles.push(e, at, Math.min(tileRows, order.length - at), 0);
  }
  while (tiles.length < tileCount * 4) tiles.push(0);
  return { order, tiles };
}
