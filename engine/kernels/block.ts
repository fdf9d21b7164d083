// Products in blocks: how the lanes of a workgroup share outputs and rows, and the pipeline of a kernel in variants/block.
import type { Gpu } from '../gpu/device.ts';
import { matrixTeams, type MatrixShape } from '../gpu/matrices.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import plainVariant from './variants/block.wgsl';
import codedVariant from './variants/block_i8.wgsl';
import matrixVariant from './variants/block_matrix.wgsl';
import { unroll } from './launch.ts';
import deviceMatrices from './matrices/device.wgsl';
import emulatedMatrices from './matrices/emulated.wgsl';
import f16 from './staging/f16.wgsl';
import f32 from './staging/f32.wgsl';
import { formatFacts, type WeightFormat } from './weight_matrix.ts';

/** outputLanes * rowLanes lanes, each with 8 outputs of laneRows rows. */
export interface BlockShape {
  outputLanes: number;
  rowLanes: number;
  laneRows: number;
}

/** Formats whose accessor has weight_codes: integers with one scale for 32 neighbours. */
export const codedFormats: ReadonlySet<WeightFormat> = new Set(['Q8_0', 'Q4_0']);

/** Outputs of one lane. */
const laneOutputs = 8;

export function blockOutputs({ outputLanes }: BlockShape): number {
  return outputLanes * laneOutputs;
}

export function blockRows({ rowLanes, laneRows }: BlockShape): number {
  return rowLanes * laneRows;
}

/** What a block of weights in this format holds on a device. */
function stagingOf(
  { hasF16, matrix, variant: { staged } }: Gpu,
  format: WeightFormat,
): { codes: boolean; matrices: MatrixShape | undefined; halves: boolean } {
  const matrices = staged === 'matrix' ? matrix : undefined;
  return {
    codes: staged === 'i8' && codedFormats.has(format),
    matrices,
    halves: matrices ? matrices.halves : staged === 'f16' && hasF16,
  };
}

/** True where the blocks of this format round what they multiply, unless they are told to be exact. */
export function blocksRound(gpu: Gpu, format: WeightFormat): boolean {
  const { codes, halves } = stagingOf(gpu, format);
  return codes || halves;
}

/** A kernel in blocks. */
export interface BlockKernel {
  name: string;
  /** Says what a block is. */
  source: string;
  format: WeightFormat;
  shape: BlockShape;
  /** Multiplies floats as they are, whatever is faster on the device. */
  exact?: boolean;
}

/** The pipeline of a kernel in blocks. */
export function blockSpec(
  gpu: Gpu,
  { name, source, format, shape, exact = false }: BlockKernel,
): PipelineSpec {
  const { codes, matrices, halves } =
    exact && blocksRound(gpu, format)
      ? { codes: false, matrices: undefined, halves: false }
      : stagingOf(gpu, format);
  const { outputLanes, rowLanes, laneRows } = shape;
  const sizes = `const OUTPUT_LANES = ${outputLanes}u;\nconst ROW_LANES = ${rowLanes}u;\nconst LANE_ROWS = ${laneRows}u;\n`;
  const common = sizes + unroll(gpu) + formatFacts(format).accessor;
  if (codes) return { name, source, preamble: common + codedVariant };
  const staging = halves ? f16 : f32;
  if (!matrices) return { name, source, preamble: common + staging + plainVariant, f16: halves };
  const { emulateMatrix: emulated } = gpu;
  const preamble =
    common +
    staging +
    matrixSizes(gpu, matrices) +
    matrixVariant +
    (emulated ? emulatedMatrices : deviceMatrices);
  return { name, source, preamble, f16: halves, subgroups: true, matrix: !emulated };
}

function matrixSizes({ facts }: Gpu, { outputs, rows, depth, halves }: MatrixShape): string {
  const sizes = {
    LANES: matrixTeams * (facts.limits.subgroupMaxSize ?? 0),
    MATRIX_OUTPUTS: outputs,
    MATRIX_ROWS: rows,
    MATRIX_DEPTH: depth,
    // 16 bytes: neighbouring rows of a tile begin in different banks.
    PAD: halves ? 8 : 4,
  };
  const constants = Object.entries(sizes).map(([name, value]) => `const ${name} = ${value}u;\n`);
  return `${constants.join('')}alias StagedValue = ${halves ? 'f16' : 'f32'};\n`;
}
