// Notes every kernel that a forward pass records, so that each can be run again on its own and timed.
import { CommandList, type Dispatch } from '../../engine/gpu/dispatch.ts';

/** Runs `work` and returns the kernels recorded meanwhile, in order. */
export async function recordDispatches(work: () => Promise<unknown>): Promise<Dispatch[]> {
  const recorded: Dispatch[] = [];
  const { dispatch } = CommandList.prototype;
  CommandList.prototype.dispatch = function (one: Dispatch) {
    // The caller may use its arrays again.
    recorded.push({
      ...one,
      tensors: [...one.tensors],
      words: [...(one.words ?? [])],
      floats: [...(one.floats ?? [])],
    });
    dispatch.call(this, one);
  };
  try {
    await work();
  } finally {
    CommandList.prototype.dispatch = dispatch;
  }
  return recorded;
}
