// What a model of the family takes of a device and moves for a token: parameters, weights, states, snapshots, keys and values, and the
// buffers it works in (docs/MODEL.md 13). The engine plans its memory by these figures, and the advice before a download is given by
// them. Of the multi-token-prediction block only the memory counts: what its drafts cost, they save elsewhere. Pure.
import { limits } from '../../protocol/limits.ts';
import { kvFormatAt, kvPageLayout, kvPlanFor, kvRowWords } from './kv_format.ts';
import type { ModelShape } from './shape.ts';
import { storageMix, type MatrixRole, type StorageMix } from './storage_mixes.ts';
import { bytesPerWeight } from './storage_types.ts';

/** Most rows of one decode step and most rows waiting for their commit, together (docs/MODEL.md 10.3). */
export const uncommittedRowsMax = 13;
/** Positions whose ids and hidden states are kept beside a sequence. */
export const tokenRingRows = 16;
/** How many drafts were right, as kernels read it. */
const acceptedBytes = 16;

/** Rows of a ring, a power of two: the convolution's tail, rows not committed yet and the rows of one decode step. */
export function ringRows({ convKernel }: Pick<ModelShape, 'convKernel'>): number {
  return 2 ** Math.ceil(Math.log2(convKernel - 1 + uncommittedRowsMax));
}

/** The recurrent state of one sequence: float32, whatever its length. */
export function stateBytes(shape: ModelShape): number {
  const { linearValueHeads, linearKeyDim, linearValueDim } = shape;
  return linearLayers(shape) * linearValueHeads * linearKeyDim * linearValueDim * 4;
}

/** What goes into the DeltaNet layers for one position (query, key, value, gate, b, a), float32. */
export function projectionBytes(shape: ModelShape): number {
  return linearLayers(shape) * projectionWidth(shape) * 4;
}

/**
 * What a sequence takes whatever its length: states, rings, and with a block for multi-token prediction the states before the last step
 * and the hidden states of its last positions. `stateCopies`: 2 where a device computes the next state beside the one in force.
 */
export function sequenceBytes(shape: ModelShape, stateCopies: 1 | 2 = 1): number {
  const drafts = hasDraftBlock(shape);
  const hidden = drafts ? tokenRingRows * shape.hidden * 4 : 0;
  const tokens = 2 * tokenRingRows * 4 + (drafts ? acceptedBytes : 0);
  const states = (drafts ? 2 : 1) * stateCopies * stateBytes(shape);
  return states + ringRows(shape) * projectionBytes(shape) + hidden + tokens;
}

/** A snapshot of a sequence's state: the states, the ends of the rings, the hidden state that drafts go on from. */
export function snapshotBytes(shape: ModelShape): number {
  const hidden = hasDraftBlock(shape) ? shape.hidden * 4 : 0;
  return stateBytes(shape) + (shape.convKernel - 1) * projectionBytes(shape) + hidden;
}

/**
 * Kernels of a greedy step of a GPU, of a file with one storage type: 7 of a DeltaNet layer and 9 of an attention layer, 2 of them the
 * router's, then embedding, head and choice (docs/PERFORMANCE.md).
 */
export function stepLaunches(shape: ModelShape): number {
  return 5 * shape.layers + 2 * shape.attentionLayers + 2 * expertLayers(shape) + 4;
}

/**
 * Keys, or values, of one position in one layer; all positions of a layer lie in one buffer. Within a context of this length, for a
 * text of `used` positions: all unless said.
 */
export function kvRowBytes(
  { kvHeads, headDim }: ModelShape,
  contextTokens: number,
  used = contextTokens,
): number {
  return 4 * kvHeads * kvRowWords(kvFormatAt(kvPlanFor(contextTokens, headDim), used), headDim);
}

/** A page of keys, or of values, in one layer, within a context of this length. */
export function kvPageBytes({ kvHeads, headDim }: ModelShape, contextTokens: number): number {
  return 4 * kvHeads * kvPageLayout(kvPlanFor(contextTokens, headDim), headDim).headWords;
}

/** Keys and values of one position in so many layers, for a text of `used` positions in a context of this length. */
export function positionBytes(
  shape: ModelShape,
  contextTokens: number,
  layers: number,
  used = contextTokens,
): number {
  return layers * 2 * kvRowBytes(shape, contextTokens, used);
}

/** Layers with keys and values, the block for multi-token prediction among them. */
export function cachedLayers(shape: ModelShape): number {
  return shape.attentionLayers + (shape.mtpLayers ?? 1);
}

