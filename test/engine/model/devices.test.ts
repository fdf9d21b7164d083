// A whole model on a device that is poorer than the one at hand: without subgroups and halves, with no more bindings than all have.
import { expect, test } from 'vitest';
import { promptSplits, verifyFixture } from '../../../engine/cli/verify_fixture.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { hasShuffle } from '../../../engine/kernels/launch.ts';
import { inFullRun } from '../../support/full.ts';
import { fixturePath } from '../../support/golden.ts';

test.each(inFullRun(['default', 'gguf_next', 'gguf_legacy'], ['gguf_legacy']))(
  'a device without subgroups and halves computes what the reference does: fixture %s',
  async fixture => {
    const gpu = await openGpu({
      software: true,
      without: ['subgroups', 'shader-f16'],
      limits: { storageBuffersPerStageMax: 8 },
    });
    try {
      expect([gpu.device.features.has('subgroups'), gpu.hasF16, hasShuffle(gpu)]).toEqual([
        false,
        false,
        false,
      ]);
      const splits = promptSplits.filter(({ delta }) => delta === 'recurrent');
      expect(splits.map(({ name }) => name)).toEqual(['one batch, recurrent', 'token by token']);
      for (const split of splits) {
        const { passed, rows } = await verifyFixture(gpu, fixturePath(fixture), split);
        expect(
          rows.filter(({ error, tolerance }) => !(error <= tolerance)),
          split.name,
        ).toEqual([]);
        expect(passed).toBe(true);
      }
    } finally {
      gpu.dispose();
    }
  },
);
