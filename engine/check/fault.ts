// What is wrong with a device, in words.
import type { DeviceFacts } from '../protocol/lifecycle.ts';
import { phrase, type Phrase } from '../protocol/phrase.ts';
import type { WrongProgram } from './known_logits.ts';
import type { WrongKernel } from './run_products.ts';

/** Anything that was found wrong. */
export type Wrong = WrongProgram | WrongKernel;

/** What one kernel or program does. */
export function wrongText(wrong: Wrong): Phrase {
  if (wrong.failure !== undefined) return phrase`${nameOf(wrong)} does not run (${wrong.failure})`;
  if (wrong.error === undefined || Number.isNaN(wrong.error))
    return phrase`${nameOf(wrong)} gives no numbers`;
  if ('program' in wrong) return phrase`${nameOf(wrong)} is off by ${wrong.error.toPrecision(2)}`;
  return phrase`${nameOf(wrong)} is off by ${(100 * wrong.error).toPrecision(2)} %`;
}

/** The device by its name, its driver, and the first thing that differs. */
export function deviceFault({ name, driver }: DeviceFacts, wrong: readonly [Wrong, ...Wrong[]]): Phrase {
  const [first, ...more] = wrong;
  return more.length === 0
    ? phrase`${name} (driver ${driver}) computes wrongly: ${wrongText(first)}`
    : phrase`${name} (driver ${driver}) computes wrongly: ${wrongText(first)} (faults in all: ${wrong.length})`;
}

function nameOf(wrong: Wrong): Phrase {
  if (!('program' in wrong))
    return phrase`the kernel ${wrong.kernel} with ${wrong.format} weights of ${wrong.columns} columns`;
  switch (wrong.program) {
    case 'batch':
      return phrase`the embedded model, read in batches,`;
    case 'few rows':
      return phrase`the embedded model, read token by token,`;
    case 'drafts':
      return phrase`the embedded model, writing with drafts,`;
    default:
      return wrong.program satisfies never;
  }
}
