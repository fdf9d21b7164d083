// Few rows of activations times stored weights, fused with the steps before and after: how a fusion becomes a dispatch.
// The variant is chosen by the device: variants/shuffle for 8-lane software devices, variants/team with a reduction for all others.
import type { Gpu } from '../gpu/device.ts';
import { groupsPerDimensionMax, type CommandList } from '../gpu/dispatch.ts';
import type { Word } from '../gpu/encoded_kernel.ts';
import type { Work } from '../shared/prediction/cost.ts';
import type { PipelineSpec } from '../gpu/pipeline.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { shuffleLanes } from '../gpu/device.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import { foldedGroups, groupCount, hasShuffle, laneCount } from './launch.ts';
import sharedLoop from './variants/shared_rows.wgsl';
import shuffleVariant from './variants/shuffle.wgsl';
import shuffleLoop from './variants/shuffle_rows.wgsl';
import teamVariant from './variants/team.wgsl';
import teamLoop from './variants/team_rows.wgsl';
import emulatedSum from './reductions/emulated.wgsl';
import subgroupSum from './reductions/subgroup.wgsl';
import workgroupSum from './reductions/workgroup.wgsl';
import { formatFacts, type WeightFormat, type WeightMatrix } from './weight_matrix.ts';
import { movedBindings, renamed } from './wgsl_text.ts';

/** Most rows of activations these kernels take; more rows are a batch, for matmul. */
export const matvecRowsMax = 8;

/** Bindings that are free for the planes of weights in the text of a fusion. */
const planesInText = 3;

/** Rows in a ring buffer: row t is row (row + accepted() + t) & mask. */
export interface RingRows {
  row: Word;
  mask: number;
  /** What accepted() gives (see accepted.ts); nothing unless said. */
  accepted?: GpuTensor | undefined;
}

/** Not a ring: row t is row t. */
export const noRing: RingRows = { row: 0, mask: 0xffffffff };

/** Weights of one storage type that a launch multiplies by. */
export interface MatvecWeights {
  format: WeightFormat;
  columns: number;
  planes: readonly GpuTensor[];
  /** Which of a lane's sums they go to; absent: to all. Of gate and up that are stored apart each has its half. */
  half?: 'first' | 'second';
}

export interface Matvec {
  name: string;
  /** WGSL of the fusion. */
  fusion: string;
  /** Numbers that the fusion is written for. */
  constants?: Record<string, number>;
  /** Weights by the numbers that the fusion knows them by. */
  weights: readonly MatvecWeights[];
  /** Rows of activations that share the weights. */
  rows: number;
  /** Rows of weights that workgroups in x share, one count after another. */
  weightRows: readonly number[];
  /** Rows of weights come in pairs, gate and up. */
  pairs?: boolean;
  /** Workgroups in y beyond the rows: (row, expert) pairs. */
  batches?: number;
  /** The fusion's bindings. */
  tensors: readonly GpuTensor[];
  /** What the fusion's accepted() gives. */
  accepted?: GpuTensor | undefined;
  words: readonly Word[];
  floats?: readonly number[];
  work: Work;
}

/** Records one fused mat-vec. */
export function matvec(list: CommandList, m: Matvec): void {
  const { spec, groupRows } = matvecSpec(list.gpu, m);
  list.dispatch({
    spec,
    tensors: [...m.weights.flatMap(({ planes }) => planes), ...m.tensors, ...acceptedTensors(m.accepted)],
    words: m.words,
    ...(m.floats ? { floats: m.floats } : {}),
    work: m.work,
    groups: foldedGroups(
      m.weightRows.reduce((sum, rows) => sum + groupCount(rows, groupRows), 0),
      m.batches ?? 1,
    ),
  });
}

/** The pipeline, and how many rows of weights a workgroup of it takes. */
function matvecSpec(gpu: Gpu, m: Matvec): { spec: PipelineSpec; groupRows: number } {
  // A pipeline for each of 1 … 5 rows, which decoding and drafts use most; 6 … 8 rows share one.
  const n = m.rows <= 5 ? m.rows : matvecRowsMax;
  if (hasShuffle(gpu)) {
    const groupRows = 4 * shuffleLanes;
    const preamble =
      constants({ N: n, OUT: 4, GROUP_ROWS: groupRows }) + weightsText(m, shuffleLoop, 4) + fusionText(m);
    return { spec: { name: m.name, source: shuffleVariant, preamble, subgroups: true }, groupRows };
  }
  const { team, out, lanes, subgroups, shared } = teamPlan(gpu, m, n);
  const groupRows = (out * lanes) / team;
  const sum = subgroups ? (gpu.emulateSubgroups ? emulatedSum : subgroupSum) : workgroupSum;
  const preamble =
    constants({
      N: n,
      OUT: out,
      WG: lanes,
      TEAM: team,
      GROUP_ROWS: groupRows,
      GROUPS_X: groupsPerDimensionMax,
    }) +
    teamSums(out) +
    sharedQuads(shared) +
    weightsText(m, shared ? sharedLoop : teamLoop, out) +
    fusionText(m) +
    sum;
  const spec = {
    name: m.name,
    source: teamVariant,
    preamble,
    subgroups: subgroups && !gpu.emulateSubgroups,
  };
  return { spec, groupRows };
}

