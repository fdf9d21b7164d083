// What kernels have to do (engine/shared/prediction/cost.ts), and how rows are cut so that no dispatch has more than the device may have.
import type { Gpu } from '../gpu/device.ts';
import type { Work } from '../shared/prediction/cost.ts';
import { kvRowWords, type KvFormat } from './kv_cache.ts';
import { formatFacts, type WeightMatrix, type WeightPart } from './weight_matrix.ts';

/** Work that goes over so many f32 values, a few operations each. */
export function overValues(values: number): Work {
  return { kind: 'rows', operations: 8 * values, bytes: 4 * values };
}

/** `count` rows times so many rows of W. */
export function productWork(
  { format, columns }: Pick<WeightMatrix, 'format' | 'columns'>,
  { rowCount }: Pick<WeightPart, 'rowCount'>,
  count: number,
): Work {
  return {
    kind: 'products',
    operations: 2 * count * rowCount * columns,
    bytes: storedBytes(format, rowCount * columns) + 4 * count * (columns + rowCount),
  };
}

/** What one launch does that does all of these. */
export function sumOfWork(kind: Work['kind'], works: readonly Work[]): Work {
  const sum = (of: 'operations' | 'bytes') => works.reduce((all, one) => all + one[of], 0);
  return { kind, operations: sum('operations'), bytes: sum('bytes') };
}

/**
 * `count` rows, as few as steps have, times the matrices, of so many rows an expert, of the experts that they chose, `slotCount` a row.
 * share: of the experts that the launch holds; they are taken to be chosen equally often.
 */
export function chosenWork(
  matrices: readonly Pick<WeightMatrix, 'format' | 'columns'>[],
  {
    count,
    slotCount,
    expertCount,
    outputs,
    share,
  }: { count: number; slotCount: number; expertCount: number; outputs: number; share: number },
): Work {
  const pairs = count * slotCount * share;
  const read = Math.min(pairs, expertCount * share);
  return sumOfWork(
    'experts',
    matrices.map(({ format, columns }) => ({
      kind: 'experts',
      operations: 2 * pairs * outputs * columns,
      bytes: storedBytes(format, read * outputs * columns) + 4 * pairs * (columns + outputs),
    })),
  );
}

/** Tiles of entries times the matrices of their experts that a part holds, as many as fall to it when all are chosen equally often. */
export function expertsWork(
  { format, columns, rows }: WeightMatrix,
  { rowCount }: WeightPart,
  { tilesUsual, tileRows }: { tilesUsual: number; tileRows: number },
  outputs: number,
): Work {
  const tiles = (tilesUsual * rowCount) / rows;
  const entries = tiles * tileRows;
  const weights = Math.min(tiles * outputs, rowCount) * columns;
  return {
    kind: 'experts',
    operations: 2 * entries * outputs * columns,
    bytes: storedBytes(format, weights) + 4 * entries * (columns + outputs),
  };
}

/**
 * Rows firstRow … firstRow + count - 1 over all keys up to each, or those of them from keys.begin to keys.end; row 0 stands at position
 * `start`.
 */
export function attentionWork(
  {
    firstRow = 0,
    count,
    start,
    heads,
    kvHeads,
    dim,
    format,
  }: {
    firstRow?: number;
    count: number;
    start: number;
    heads: number;
    kvHeads: number;
    dim: number;
    format: KvFormat;
  },
  keys?: { begin: number; end: number },
): Work {
  const first = start + firstRow + 1;
  const begin = keys?.begin ?? 0;
  const end = Math.min(keys?.end ?? Infinity, first + count - 1);
  const pairs = seenBelow(end, first, count) - seenBelow(begin, first, count);
  return {
    kind: 'attention',
    operations: 4 * pairs * heads * dim,
    bytes: 8 * Math.max(0, end - begin) * kvHeads * kvRowWords(format, dim) + 12 * count * heads * dim,
  };
}

/** Keys below `limit` that so many rows see, the first of them `first` keys and each one more than the one before. */
function seenBelow(limit: number, first: number, count: number): number {
  const whole = Math.max(0, Math.min(count, limit - first));
  return whole * (first + (whole - 1) / 2) + (count - whole) * limit;
}

/** The delta rule over `count` rows, whose states are matrices of keyDim x valueDim. */
export function deltaWork(shape: {
  count: number;
  valueHeads: number;
  keyDim: number;
  valueDim: number;
}): Work {
  const { count, valueHeads, keyDim, valueDim } = shape;
  return {
    kind: 'recurrence',
    operations: 8 * count * valueHeads * keyDim * valueDim,
    bytes: 8 * valueHeads * keyDim * valueDim + 4 * count * valueHeads * (2 * keyDim + 2 * valueDim),
  };
}

/** Bytes of so many weights on the device. */
export function storedBytes(format: WeightMatrix['format'], weights: number): number {
  const { planeBytes, elements } = formatFacts(format);
  return (weights / elements) * planeBytes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Rows first … first + count - 1 of a batch. */
export interface RowPiece {
  first: number;
  count: number;
}

/**
 * Cuts `count` rows into pieces, each a multiple of `multiple` rows but the last, so that none has more work than a submission may
 * hold; of fewer rows than `multiple` it may have.
 */
export function rowPieces(
  { estimate, submissions }: Pick<Gpu, 'estimate' | 'submissions'>,
  { count, multiple }: { count: number; multiple: number },
  work: (piece: RowPiece) => Work,
): RowPiece[] {
  const pieces: RowPiece[] = [];
  for (let first = 0; first < count;) {
    let rows = count - first;
    while (rows > multiple && estimate.ms(work({ first, count: rows })) > submissions.budgetMs)
      rows = multiple * Math.ceil(rows / 2 / multiple);
    pieces.push({ first, count: rows });
    first += rows;
  }
  return pieces;
}
