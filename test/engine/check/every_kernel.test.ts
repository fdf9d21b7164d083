import { expect, test } from 'vitest';
import { checkEveryKernel } from '../../../engine/check/every_kernel.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { breakKernels } from '../../support/broken_kernels.ts';

test('kernels are looked at with the commonest storage types first, for as long as there is time', async () => {
  const gpu = await openGpu();
  try {
    const variant = { ...gpu.variant };
    const mend = breakKernels(gpu, {
      where: 'Fusion add_matvec',
      text: '+= sums[c]',
      by: '+= 1.5 * sums[c]',
    });
    const { done, total, wrong } = await checkEveryKernel(gpu, 1);
    mend();
    expect([done, total]).toEqual([1, 4]);
    expect(wrong).toEqual([
      expect.objectContaining({ kernel: 'add_matvec', format: 'Q8_0', columns: 512, variant: {} }),
      expect.objectContaining({ kernel: 'add_matvec', format: 'Q8_0', columns: 512, variant: {} }),
    ]);
    expect(gpu.variant).toEqual(variant);
  } finally {
    gpu.dispose();
  }
});
