// How many rows the next batch of a prompt had better have.
import { limits } from '../protocol/limits.ts';

/**
 * At most `wanted` and `most`, and what the device does in time when a row takes `msPerRow` (undefined before the first batch); the
 * usual size is never too long.
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
  const inTime = msPerRow === undefined ? Infinity : Math.floor(msMost / msPerRow / usual) * usual;
  return Math.min(wanted, most, Math.max(inTime, usual));
}
