import { expect, test } from 'vitest';
import { canGather, gatherRows } from '../../../engine/kernels/gather_rows.ts';
import { embedRows } from '../../../engine/kernels/embed_rows.ts';
import { formatFacts, WeightMatrix, type WeightFormat } from '../../../engine/kernels/weight_matrix.ts';
import { gatherRows as reference } from '../../reference/gather_rows.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeKernel, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { columnsMin, formatsToTest, uploadMatrix } from '../../support/weights.ts';

/** Room for as many rows, cut at `starts`, with a poisoned word behind each plane. */
function roomFor(f: GpuFixture, w: WeightMatrix, rows: number, starts: number[]): WeightMatrix {
  const { planeBytes, elements, table } = formatFacts(w.format);
  const parts = starts.map((rowStart, i) => {
    const rowCount = (starts[i + 1] ?? rows) - rowStart;
    const words = planeBytes.map(bytes => (rowCount * (w.columns / elements) * bytes) / 4 + 1);
    const planes = [...words, ...(table ? [table.length] : [])].map(length => f.poisonedWords(length));
    return { rowStart, rowCount, planes };
  });
  return new WeightMatrix('gathered', w.format, rows, w.columns, parts);
}

describeKernel('gather_rows', (fixture, lanes) => {
  const formats: readonly WeightFormat[] = [...formatsToTest(lanes, { everyDay: true }), 'IQ2_S', 'NVFP4'];
  test.each([...new Set(formats)])('takes rows of %s out of both parts, into both parts', async format => {
    const f = fixture();
    const columns = 4 * columnsMin(format);
    expect(canGather(format, columns)).toBe(true);
    const { w, dense } = uploadMatrix(f, new Random(5), { format, rows: 40, columns, partStarts: [0, 24] });
    const ids = [39, 0, 23, 24, 24, 7, 31];
    const to = roomFor(f, w, ids.length, [0, 4]);
    const y = f.poisoned(ids.length * columns);
    await f.run(list => {
      gatherRows(list, w, f.upload(Uint32Array.from(ids)), to);
      embedRows(list, to, f.upload(Uint32Array.from(ids.keys())), y, ids.length);
    });
    expectClose(await f.floats(y), reference(dense, ids), tolerances.decode);
    for (const { planes } of to.parts)
      for (const plane of planes.slice(0, formatFacts(format).planeBytes.length))
        expect((await f.words(plane)).at(-1), 'the word behind').toBe(0xdeadbeef);
  });

  test('more rows than workgroups', async () => {
    const f = fixture();
    const { w } = uploadMatrix(f, new Random(6), { format: 'Q8_0', rows: 3, columns: 64 });
    const count = 33_000;
    const ids = Uint32Array.from({ length: count }, (_, t) => (t * 7) % 3);
    const to = roomFor(f, w, count, [0]);
    await f.run(list => gatherRows(list, w, f.upload(ids), to));
    const [from, got] = [await f.words(w.parts[0]!.planes[1]!), await f.words(to.parts[0]!.planes[1]!)];
    expect([...got.subarray(0, count)]).toEqual([...ids].map(id => from[id]));
  });
});

test('rows that begin inside a word are not taken apart', () => {
  // One block with a scale of two bytes.
  expect(canGather('Q8_0', 32)).toBe(false);
  expect(canGather('Q8_0', 64)).toBe(true);
  expect(canGather('TQ1_0', 256)).toBe(false);
  expect(canGather('F16', 16)).toBe(true);
});
