// Kernel attention_decode_shuffle: attention_decode for devices with subgroups of exactly 8 lanes.
import type { CommandList } from '../gpu/dispatch.ts';
import source from './attention_decode_shuffle.wgsl';
import { attentionShufflePreamble } from './attention_shuffle.ts';
import { decodeLaunch, type DecodeShape, type DecodeTensors, type SplitPart } from './decode_plan.ts';

/** See attentionDecode. */
export function attentionDecodeShuffle(
  list: CommandList,
  t: DecodeTensors,
  shape: DecodeShape,
  part: SplitPart,
): void {
  const { block, ...launch } = decodeLaunch(t, shape, part);
  list.dispatch({
    spec: {
      name: 'attention_decode_shuffle',
      source,
      preamble: attentionShufflePreamble(block, t.cache, shape.dim, shape.accepted?.rows),
      subgroups: true,
    },
    ...launch,
  });
}
