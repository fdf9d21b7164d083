// Memory and work of a model, computed from the sizes of its network: parameters, bytes in each storage type, state, KV cache.
// Of the multi-token-prediction block only the memory is counted: the time that its drafts cost is saved elsewhere.
import type { ModelShape } from './model_shape.ts';

/** Bytes of one weight in each storage type of GGUF and safetensors. */
const bytesPerWeight = {
  F32: 4,
  BF16: 2,
  F16: 2,
  Q8_0: 34 / 32,
  Q6_K: 210 / 256,
  Q5_K: 176 / 256,
  Q5_1: 24 / 32,
  Q5_0: 22 / 32,
  Q4_K: 144 / 256,
  Q4_1: 20 / 32,
  Q4_0: 18 / 32,
  IQ4_NL: 18 / 32,
  IQ4_XS: 136 / 256,
  MXFP4: 17 / 32,
  Q3_K: 110 / 256,
  Q2_K: 84 / 256,
} as const;

type StorageType = keyof typeof bytesPerWeight;

/** Mixes that the engine makes of plain types while it loads. Embedding and head stay at 8 bits. */
export const roundedNames = { Q8_0: 'Q8_0', Q4_0: 'Q4_0 rounded' } as const;

/** One group of equal matrices. `tokenShare`: the part of it that one token reads. */
interface Part {
  role: 'embedding' | 'head' | 'value' | 'down' | 'matrix' | 'small';
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
    experts: shape.layers * shape.experts * 3 * shape.hidden * shape.expertFf,
    active: sum(all, ({ parameters, tokenShare }) => parameters * tokenShare),
  };
}

/**
 * Bytes of all weights, and of those that one token reads, in a storage type or a usual mix such as "Q4_K_M".
 * Undefined for a name whose mix is not known; the file's own size tells then.
 */
export function weightBytes(
  shape: ModelShape,
  quantization: string,
): { total: number; perToken: number } | undefined {
  const mix = mixOf(quantization);
  if (!mix) return undefined;
  let total = 0;
  let perToken = 0;
  for (const part of parts(shape)) {
    const bytes = part.parameters * mix(part, shape);
    total += bytes;
    perToken += bytes * part.tokenShare;
  }
  return { total: Math.round(total), perToken: Math.round(perToken) };
}

/** The recurrent state of one conversation: float32, whatever its length. */
export function stateBytes(shape: ModelShape): number {
  const { linearValueHeads, linearKeyDim, linearValueDim } = shape;
  return linearLayers(shape) * linearValueHeads * linearKeyDim * linearValueDim * 4;
}

/** What goes into the DeltaNet layers for one position (query, key, value, gate, b, a), float32. */
export function projectionBytes(shape: ModelShape): number {
  const { linearKeyHeads, linearValueHeads, linearKeyDim, linearValueDim } = shape;
  const width =
    2 * linearKeyHeads * linearKeyDim + 2 * linearValueHeads * linearValueDim + 2 * linearValueHeads;
  return linearLayers(shape) * width * 4;
}

const linearLayers = (shape: ModelShape): number => shape.layers - shape.attentionLayers;

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
  addMlp(add, shape, layers);
  const drafting = shape.mtpLayers ?? 0;
  if (drafting > 0) {
    const kept = adder(false);
    kept('matrix', drafting * 2 * hidden * hidden);
    addAttention(kept, shape, drafting);
    kept('small', drafting * 5 * hidden);
    addMlp(kept, shape, drafting);
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

function addMlp(add: Add, shape: ModelShape, layers: number): void {
  const { hidden } = shape;
  add('matrix', layers * 2 * hidden * shape.denseFf);
  add('down', layers * hidden * shape.denseFf);
  if (shape.experts === 0) return;
  const share = shape.expertsPerToken / shape.experts;
  add('matrix', layers * shape.experts * 2 * hidden * shape.expertFf, share);
  add('down', layers * shape.experts * hidden * shape.expertFf, share);
  add('matrix', layers * 2 * hidden * shape.sharedExpertFf);
  add('down', layers * hidden * shape.sharedExpertFf);
  // Router and gate of the shared expert are never quantised.
  add('small', layers * (shape.experts + (shape.sharedExpertFf > 0 ? 1 : 0)) * hidden);
}

/** Bytes of one weight of a part, under the rules behind a mix's name. */
type Mix = (part: Part, shape: ModelShape) => number;

function mixOf(name: string): Mix | undefined {
  const plain = name === 'MXFP4_MOE' ? undefined : asStorageType(name);
  if (plain === 'F32' || plain === 'BF16' || plain === 'F16') return () => bytesPerWeight[plain];
  if (plain) return ({ role }) => (role === 'small' ? 4 : bytesPerWeight[plain]);
  if (name === 'MXFP4_MOE')
    return ({ role, experts }) => (role === 'small' ? 4 : bytesPerWeight[experts ? 'MXFP4' : 'Q8_0']);
  if (name === roundedNames.Q4_0)
    return ({ role }) => {
      if (role === 'small') return 4;
      return bytesPerWeight[role === 'head' || role === 'embedding' ? 'Q8_0' : 'Q4_0'];
    };
  const kMix = /^(Q4_K|Q5_K)_(M|S)$/.exec(name);
  if (!kMix) return undefined;
  const base = bytesPerWeight[kMix[1] as StorageType];
  const better = bytesPerWeight.Q6_K;
  return ({ role }, shape) => {
    if (role === 'small') return 4;
    // A tied embedding doubles as the head and is stored like one.
    if (role === 'head' || (role === 'embedding' && shape.tied)) return better;
    if (kMix[2] === 'S' || (role !== 'value' && role !== 'down')) return base;
    const share = shareOfBetterLayers(role === 'value' ? shape.attentionLayers : shape.layers);
    return share * better + (1 - share) * base;
  };
}

function asStorageType(name: string): StorageType | undefined {
  return Object.hasOwn(bytesPerWeight, name) ? (name as StorageType) : undefined;
}

/** In an _M mix the first and last eighth of the layers and every third between them get the better type. */
function shareOfBetterLayers(count: number): number {
  const eighth = Math.floor(count / 8);
  let better = 0;
  for (let i = 0; i < count; i++)
    if (i < eighth || i >= Math.floor((7 * count) / 8) || (i - eighth) % 3 === 2) better++;
  return count === 0 ? 0 : better / count;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
