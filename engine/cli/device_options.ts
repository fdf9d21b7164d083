// The options of every command that opens the GPU: which one, and how much of its memory may be used.
import type { DeviceChoice } from '../gpu/device.ts';
import type { Options } from './args.ts';

export const deviceOptions = ['adapter', 'memory-limit'];

const mebibyte = 1024 * 1024;

/** What was asked for. Throws badUsage for a limit that is none. */
export function deviceChoice(o: Options): DeviceChoice {
  const limit = o.optionalNumber('memory-limit', { min: 1 });
  return {
    adapter: o.optional('adapter'),
    memoryBytesMax: limit === undefined ? undefined : limit * mebibyte,
  };
}
