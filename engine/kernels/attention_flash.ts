// Kernel attention_flash: attention_prefill in tiles of workgroup memory.
import type { CommandList } from '../gpu/dispatch.ts';
import source from './attention_flash.wgsl';
import type { AttentionShape, AttentionTensors } from './attention_prefill.ts';
import { kvAccessor } from './kv_cache.ts';
import { groupCount, unroll } from './launch.ts';
import { attentionWork } from './work.ts';

/** Widest head whose tiles fit 16 KiB of workgroup memory. */
export const flashDimMax = 256;

/** (row, head) pairs of one workgroup. */
export const flashLines = 16;

/** See attentionPrefill. dim is at most flashDimMax. */
export function attentionFlash(list: CommandList, t: AttentionTensors, shape: AttentionShape): void {
  const { keys, values, table } = t.cache;
  const { count, firstRow = 0, start, heads, kvHeads, dim } = shape;
  list.dispatch({
    spec: {
      name: 'attention_flash',
      source,
      preamble: unroll(list.gpu) + kvAccessor(t.cache, dim),
    },
    tensors: [t.q, keys, values, t.gate.tensor, t.o, table],
    words: [
      firstRow + count,
      heads,
      kvHeads,
      start,
      t.gate.offset / 4,
      t.gate.stride / 4,
      t.gateHeadStride / 4,
      dim / 4,
      8,
      (firstRow * heads) / kvHeads,
    ],
    floats: [dim ** -0.5],
    groups: [groupCount(count * (heads / kvHeads), flashLines), kvHeads],
    work: attentionWork({ ...shape, format: t.cache.format }),
  });
}
