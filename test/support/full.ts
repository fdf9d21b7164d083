// Whether this run covers everything (`npm run test:full`) or what fits into every day's tests.

/** Every combination of forms, formats and shapes, and campaigns at their full length. */
export const isFullRun = process.env['HEARTH_TEST_FULL'] === '1';

/** `everything` in a full run, else `daily`. */
export function inFullRun<T>(everything: T, daily: T): T {
  return isFullRun ? everything : daily;
}
