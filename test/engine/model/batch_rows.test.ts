// How large batches are, and what that means for the experts of the largest model: counted with the engine's own choice of tiles.
import { describe, expect, test } from 'vitest';
import { expertTileRows } from '../../../engine/kernels/moe_matmul.ts';
import { tilesExpected } from '../../../engine/kernels/moe_lists.ts';
import { storedBytes } from '../../../engine/kernels/work.ts';
import { batchRows } from '../../../engine/model/batch_rows.ts';
import { batchRowsFor } from '../../../engine/shared/architecture/footprint.ts';
import type { ModelShape } from '../../../engine/shared/architecture/shape.ts';
import { Random } from '../../support/random.ts';

describe('batchRows', () => {
  const rows = (wanted: number, msPerRow?: number) => batchRows({ wanted, most: 2048, msPerRow });
  test('no more than are wanted and than the device gains by', () => {
    expect([rows(1), rows(700, 0.5), rows(5000, 0.5)]).toEqual([1, 700, 2048]);
    expect(batchRows({ wanted: 5000, most: 128, msPerRow: 1000 })).toBe(128);
  });
  test('the first batch is of the usual size', () => {
    expect([rows(300), rows(5000)]).toEqual([300, 512]);
  });
  test('what takes too long is shorter, but not shorter than usual', () => {
    expect([0.5, 1, 1.4, 2, 20].map(msPerRow => rows(5000, msPerRow))).toEqual([2048, 1536, 1024, 512, 512]);
    expect(rows(100, 20)).toBe(100);
  });
});

test('models with many experts gain by larger batches', () => {
  const of = (experts: number, expertsPerToken: number) =>
    batchRowsFor({ experts, expertsPerToken } as ModelShape);
  expect([of(512, 10), of(256, 8), of(128, 8), of(0, 0)]).toEqual([2048, 1024, 512, 512]);
});

/** 48 layers of 512 experts, 10 a token, each of three matrices of 2048 x 512 in Q4_K. */
const released = { layers: 48, experts: 512, used: 10, weights: 3 * 2048 * 512 };

/** Tiles of one layer for so many rows, each of which goes to `used` experts, any as likely as another. */
function tilesOf(rows: number): { tiles: number; touched: number; fill: number } {
  const { experts, used } = released;
  const random = new Random(rows);
  const entries = new Array<number>(experts).fill(0);
  for (let row = 0; row < rows; row++) {
    const chosen = new Set<number>();
    while (chosen.size < used) chosen.add(random.int(experts));
    for (const expert of chosen) entries[expert]!++;
  }
  const tileRows = expertTileRows({ variant: { matmul: 'block' } }, { count: rows, used, experts });
  const tiles = entries.reduce((sum, count) => sum + Math.ceil(count / tileRows), 0);
  const touched = entries.filter(count => count > 0).length;
  return { tiles, touched, fill: (rows * used) / (tiles * tileRows) };
}

/** Megabytes of expert weights that are read for a token, if each is read once for so many matrices of a layer. */
function megabytesPerToken(matrices: number, rows: number): number {
  const { layers, weights } = released;
  return (layers * matrices * storedBytes('Q4_K', weights)) / rows / 1e6;
}

describe('experts of the 80B shape', () => {
  test.each([
    { rows: 128, fill: 0.15, megabytes: 320 },
    { rows: 512, fill: 0.6, megabytes: 90 },
    { rows: 1024, fill: 0.6, megabytes: 45 },
    { rows: 2048, fill: 0.6, megabytes: 25 },
  ])('$rows rows', ({ rows, fill, megabytes }) => {
    const { tiles, touched, fill: filled } = tilesOf(rows);
    console.log(
      `experts of the 80B shape, ${rows} rows: ${tiles} tiles, ${(100 * filled).toFixed(1)} % full; MB a token: ` +
        `${megabytesPerToken(touched, rows).toFixed(1)}, with every tile's reading ${megabytesPerToken(tiles, rows).toFixed(1)}`,
    );
    expect(filled).toBeGreaterThanOrEqual(fill);
    expect(megabytesPerToken(tiles, rows)).toBeLessThanOrEqual(megabytes);
  });

  test('the estimate of work expects as many tiles', () => {
    for (const rows of [128, 512, 1024, 2048]) {
      const { experts, used } = released;
      const tileRows = expertTileRows({ variant: { matmul: 'block' } }, { count: rows, used, experts });
      const { tiles } = tilesOf(rows);
      expect(tilesExpected(rows * used, experts, tileRows) / tiles).toBeCloseTo(1, 1);
    }
  });
});
