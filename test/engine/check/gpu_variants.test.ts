// What a GPU runs passes the self-check too, so that no device is told to be wrong by rounding alone: every way to stage tiles, with the
// variants for GPUs on whatever device there is. They compile for minutes on a software device: every day only the plainest products.
import { afterEach, expect, test } from 'vitest';
import { embeddedModel, logitErrors } from '../../../engine/check/known_logits.ts';
import { wrongKernels } from '../../../engine/check/run_products.ts';
import { openGpu, type Gpu, type OpenGpuOptions } from '../../../engine/gpu/device.ts';
import type { MatrixRole } from '../../../engine/check/products.ts';
import type { WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { inFullRun, isFullRun } from '../../support/full.ts';

const halves = { outputs: 16, rows: 16, depth: 16, halves: true };
const devices: [string, OpenGpuOptions][] = [
  ['f32', {}],
  ['f16', { variant: { staged: 'f16' } }],
  ['i8', { variant: { staged: 'i8' } }],
  ['matrices of halves', { variant: { staged: 'matrix' }, emulateMatrix: halves }],
  ['plain', { variant: { matmul: 'tile', attention: 'prefill', teamLanes: 1 } }],
];
const roles: MatrixRole[] = [
  { kind: 'projection' },
  { kind: 'delta output', heads: 8, dim: 64, tileHeads: 0 },
  { kind: 'gate and up', experts: true },
  { kind: 'down', experts: true },
];

let gpu: Gpu | undefined;
afterEach(() => gpu?.dispose());

if (isFullRun)
  test.each(devices)(
    'with tiles of %s the variants for GPUs reach the known logits well within what is allowed',
    async (_, options) => {
      gpu = await openGpu({ software: false, rolledLoops: true, ...options });
      for (const { program, error } of await logitErrors(gpu, (await embeddedModel())!))
        expect(error, program).toBeLessThan(0.12);
    },
  );

test.each(inFullRun(devices, devices.slice(-1)))(
  'with tiles of %s the variants for GPUs compute the known products',
  async (_, options) => {
    gpu = await openGpu({ software: false, rolledLoops: true, ...options });
    for (const format of inFullRun<WeightFormat[]>(['Q8_0', 'Q4_K', 'F32'], ['F32'])) {
      const uses = roles.map(role => ({ role, format, columns: 512 }));
      expect(await wrongKernels(gpu, uses)).toEqual([]);
    }
  },
);
