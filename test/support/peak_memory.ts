// The resident memory of this process: what it takes now, and its peak, which starts anew where the system can do that (Linux).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { VariantChoice } from '../../engine/model/load.ts';

const status = '/proc/self/status';
const canReset = existsSync(status);

/** Bytes at the peak. */
export function peakBytes(): number {
  if (!canReset) return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** From now on the peak is what comes. */
export function resetPeak(): void {
  if (canReset) writeFileSync('/proc/self/clear_refs', '5');
}

/** Kernels compile when the weights are there: compilers of a software device take memory of their own, unless they know a kernel. */
export const compileLater: VariantChoice = {
  useKnown: () => Promise.resolve(false),
  measure: () => Promise.resolve(),
  proved: () => Promise.resolve(),
  failed: () => Promise.resolve(),
};
