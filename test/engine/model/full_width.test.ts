// One layer at the released size (hidden 2048, 512 experts of 512, 10 of them a token) in Q4_K, in a process of its own: loads, reads,
// agrees with the plain reference, and stays within its memory.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundleChild, root } from '../../support/child_bundle.ts';
import type { FullWidthReport } from '../../support/full_width_gpu_child.ts';
import { reportOf } from '../../support/measured_child.ts';

const bundle = bundleChild('test/support/full_width_gpu_child.ts', join(root, 'test-results', 'full_width'));
/** As close as fixtures of much smaller layers: sums of 2048 products in f32, values up to 6, logits up to 12. */
const allowed = { x: 5e-5, logits: 1e-4 };

describe.each(['delta', 'attention'])('one layer of the released size: %s', kind => {
  test('agrees with the reference, in 6 GB, of which 512 MB are the host', async () => {
    const report = await reportOf<FullWidthReport>(await bundle, kind);
    console.info(kind, JSON.stringify(report));
    expect(report.notFinite).toBe(0);
    expect(report.routerGap).toBeGreaterThan(1e-3);
    expect(report.largest.x).toBeGreaterThan(1);
    for (const { x, logits } of Object.values(report.errors)) {
      expect(x).toBeLessThanOrEqual(allowed.x);
      expect(logits).toBeLessThanOrEqual(allowed.logits);
    }
    expect(report.bytes.device).toBeGreaterThan(0.9e9);
    expect(report.bytes.peak).toBeLessThan(6e9);
    expect(report.bytes.hostWhileLoading).toBeLessThanOrEqual(512 * 2 ** 20);
  });
});