/** Rows of logits computed at a time. */
const logitRows = 16;
/** Rows that a decode step reads at most. */
const stepRows = 8;
/** Rows times parts in which the keys of one head are read at a time. */
const splitRows = 1024;
/** Positions whose rotations are kept, where there are fewer rows. */
const ropeRowsMin = 128;
/** What a draw looks at, for each of the rows of a step. */
const candidateBytes = 5 * 16_528 * 4;

/** Rows that every expert should get of a batch: as many as are multiplied at a time. */
const expertRows = 32;

/** Rows of the largest batch that a GPU gains by: a power of two. */
export function batchRowsFor({ experts, expertsPerToken }: ModelShape): number {
  const { prefillBatchTokensUsual: usual, prefillBatchTokensMax: most } = limits;
  if (experts === 0) return usual;
  const rows = 2 ** Math.ceil(Math.log2((expertRows * experts) / expertsPerToken));
  return Math.min(most, Math.max(usual, rows));
}

/** Rows of a batch of what may come between the parts of others, where those have at most so many. */
export function rowsBetween(batchRows: number): number {
  return Math.min(batchRows, limits.prefillBatchTokensUsual);
}

/**
 * All that layers work in: activations for batches of so many rows, for those that may come between their parts and for single steps,
 * what these have in common, and for each kind of batches the state that one can go back to. At least what the engine allocates
 * (engine/model/sequence/scratch.ts), and little more: matrices of one layer are taken to be of one storage type.
 */
export function workingSetBytes(shape: ModelShape, batchRows: number): number {
  const rows = [batchRows, rowsBetween(batchRows), stepRows];
  const activations = rows.reduce((sum, count) => sum + activationBytes(shape, count), 0);
  return sharedActivationBytes(shape) + activations + 2 * snapshotBytes(shape);
}

/** What sets of activations have in common: logits, and what is drawn by. */
function sharedActivationBytes({ hidden, vocabulary }: ModelShape): number {
  return 4 * logitRows * (vocabulary + hidden) + candidateBytes;
}

/** One set of activations, for up to so many rows. */
export function activationBytes(shape: ModelShape, batchRows: number): number {
  const { hidden, heads, headDim, kvHeads, experts, expertsPerToken: k, expertFf } = shape;
  const values = shape.linearValueHeads * shape.linearValueDim;
  const channels = 2 * shape.linearKeyHeads * shape.linearKeyDim + values;
  const widestMlp = Math.max(shape.sharedExpertFf, shape.denseFf, 4);
  const projected = Math.max(projectionWidth(shape), (2 * heads + 2 * kvHeads) * headDim, 2 * widestMlp);
  const mixed = Math.max(values, heads * headDim);
  const slots = experts > 0 ? k + 1 : 1;
  const ofARow =
    // Residual stream, its norm and the shared expert's output; the MTP block's three.
    (3 + (hasDraftBlock(shape) ? 4 : 0)) * hidden +
    shape.headDim +
    ceil4(projected) +
    ceil4(experts + 1) +
    channels +
    2 * shape.linearValueHeads +
    2 * mixed +
    heads * headDim +
    widestMlp +
    slots * (3 * Math.max(expertFf, 1) + hidden + 4);
  const words =
    (batchRows + tokenRingRows) * ofARow +
    Math.max(0, ropeRowsMin - batchRows) * shape.headDim +
    heads * splitRows * (headDim + 2) +
    stepRows * slots * Math.max(expertFf, widestMlp) +
    stepRows * shape.linearValueHeads * Math.ceil(shape.linearValueDim / 32) +
    4 * (batchRows * slots + experts + 1);
  return 4 * words;
}

/** One group of equal matrices. `tokenShare`: the part of it that one token reads. */
interface Part {
  role: MatrixRole;
  parameters: number;
  tokenShare: number;
  /** Matrices of which only some are chosen for a token. */
  experts: boolean;
}

/** What one token reads and what is kept, in numbers of parameters. */
export interface ParameterCounts {
  total: number;
  /** All experts of all layers. */
  experts: number;
  /** Read for one token: chosen experts, everything else but the embedding table. */
  active: number;
}

export function countParameters(shape: ModelShape): ParameterCounts {
  const all = parts(shape);
  return {
    total: sum(all, ({ parameters }) => parameters),
    experts: expertLayers(shape) * shape.experts * 3 * shape.hidden * shape.expertFf,
    active: sum(all, ({ parameters, tokenShare }) => parameters * tokenShare),
  };
}

/**
 * Bytes of all weights in their files, and of those that one token reads, in a storage type or a usual mix such as "Q4_K_M".
 * Undefined for a name whose mix is not known; the file's own size tells then.
 */
