// The kernels of this device compute the known products; what is wrong, or does not compile, is told by its name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patterns } from '../../../engine/check/known_sums.ts';
import type { MatrixUse } from '../../../engine/check/matrix_uses.ts';
import type { MatrixRole } from '../../../engine/check/products.ts';
import { wrongKernels } from '../../../engine/check/run_products.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { formatFacts, weightFormats, type WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { breakKernels } from '../../support/broken_kernels.ts';
import { inFullRun } from '../../support/full.ts';

const roles: MatrixRole[] = [
  { kind: 'embedding' },
  { kind: 'draft head' },
  { kind: 'projection' },
  { kind: 'output' },
  { kind: 'delta output', heads: 8, dim: 64, tileHeads: 0 },
  { kind: 'delta output', heads: 8, dim: 64, tileHeads: 4 },
  { kind: 'gate and up', experts: true },
  { kind: 'gate and up', experts: false },
  { kind: 'down', experts: true },
  { kind: 'down', experts: false },
];
const uses = (format: WeightFormat, some = roles): MatrixUse[] =>
  some.map(role => ({ role, format, columns: 512 }));
const projection = uses('Q8_0', [{ kind: 'projection' }]);
/** Plain, with scales apart in two ways, a K-quant, one with a table; each type costs a compilation. */
const formats: readonly WeightFormat[] = inFullRun(Object.keys(weightFormats) as WeightFormat[], [
  'BF16',
  'F8_E4M3',
  'NVFP4',
  'Q4_K',
  'IQ1_M',
]);

describe('on a software device', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openGpu();
  });
  afterAll(() => gpu.dispose());

  test('every kernel computes what is known, and frees what it took', async () => {
    const live = gpu.buffers.liveCount;
    expect(await wrongKernels(gpu, uses('Q8_0'))).toEqual([]);
    expect(gpu.buffers.liveCount).toBe(live);
  });

  test.each(formats)('%s is decoded right', async format => {
    const columns = 3 * Math.max(16, formatFacts(format).elements);
    expect(await wrongKernels(gpu, [{ role: { kind: 'embedding' }, format, columns }])).toEqual([]);
  });

  test('a wrong stored sum is noticed by every kernel that adds it up', async () => {
    const [first] = patterns;
    first![0]! *= -1;
    try {
      const wrong = await wrongKernels(gpu, projection);
      expect(wrong.map(({ kernel }) => kernel)).toEqual([
        'norm_matvec',
        'norm_matvec',
        'matmul of 12 rows',
        'matmul of 70 rows',
      ]);
    } finally {
      first![0]! *= -1;
    }
  });

  test('an output that is never written is noticed, whatever comes after it', async () => {
    const mend = breakKernels(gpu, {
      where: 'Fusion norm_matvec',
      text: 'y[at + m + c] = sums[c] * factor;',
      by: 'if (at + m + c > 0u) { y[at + m + c] = sums[c] * factor; }',
    });
    const wrong = await wrongKernels(gpu, projection);
    mend();
    expect(wrong.map(({ kernel }) => kernel)).toEqual(['norm_matvec', 'norm_matvec']);
  });

  test('an accessor that is wrong by one bit of one element is noticed', async () => {
    const mend = breakKernels(gpu, {
      where: 'table[ids',
      text: 'unpack4xI8(a.w)',
      by: 'unpack4xI8(a.w ^ 0x10000u)',
    });
    try {
      const [wrong] = await wrongKernels(gpu, uses('Q8_0', [{ kind: 'embedding' }]));
      expect(wrong).toMatchObject({ kernel: 'embed_rows', format: 'Q8_0', columns: 512 });
      expect(wrong!.error).toBeLessThan(0.1);
    } finally {
      mend();
    }
  });

  test('a kernel that does not compile is told with the reason, and the others are looked at', async () => {
    const mend = breakKernels(gpu, { where: 'table[ids', text: 'fn main(', by: 'fn other(' });
    try {
      const wrong = await wrongKernels(gpu, uses('Q8_0', [{ kind: 'embedding' }, { kind: 'projection' }]));
      expect(wrong).toEqual([
        expect.objectContaining({ kernel: 'embed_rows', failure: expect.stringMatching(/does not compile/) }),
      ]);
    } finally {
      mend();
    }
  });
});
