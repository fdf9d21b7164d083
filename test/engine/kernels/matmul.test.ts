// Which kernel multiplies: by the number of rows, whether they are a batch's, and the device.
import { expect, test } from 'vitest';
import { CommandList } from '../../../engine/gpu/dispatch.ts';
import type { PipelineSpec } from '../../../engine/gpu/pipeline.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { matmul } from '../../../engine/kernels/matmul.ts';
import type { MatmulOptions } from '../../../engine/kernels/matmul_options.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { uploadMatrix } from '../../support/weights.ts';

describeKernel('matmul', (fixture, { software }) => {
  test.each<[MatmulOptions, string, string]>([
    [{ count: 1 }, 'matmul_vec', 'add_matvec'],
    [{ count: 8, few: true }, 'matmul_shuffle', 'add_matvec'],
    [{ count: 8 }, 'matmul_shuffle', 'matmul_block'],
    [{ count: 9, few: true }, 'matmul_shuffle', 'matmul_block'],
  ])('takes %j', (options, onSoftware, onGpu) => {
    const f = fixture();
    const { w } = uploadMatrix(f, new Random(1), { format: 'Q8_0', rows: 4, columns: 32 });
    const specs: PipelineSpec[] = [];
    const [x, y] = [f.poisoned(9 * 32), f.poisoned(9 * 4)];
    matmul(new CommandList(f.gpu, specs), rows(x, 32), w, rows(y, 4), options);
    const names = new Set(specs.map(({ name }) => name));
    const plain = f.gpu.variant.matmul === 'shuffle' ? onSoftware : onSoftware.replace('shuffle', 'tile');
    expect([...names]).toEqual([software ? plain : onGpu]);
  });
});