interface TeamPlan {
  team: number;
  /** Rows of weights a team. */
  out: number;
  lanes: number;
  subgroups: boolean;
  /** Activations are shared by the workgroup. */
  shared: boolean;
}

/** Quads of activations in workgroup memory: 8 KiB, beside what sums take. */
const sharedQuadsMax = 512;

/** As the device's variant says, but no more lanes to a team than there are units in a row. */
function teamPlan(gpu: Gpu, { weights, pairs = false }: Matvec, n: number): TeamPlan {
  const { teamLanes, subgroupSums, teamRows: wanted, matvecLanes, sharedRows } = gpu.variant;
  const lanes = gpu.software ? laneCount(gpu) : Math.min(matvecLanes, gpu.limits.invocationsPerWorkgroupMax);
  const units = weights.map(({ columns, format }) => columns / formatFacts(format).unit);
  let team = 1;
  while (team * 2 <= Math.min(teamLanes, lanes, ...units)) team *= 2;
  const spans = weights.map(({ format }) => (4 * sharedQuadsMax) / (n * formatFacts(format).unit));
  return {
    team,
    out: pairs ? Math.max(2, wanted) : wanted,
    lanes,
    subgroups: subgroupSums && team > 1,
    // Many rows leave room for so few units of each that lanes would wait.
    shared: sharedRows && Math.min(...spans) >= team,
  };
}

/** The sums of a team as they are added up: no more than it has rows. */
function teamSums(out: number): string {
  const [type, narrow, wide] = out > 2 ? ['vec4f', 'v', 'v'] : ['vec2f', 'v.xy', 'vec4f(v, 0.0, 0.0)'];
  return (
    `alias TeamSums = ${type};\n` +
    `fn narrowed(v: vec4f) -> TeamSums { return ${narrow}; }\n` +
    `fn widened(v: TeamSums) -> vec4f { return ${wide}; }\n`
  );
}

/** What is in front of the pitches: eight quads of each row. */
const pitchesMax = 8 * matvecRowsMax;

function sharedQuads(shared: boolean): string {
  return shared
    ? `const SHARED = true;\nconst SHARED_QUADS = ${sharedQuadsMax}u;\nvar<workgroup> shared_quads: array<vec4f, ${sharedQuadsMax + pitchesMax}>;\n`
    : 'const SHARED = false;\n';
}

/** Accessors and the loops over their units, each with names of its own, and `gather`, which takes the one that is asked for. */
function weightsText({ weights }: Matvec, loop: string, out: number): string {
  let bindings = 0;
  const texts: string[] = [];
  const cases: string[] = [];
  for (const [i, { format, planes, half }] of weights.entries()) {
    const sums = half
      ? { SUMS: out / 2, FIRST_SUM: half === 'first' ? 0 : out / 2 }
      : { SUMS: out, FIRST_SUM: 0 };
    texts.push(renamed(formatFacts(format).accessor + constants(sums) + loop, `_${i}`, bindings));
    bindings += planes.length;
    const call = `gather_units_${i}(w_first, columns, lane, sums, squares);`;
    cases.push(`${i === weights.length - 1 ? 'default' : `case ${i}u`}: { ${call} }`);
  }
  return (
    `${texts.join('')}fn gather(matrix: u32, w_first: vec4u, columns: u32, lane: u32, ` +
    `sums: ptr<function, array<vec4f, N>>, squares: ptr<function, array<f32, N>>) {\n` +
    `  ${cases.length > 1 ? `switch (matrix) { ${cases.join(' ')} }` : `gather_units_0(w_first, columns, lane, sums, squares);`}\n}\n`
  );
}

function fusionText({ fusion, constants: own = {}, weights, accepted }: Matvec): string {
  const planes = weights.reduce((sum, { planes }) => sum + planes.length, 0);
  return (
    constants({ MATRICES: weights.length, ...own }) +
    acceptedPreamble(accepted) +
    movedBindings(fusion, planes - planesInText)
  );
}

function constants(values: Record<string, number>): string {
  return Object.entries(values)
    .map(([name, value]) => `const ${name} = ${value}u;\n`)
    .join('');
}

/** A matrix as a launch takes it, if it is in one part. */
export function wholeWeights({ format, columns, parts }: WeightMatrix): MatvecWeights | undefined {
  const [part, another] = parts;
  return part && !another ? { format, columns, planes: part.planes } : undefined;
}

/** True when a launch can bind all of these beside `bindings` others. */
export function fitsLaunch(gpu: Gpu, weights: readonly MatvecWeights[], bindings: number): boolean {
  const planes = weights.reduce((sum, { planes }) => sum + planes.length, 0);
  return planes + bindings <= gpu.limits.storageBuffersPerStageMax;
}