export function weightBytes(
  shape: ModelShape,
  quantization: string,
): { total: number; perToken: number } | undefined {
  const mix = storageMix(quantization);
  if (!mix) return undefined;
  let total = 0;
  let perToken = 0;
  for (const part of parts(shape)) {
    const bytes = part.parameters * meanBytes(mix, part, shape);
    total += bytes;
    perToken += bytes * part.tokenShare;
  }
  return { total: Math.round(total), perToken: Math.round(perToken) };
}

const linearLayers = (shape: ModelShape): number => shape.layers - shape.attentionLayers;
const expertLayers = (shape: ModelShape): number =>
  shape.experts === 0 ? 0 : (shape.expertLayers ?? shape.layers);
const hasDraftBlock = ({ mtpLayers = 1 }: ModelShape): boolean => mtpLayers > 0;
const ceil4 = (count: number): number => Math.ceil(count / 4) * 4;

function projectionWidth(shape: ModelShape): number {
  const { linearKeyHeads, linearValueHeads, linearKeyDim, linearValueDim } = shape;
  return ceil4(
    2 * linearKeyHeads * linearKeyDim + 2 * linearValueHeads * linearValueDim + 2 * linearValueHeads,
  );
}

/** The network as groups of matrices; every weight is counted once. */
function parts(shape: ModelShape): Part[] {
  const { hidden, layers, attentionLayers } = shape;
  const keys = shape.linearKeyHeads * shape.linearKeyDim;
  const values = shape.linearValueHeads * shape.linearValueDim;
  const linear = linearLayers(shape);
  const found: Part[] = [];
  const adder =
    (isRead: boolean): Add =>
    (role, parameters, share = 1) => {
      if (parameters === 0) return;
      const experts = share > 0 && share < 1;
      found.push({ role, parameters, tokenShare: isRead ? share : 0, experts });
    };
  const add = adder(true);
  const table = shape.vocabulary * hidden;
  add('embedding', table, shape.tied ? 1 : 0);
  if (!shape.tied) add('head', table);
  // DeltaNet: q, k, v, z in; b, a; out.
  add('matrix', linear * (2 * keys + 2 * values + 2 * shape.linearValueHeads + values) * hidden);
  add('small', linear * ((2 * keys + values) * shape.convKernel + 2 * shape.linearValueHeads));
  add('small', linear * shape.linearValueDim);
  addAttention(add, shape, attentionLayers);
  add('small', (2 * layers + 1) * hidden);
  addDense(add, shape, layers - expertLayers(shape));
  addExperts(add, shape, expertLayers(shape));
  const drafting = shape.mtpLayers ?? 0;
  if (drafting > 0) {
    const kept = adder(false);
    kept('matrix', drafting * 2 * hidden * hidden);
    addAttention(kept, shape, drafting);
    kept('small', drafting * 5 * hidden);
    if (shape.experts > 0) addExperts(kept, shape, drafting);
    else addDense(kept, shape, drafting);
  }
  return found;
}

/** `share`: the part that one token reads, where it is read at all. */
type Add = (role: Part['role'], parameters: number, share?: number) => void;

/** Query and gate, key, output; value apart, because mixes treat it apart. */
function addAttention(add: Add, { hidden, heads, kvHeads, headDim }: ModelShape, layers: number): void {
  add('matrix', layers * (3 * heads + kvHeads) * headDim * hidden);
  add('value', layers * kvHeads * headDim * hidden);
  add('small', layers * 2 * headDim);
}

function addDense(add: Add, { hidden, denseFf }: ModelShape, layers: number): void {
  add('matrix', layers * 2 * hidden * denseFf);
  add('down', layers * hidden * denseFf);
}

function addExperts(add: Add, shape: ModelShape, layers: number): void {
  if (layers === 0) return;
  const { hidden } = shape;
  const share = shape.expertsPerToken / shape.experts;
  add('matrix', layers * shape.experts * 2 * hidden * shape.expertFf, share);
  add('down', layers * shape.experts * hidden * shape.expertFf, share);
  add('matrix', layers * 2 * hidden * shape.sharedExpertFf);
  add('down', layers * hidden * shape.sharedExpertFf);
  // Router and gate of the shared expert are never quantised.
  add('small', layers * (shape.experts + (shape.sharedExpertFf > 0 ? 1 : 0)) * hidden);
}

/** Bytes of one weight of a part, on average over the layers that have it. */
function meanBytes(mix: StorageMix, { role, experts }: Part, shape: ModelShape): number {
  const count = Math.max(1, role === 'value' ? shape.attentionLayers : shape.layers);
  const types = Array.from({ length: count }, (_, index) =>
    mix({ role, experts, tied: shape.tied, index, count }),
  );
  return sum(types, bytesPerWeight) / count;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
