// How many rows the next batch of a prompt had better have.
import { limits } from '../protocol/limits.ts';

/**
 * At most `wanted` and `most`, and what the device does in time when a row takes `msPerRow`; the usual size is never too long, and
 * is what is read before anything is known (`msPerRow` undefined).
 */
export function batchRows({
  wanted,
  most,
  msPerRow,
}: {
  wanted: number;
  most: number;
  msPerRow: number | undefined;
}): number {
  const { prefillBatchTokensUsual: usual, prefillBatchMsMax: msMost } = limits;
  const inTime = msPerRow === undefined ? usual : Math.floor(msMost / msPerRow / usual) * usual;
  return Math.min(wanted, most, Math.max(inTime, usual));
}
