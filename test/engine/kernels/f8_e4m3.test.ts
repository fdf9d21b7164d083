// Every FP8 code on the device, through both accessors: bit for bit, and NaN where the format says so.
import { expect, test } from 'vitest';
import { embedRows } from '../../../engine/kernels/embed_rows.ts';
import { rows } from '../../../engine/kernels/launch.ts';
import { matmulTile } from '../../../engine/kernels/matmul_tile.ts';
import { WeightMatrix } from '../../../engine/kernels/weight_matrix.ts';
import { e4m3ToNumber } from '../../reference/weight_formats.ts';
import { describeKernel } from '../../support/gpu_fixture.ts';

/** Two rows of 128 codes: all of them, in order; each row with a scale of its own, a power of two. */
const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
const scales = Float32Array.of(1, 0.25);
const want = Array.from(codes, code => e4m3ToNumber(code) * (scales[code >> 7] as number));

describeKernel('f8_e4m3', fixture => {
  const matrix = () => {
    const f = fixture();
    const planes = [f.upload(new Uint32Array(codes.buffer)), f.upload(scales)];
    return new WeightMatrix('codes', 'F8_E4M3', 2, 128, [{ rowStart: 0, rowCount: 2, planes }]);
  };

  test('a unit decodes to the values of its codes, subnormals and NaN among them', async () => {
    const f = fixture();
    const y = f.poisoned(256);
    const w = matrix();
    await f.run(list => embedRows(list, w, f.upload(Uint32Array.of(0, 1)), y, 2));
    expect([...(await f.floats(y))]).toEqual(want);
  });

  test('a quad decodes to the same', async () => {
    const f = fixture();
    const y = f.poisoned(256);
    const w = matrix();
    // One-hot rows: y[k, m] = w[m, k]. Rows with NaN give NaN everywhere, so those codes count as zero here.
    const finite = Uint8Array.from(codes, code => ((code & 127) === 127 ? 0 : code));
    w.parts[0]?.planes[0]?.write(finite);
    const x = f.upload(Float32Array.from({ length: 128 * 128 }, (_, i) => (i % 129 === 0 ? 1 : 0)));
    await f.run(list => matmulTile(list, rows(x, 128), w, rows(y, 2), { count: 128 }));
    const got = await f.floats(y);
    const turned = Array.from({ length: 256 }, (_, i) => got[(i % 128) * 2 + (i >> 7)]);
    expect(turned).toEqual(want.map(value => (Number.isNaN(value) ? 0 : value)).map(value => value + 0));
  });
});
