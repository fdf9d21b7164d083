// Kernel attention_decode: flash decode over splits of the keys; attention_merge joins them.
import type { CommandList } from '../gpu/dispatch.ts';
import { acceptedPreamble } from './accepted.ts';
import source from './attention_decode.wgsl';
import {
  decodeLaunch,
  tileKeys,
  type DecodeShape,
  type DecodeTensors,
  type SplitPart,
} from './decode_plan.ts';
import { kvAccessor, kvUnits } from './kv_cache.ts';
import { laneCount, unroll } from './launch.ts';

/** The sums of each split of the keys, for attentionMerge: `part` says how they are split, and which are computed. */
export function attentionDecode(
  list: CommandList,
  t: DecodeTensors,
  shape: DecodeShape,
  part: SplitPart,
): void {
  const { dim } = shape;
  const { format } = t.cache;
  const { block, words, ...launch } = decodeLaunch(t, shape, part);
  const sizes = `const M = ${block}u;\nconst TILE = ${tileKeys}u;\nconst WG = ${laneCount(list.gpu)}u;\n`;
  list.dispatch({
    spec: {
      name: 'attention_decode',
      source,
      preamble: sizes + unroll(list.gpu) + acceptedPreamble(shape.accepted?.rows) + kvAccessor(t.cache, dim),
    },
    words: [...words, kvUnits(format, dim), dim / 4],
    ...launch,
  });
}
