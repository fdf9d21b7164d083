// Notes every kernel that a forward pass records, so that each can be run again on its own and timed.
import { CommandList, type Dispatch } from '../../engine/gpu/dispatch.ts';
import { wordNow } from '../../engine/gpu/encoded_kernel.ts';
import { Qwen3NextSequence } from '../../engine/model/sequence/sequence.ts';

/** Runs `work` and returns the kernels recorded meanwhile, in order. */
export async function recordDispatches(work: () => Promise<unknown>): Promise<Dispatch[]> {
  const recorded: Dispatch[] = [];
  const { dispatch } = CommandList.prototype;
  const { replay } = Qwen3NextSequence.prototype;
  // A step that was recorded before is replayed without its kernels being named.
  Qwen3NextSequence.prototype.replay = (_list, _key, record) => record();
  CommandList.prototype.dispatch = function (one: Dispatch) {
    // Kernels that are only asked for, to be compiled.
    if (this.collecting) {
      dispatch.call(this, one);
      return;
    }
    // The caller may use its arrays again, and words change from token to token.
    recorded.push({
      ...one,
      tensors: [...one.tensors],
      words: (one.words ?? []).map(wordNow),
      groups: groupsNow(one.groups),
      floats: [...(one.floats ?? [])],
    });
    dispatch.call(this, one);
  };
  try {
    await work();
  } finally {
    CommandList.prototype.dispatch = dispatch;
    Qwen3NextSequence.prototype.replay = replay;
  }
  return recorded;
}

/** Those that a kernel wrote stay where they are. */
function groupsNow(groups: Dispatch['groups']): Dispatch['groups'] {
  if ('tensor' in groups) return groups;
  const [x, y = 1, z = 1] = groups;
  return [wordNow(x), wordNow(y), wordNow(z)];
}
