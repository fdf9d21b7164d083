// Every storage format, repacked and decoded on the device, against the reference's random blocks, through both accessors.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { runOnce } from '../../../engine/gpu/dispatch.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { matmul } from '../../../engine/kernels/matmul.ts';
import { matmulVec } from '../../../engine/kernels/matmul_vec.ts';
import { repackBlocks } from '../../../engine/kernels/repack_blocks.ts';
import {
  formatFacts,
  weightFormats,
  WeightMatrix,
  type WeightFormat,
} from '../../../engine/kernels/weight_matrix.ts';
import { fixturePath, openExpected } from '../../support/golden.ts';
import { exactFormats, otherPlanes } from '../../support/weights.ts';

const blockTypes = (Object.keys(weightFormats) as WeightFormat[]).filter(format => formatFacts(format).block);

let gpu: Gpu;
let quants: Awaited<ReturnType<typeof openExpected>>;
beforeAll(async () => {
  gpu = await openGpu();
  quants = await openExpected(fixturePath('quants', 'quants.safetensors'));
});
afterAll(async () => {
  gpu.dispose();
  await quants.close();
});

test('every storage type of the reference blocks has a format', () => {
  const stored = quants.names.filter(name => name.endsWith('.raw')).map(name => name.slice(0, -4));
  expect([...blockTypes].sort()).toEqual(stored.sort());
});

test.each(blockTypes)('%s decodes to the reference values', async format => {
  const { elements, planeBytes, scalesApart } = formatFacts(format);
  const raw = new Uint8Array((await quants.read(`${format}.raw`)).values.buffer);
  const want = (await quants.read(`${format}.f32`)).values;
  const blocks = want.length / elements;
  const padded = new Uint8Array(Math.ceil(raw.length / 4) * 4 + 8);
  padded.set(raw);
  const rawTensor = gpu.buffers.from('raw', [padded.length / 4], new Uint32Array(padded.buffer));
  const unused = gpu.buffers.create('unused', [4], 'u32');
  const others = otherPlanes(format, blocks).map(plane => gpu.buffers.from('plane', [plane.length], plane));
  const cut = planeBytes
    .slice(0, scalesApart ? -1 : undefined)
    .map((bytes, i) =>
      gpu.buffers.create(`plane ${i}`, [Math.max(4, Math.ceil((blocks * bytes) / 4))], 'u32'),
    );
  const planes = [...cut, ...others];
  // One-hot rows read every weight once: y[k, m] = W[m, k].
  const x = new Float32Array(elements * elements);
  for (let k = 0; k < elements; k++) x[k * elements + k] = 1;
  const xTensor = gpu.buffers.from('x', [elements, elements], x);
  const w = new WeightMatrix('w', format, blocks, elements, [{ rowStart: 0, rowCount: blocks, planes }]);
  const poison = () =>
    gpu.buffers.from('y', [elements, blocks], new Float32Array(elements * blocks).fill(NaN));
  const [yBatch, yVec] = [poison(), poison()];
  await runOnce(gpu, list => {
    repackBlocks(list, format, rawTensor, planes, unused, { count: blocks, first: 0 });
    matmul(list, rows(xTensor, elements), w, rows(yBatch, blocks), { count: elements });
    matmulVec(list, rows(xTensor, elements), w, rows(yVec, blocks), { count: elements });
  });
  for (const y of [yBatch, yVec]) {
    const got = await gpu.readback.floats(y);
    let worst = 0;
    for (let m = 0; m < blocks; m++)
      for (let k = 0; k < elements; k++) {
        const expected = want[m * elements + k] as number;
        const error =
          Math.abs((got[k * blocks + m] as number) - expected) / Math.max(Math.abs(expected), 1e-30);
        if (!(error <= worst)) worst = error;
      }
    // Products of up to three f32 factors may round differently by a unit in the last place; a minimum term may cancel.
    expect(worst).toBeLessThanOrEqual(exactFormats.has(format) ? 0 : 2e-4);
  }
  for (const tensor of [rawTensor, unused, xTensor, yBatch, yVec]) tensor.dispose();
  w.dispose();
});
