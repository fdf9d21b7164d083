// The tests all expert kernels for batches must pass: experts without entries, all entries on one, tile borders, split parts.
import { test } from 'vitest';
import type { CommandList } from '../../engine/gpu/dispatch.ts';
import type { GpuTensor } from '../../engine/gpu/tensor.ts';
import { tileCountMax, type ExpertLists, type MoeMatmulOptions } from '../../engine/kernels/moe_lists.ts';
import type { WeightFormat, WeightMatrix } from '../../engine/kernels/weight_matrix.ts';
import type { Matrix } from '../reference/matmul_vec.ts';
import { moeLists } from '../reference/moe_lists.ts';
import type { Numbers } from '../reference/rows.ts';
import { expectClose, tolerances, type Tolerance } from './all_close.ts';
import type { GpuFixture } from './gpu_fixture.ts';
import { Random } from './random.ts';
import { columnsMin, uploadMatrix } from './weights.ts';

type Kernel = (
  list: CommandList,
  x: GpuTensor,
  w: WeightMatrix,
  lists: ExpertLists,
  y: GpuTensor,
  options: MoeMatmulOptions,
) => void;
type Reference = (
  x: Numbers,
  w: Matrix,
  ids: Numbers,
  options: Omit<MoeMatmulOptions, 'product'>,
) => Float64Array;

interface Case {
  name: string;
  format: WeightFormat;
  experts: number;
  outputs: number;
  /** Entries of each expert that gets any: expert -> how many. */
  entries: Record<number, number>;
  chosen: number;
  /** x has one row an entry instead of one a token. */
  ownRows?: boolean;
  /** First experts of the parts. */
  partStarts?: number[];
}

const cases: Case[] = [
  { name: 'one expert, one output', format: 'F32', experts: 1, outputs: 1, entries: { 0: 1 }, chosen: 1 },
  {
    name: 'one token, experts in both parts',
    format: 'Q8_0',
    experts: 6,
    outputs: 37,
    entries: { 1: 1, 2: 1, 5: 1 },
    chosen: 3,
    partStarts: [0, 2],
  },
  {
    name: 'all entries on one expert',
    format: 'Q8_0',
    experts: 4,
    outputs: 9,
    entries: { 2: 24 },
    chosen: 3,
  },
  {
    name: '7, 8 and 9 entries',
    format: 'F32',
    experts: 5,
    outputs: 17,
    entries: { 0: 7, 1: 8, 4: 9 },
    chosen: 4,
    partStarts: [0, 1, 4],
  },
  {
    name: '15, 16, 17 and 33 entries',
    format: 'Q8_0',
    experts: 6,
    outputs: 5,
    entries: { 0: 15, 2: 16, 3: 33, 5: 17 },
    chosen: 3,
  },
  {
    name: 'a row of x for each entry',
    format: 'Q8_0',
    experts: 3,
    outputs: 65,
    entries: { 0: 9, 2: 3 },
    chosen: 2,
    ownRows: true,
  },
  {
    name: 'three planes and odd outputs',
    format: 'Q5_1',
    experts: 8,
    outputs: 3,
    entries: { 0: 1, 3: 17, 7: 2 },
    chosen: 10,
    partStarts: [0, 3],
  },
  {
    name: 'outputs over several workgroups',
    format: 'Q5_1',
    experts: 8,
    outputs: 260,
    entries: { 1: 10, 6: 2 },
    chosen: 2,
    partStarts: [0, 4],
  },
];

/** Declares the tests of `kernel`, whose tiles hold `tileRows` entries, against `reference`. */
export function describeMoeMatmul(
  fixture: () => GpuFixture,
  kernel: Kernel,
  reference: Reference,
  tileRows: number,
  {
    outputGroups = () => 0,
    tolerance = tolerances.dot,
    formats,
  }: {
    outputGroups?: (tileRows: number, outputs: number) => number;
    tolerance?: Tolerance;
    formats?: WeightFormat[];
  } = {},
): void {
  test.each(cases.filter(({ format }) => !formats || formats.includes(format)))(
    'multiplies by the matrix of each expert: $name ($format)',
    async c => {
      const f = fixture();
      const { format, experts, outputs, chosen, ownRows = false, partStarts = [0] } = c;
      const random = new Random(outputs * 10 + experts);
      const ids = shuffled(
        Object.entries(c.entries).flatMap(([expert, count]) => new Array<number>(count).fill(Number(expert))),
        random,
      );
      const columns = 2 * columnsMin(format);
      const xDivisor = ownRows ? 1 : chosen;
      const { w, dense } = uploadMatrix(f, random, {
        format,
        rows: experts * outputs,
        columns,
        partStarts: partStarts.map(expert => expert * outputs),
      });
      const x = random.normal((ids.length / xDivisor) * columns);
      const tileCount = tileCountMax(ids.length, experts, tileRows);
      // The kernel is told to be the second product; as the first it would run nothing.
      const groups = [0, outputGroups(tileRows, outputs)] as const;
      const { order, tiles, launches } = moeLists(ids, {
        experts,
        tileRows,
        tileCount,
        outputGroups: groups,
      });
      const lists = {
        order: f.upload(Uint32Array.from(order)),
        tiles: f.upload(Uint32Array.from(tiles)),
        launches: f.launches(launches),
        tileRows,
        tileCount,
        tilesUsual: tileCount,
      };
      const y = f.poisoned(ids.length * outputs + 4);
      await f.run(list => kernel(list, f.upload(x), w, lists, y, { outputs, xDivisor, product: 1 }));
      const want = [...reference(x, dense, ids, { outputs, xDivisor }), NaN, NaN, NaN, NaN];
      expectClose(await f.floats(y), want, tolerance, 'y');
    },
  );
}

function shuffled(values: number[], random: Random): number[] {
  return values
    .map(value => ({ value, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
