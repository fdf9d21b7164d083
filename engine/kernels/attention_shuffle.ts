// Kernel attention_shuffle: attention_prefill for devices with subgroups of exactly 8 lanes.
import type { CommandList } from '../gpu/dispatch.ts';
import type { AttentionShape, AttentionTensors } from './attention_prefill.ts';
import source from './attention_shuffle.wgsl';
import { groupCount, shuffleLanes } from './launch.ts';

/** Rows of one workgroup. */
const groupRows = 8;

/** See attentionPrefill. */
export function attentionShuffle(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const dim4 = shape.dim / 4;
  list.dispatch({
    spec: {
      name: 'attention_shuffle',
      source,
      preamble: `const D4 = ${dim4}u;\nconst PARTS = ${groupCount(dim4, shuffleLanes)}u;\n`,
      subgroups: true,
    },
    tensors: [t.q, t.keys, t.values, t.gate.tensor, t.o],
    words: [
      shape.count,
      shape.heads,
      shape.kvHeads,
      shape.start,
      t.gate.offset / 4,
      t.gate.stride / 4,
      t.gateHeadStride / 4,
    ],
    floats: [shape.dim ** -0.5],
    groups: [groupCount(shape.count, groupRows), shape.heads],
  });
}
