// Kernel attention_shuffle: attention_prefill for devices with subgroups of exactly 8 lanes.
import { shuffleLanes } from '../gpu/device.ts';
import type { CommandList } from '../gpu/dispatch.ts';
import type { AttentionShape, AttentionTensors } from './attention_prefill.ts';
import source from './attention_shuffle.wgsl';
import { kvAccessor } from './kv_cache.ts';
import { groupCount } from './launch.ts';

/** Rows of one workgroup. */
const groupRows = 8;

/** See attentionPrefill. */
export function attentionShuffle(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { format, keys, values } = t.cache;
  list.dispatch({
    spec: {
      name: 'attention_shuffle',
      source,
      preamble: `const PARTS = ${groupCount(shape.dim / 4, shuffleLanes)}u;\n${kvAccessor(format, shape.dim)}`,
      subgroups: true,
    },
    tensors: [t.q, keys, values, t.gate.tensor, t.o],
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
