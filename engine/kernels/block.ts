// Products in blocks: how the lanes of a workgroup share outputs and rows, and the pipeline of a kernel in forms/block.
import type { Gpu } from '../gpu/device.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import form from './forms/block.wgsl';
import codedForm from './forms/block_i8.wgsl';
import { unroll } from './launch.ts';
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

/** The pipeline of the kernel `source`, which says what a block is. */
export function blockSpec(
  gpu: Gpu,
  { name, source, format, shape }: { name: string; source: string; format: WeightFormat; shape: BlockShape },
): PipelineSpec {
  const codes = gpu.variant.staged === 'i8' && codedFormats.has(format);
  const halves = gpu.variant.staged === 'f16' && gpu.hasF16;
  const { outputLanes, rowLanes, laneRows } = shape;
  const sizes = `const OUTPUT_LANES = ${outputLanes}u;\nconst ROW_LANES = ${rowLanes}u;\nconst LANE_ROWS = ${laneRows}u;\n`;
  return {
    name,
    source,
    preamble: codes
      ? sizes + unroll(gpu) + formatFacts(format).accessor + codedForm
      : sizes + unroll(gpu) + (halves ? f16 : f32) + formatFacts(format).accessor + form,
    f16: halves && !codes,
  };
}
