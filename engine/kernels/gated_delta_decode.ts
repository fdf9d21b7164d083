// Kernel gated_delta_decode: convolution, norms, gates and delta rule of few rows, with rows left uncommitted if wanted.
import type { CommandList } from '../gpu/dispatch.ts';
import { wordNow, type Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import { acceptedPreamble, acceptedTensors } from './accepted.ts';
import source from './gated_delta_decode.wgsl';
import { sweptInPlace, type DeltaShape } from './gated_delta_step.ts';
import { squareBlock } from './gated_norm_matvec.ts';
import sweep from './variants/delta_sweep.wgsl';
import raw from './fusions/delta_raw.wgsl';
import { groupCount, hasShuffle, unroll, type RowView } from './launch.ts';
import { deltaWork } from './work.ts';

/** Which rows of the rings are walked: from `position`, first the pending ones (no outputs), then `count` new ones. */
export interface DeltaWalk {
  position: Word;
  pending: Word;
  count: number;
  /** The state after this many rows is stored; 0 stores none. */
  commit: Word;
  /** By so many rows `pending` and `commit` are more (see accepted.ts). */
  accepted?: GpuTensor | undefined;
}

/** Where the state comes from when it goes to another tensor. */
const otherState = '@group(0) @binding(7) var<storage, read> before: array<vec4f>;\n';
const readBeside = `${otherState}fn stored(at: u32) -> vec4f {\n  return before[at];\n}\n`;
const readInPlace = 'fn stored(at: u32) -> vec4f {\n  return state[at];\n}\n';
const sweptBeside = `${otherState}fn stored(at: u32, first: bool) -> vec4f {
  if (first) {
    return before[at];
  }
  return state[at];
}
`;

/**
 * qkv, b, a: ring rows of the raw projections, ringRows (a power of two) rows; conv f32 [kernel, channels]; gateWeights f32 [2, Hv]
 * (negated e^A_log, dt_bias); state f32 [Hv, Dk, Dv]; o f32 [count, Hv, Dv], behind it from element squaresAt the sums of
 * squares of blocks of 32 columns [count, Hv, ceil(Dv / 32)]. Dv is a multiple of 4. With `next`, what is stored goes there and
 * `state` stays as it was. On 8-lane software devices the tensor that is written to has a work area of the state's size behind it
 * when rows stay uncommitted. Rows position - kernel + 1 … must be in the rings.
 */
export function gatedDeltaDecode(
  list: CommandList,
  t: {
    qkv: RowView;
    b: RowView;
    a: RowView;
    conv: GpuTensor;
    gateWeights: GpuTensor;
    state: GpuTensor;
    next?: GpuTensor | undefined;
    o: GpuTensor;
  },
  { keyHeads, valueHeads, keyDim, valueDim }: Omit<DeltaShape, 'count'>,
  { kernel, ringRows, squaresAt }: { kernel: number; ringRows: number; squaresAt: number },
  { position, pending, count, commit, accepted }: DeltaWalk,
): void {
  const dk4 = keyDim / 4;
  const words = [
    pending,
    count,
    commit,
    position,
    keyHeads,
    valueHeads,
    valueDim / 4,
    t.qkv.offset / 4,
    t.qkv.stride / 4,
    t.b.offset,
    t.b.stride,
    t.a.offset,
    t.a.stride,
    squaresAt,
  ];
  const inputs = [t.qkv.tensor, t.b.tensor, t.a.tensor, t.conv, t.gateWeights];
  const to = t.next ?? t.state;
  const behind = [...(t.next ? [t.state] : []), ...acceptedTensors(accepted)];
  const rings = `const KERNEL = ${kernel}u;\nconst RING_MASK = ${ringRows - 1}u;\n`;
  const groups = [groupCount(valueDim, squareBlock), valueHeads] as const;
  const floats = [keyDim ** -0.5];
  const work = () => deltaWork({ count: wordNow(pending) + count, valueHeads, keyDim, valueDim });
  if (hasShuffle(list.gpu)) {
    list.dispatch({
      spec: {
        name: 'gated_delta_decode_shuffle',
        source: sweep,
        preamble: `const DK4 = ${dk4}u;\n${rings}${acceptedPreamble(accepted)}${raw}${t.next ? sweptBeside : sweptInPlace}`,
        subgroups: true,
      },
      tensors: [to, ...inputs, t.o, ...behind],
      words: [...words, dk4],
      floats,
      groups,
      work,
    });
    return;
  }
  // A GPU shares the rows of S among as many lanes as divide them; a software device pays for barriers and has few lanes.
  let split = 1;
  while (!list.gpu.software && split < 8 && dk4 % (split * 2) === 0) split *= 2;
  list.dispatch({
    spec: {
      name: 'gated_delta_decode',
      source,
      preamble:
        `const DK4 = ${dk4}u;\nconst SPLIT = ${split}u;\n${rings}${unroll(list.gpu)}` +
        acceptedPreamble(accepted) +
        (t.next ? readBeside : readInPlace),
    },
    tensors: [...inputs, to, t.o, ...behind],
    words: [...words, dk4 / split],
    floats,
    groups,
    work,
  });
}
