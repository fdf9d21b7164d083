import { expect, test } from 'vitest';
import { growthContexts, growthReport, growthTable } from '../../../scripts/bench/growth.mjs';
import { plotSvg, ticks } from '../../../scripts/bench/svg_plot.mjs';

const points = (slope: number) =>
  [512, 1024, 2048].map(context => ({
    context,
    decode_bytes: 1e7 + slope * 1000 * context,
    flops: 2e7 + slope * 3000 * context,
    prefill_ms_per_token: 2 + slope * 0.001 * context,
    decode_ms_per_token: 10 + slope * 0.002 * context,
  }));
const measured = {
  hybrid: { device: 'd', points: points(1) },
  attention: { device: 'd', points: points(10) },
};

test('contexts double from 512 to the longest', () => {
  expect(growthContexts(4096)).toEqual([512, 1024, 2048, 4096]);
  expect(growthContexts(5000)).toEqual([512, 1024, 2048, 4096]);
});

test('each quantity gets its line, and the control its steepness', () => {
  const { fits, slope_ratios: slopes } = growthReport(measured);
  expect(fits.hybrid?.decode_bytes?.a).toBeCloseTo(1e7, 0);
  expect(fits.hybrid?.decode_bytes?.b).toBeCloseTo(1000);
  for (const slope of Object.values(slopes)) expect(slope).toBeCloseTo(10);
  expect(growthTable(growthReport(measured))).toMatch(
    /bytes .*10 \+ 1\.02 n\/1024 MB .*10\.2 n\/1024 MB .*10\.0 ×/,
  );
});

test('ticks are round, few, and reach the largest value', () => {
  for (const largest of [0.0123, 1, 7, 99, 4096, 3.3e7]) {
    const found = ticks(largest);
    expect(found[0]).toBe(0);
    expect(found.at(-1)).toBeGreaterThanOrEqual(largest);
    expect(found.at(-2)).toBeLessThan(largest);
    expect(found.length).toBeLessThanOrEqual(7);
  }
});

test('a plot holds every dot, line and label inside its frame, and text is escaped', () => {
  const svg = plotSvg('a < b', [
    {
      title: 'one & only',
      xLabel: 'n',
      yLabel: 'ms',
      series: [{ name: 's', color: '#000000', dots: [[0, 0], [10, 5]], line: [[0, 0], [10, 5]] }],
    },
  ]); // prettier-ignore
  expect(svg).toContain('a &lt; b');
  expect(svg).toContain('one &amp; only');
  expect(svg.match(/<circle/g)).toHaveLength(2);
  const [width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.slice(1).map(Number);
  for (const [, x = '', y = ''] of svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)) {
    expect(Number(x)).toBeLessThanOrEqual(width);
    expect(Number(y)).toBeLessThanOrEqual(height);
  }
  expect(svg).not.toContain('NaN');
});
