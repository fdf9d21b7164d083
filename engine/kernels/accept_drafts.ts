// Kernel accept_drafts: how many drafts of a step are right, for the step that follows it before the host knows.
import type { CommandList } from '../gpu/dispatch.ts';
import type { Word } from '../gpu/encoded_kernel.ts';
import type { GpuTensor } from '../gpu/tensor.ts';
import source from './accept_drafts.wgsl';
import { overValues } from './work.ts';

/**
 * ids u32, a ring of mask + 1 ids and behind it, from element picksAt, the choices after the token read and after each draft, and from
 * keptAt room for the drafts: they are kept there, and the first wrong one in the ring gives way to the choice. `first`: the ring's
 * place of draft 0, later by what accepted, u32 [4], holds so far. Then accepted[0] = how many are right.
 */
export function acceptDrafts(
  list: CommandList,
  ids: GpuTensor,
  accepted: GpuTensor,
  {
    drafts,
    first,
    mask,
    picksAt,
    keptAt,
  }: { drafts: number; first: Word; mask: number; picksAt: number; keptAt: number },
): void {
  list.dispatch({
    spec: { name: 'accept_drafts', source },
    tensors: [ids, accepted],
    words: [drafts, first, mask, picksAt, keptAt],
    groups: [1],
    work: overValues(3 * drafts),
  });
}
