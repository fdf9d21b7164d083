import { describe, expect, test } from 'vitest';
import { RateMeter } from '../../../../extension/models/transfer/rate_meter.ts';

describe('the rate of a download', () => {
  test('is known after a second, follows the last ten, and ends with silence', () => {
    const meter = new RateMeter();
    meter.add(1000, 0);
    expect(meter.bytesPerSecond(500)).toBeUndefined();
    for (let atMs = 200; atMs <= 2000; atMs += 200) meter.add(1000, atMs);
    expect(meter.bytesPerSecond(2000)).toBe(5500);
    for (let atMs = 2200; atMs <= 30_000; atMs += 200) meter.add(100, atMs);
    expect(meter.bytesPerSecond(30_000)).toBeCloseTo(510, 0);
    expect(meter.bytesPerSecond(60_000)).toBeUndefined();
  });
});
