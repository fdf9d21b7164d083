// Time of kernels on the device: many in one submission, the fastest of several submissions. Whatever else runs on the
// machine only adds time, and a submission is short: the fastest is what the kernel takes.
import type { Gpu } from '../../engine/gpu/device.ts';
import { CommandList, type Dispatch } from '../../engine/gpu/dispatch.ts';

/** A submission takes at least this long, so that submitting and waiting do not count. */
const submissionMs = 25;
const submissions = 7;

/** Microseconds of running all `dispatches` once. They are compiled first. */
export async function timeDispatches(gpu: Gpu, dispatches: readonly Dispatch[]): Promise<number> {
  const [us] = await timeTogether(gpu, [dispatches]);
  return us as number;
}

/** The same of several sets, taken in turns: what else the machine does meanwhile slows all of them alike. */
export async function timeTogether(gpu: Gpu, sets: readonly (readonly Dispatch[])[]): Promise<number[]> {
  await gpu.pipelines.prepare(sets.flat().map(({ spec }) => spec));
  await gpu.idle();
  const rounds: number[] = [];
  for (const set of sets) rounds.push(await roundsFor(gpu, set));
  const times = sets.map((): number[] => []);
  for (let turn = 0; turn < submissions; turn++)
    for (const [i, set] of sets.entries())
      times[i]?.push((await submit(gpu, set, rounds[i] as number)) / (rounds[i] as number));
  return times.map(of => Math.min(...of) * 1000);
}

/** How often a set is to be run in one submission. */
async function roundsFor(gpu: Gpu, dispatches: readonly Dispatch[]): Promise<number> {
  let rounds = 1;
  let took = await submit(gpu, dispatches, rounds);
  while (took < submissionMs && rounds < 1 << 14) {
    rounds = Math.ceil(rounds * Math.min(8, Math.max(1.5, (1.2 * submissionMs) / Math.max(took, 0.1))));
    took = await submit(gpu, dispatches, rounds);
  }
  return rounds;
}

/** The median of an odd number of times. */
export function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] as number;
}

/** Milliseconds from handing over to done; recording is not in it. */
async function submit(gpu: Gpu, dispatches: readonly Dispatch[], rounds: number): Promise<number> {
  const list = new CommandList(gpu);
  for (let round = 0; round < rounds; round++) for (const one of dispatches) list.dispatch(one);
  const started = performance.now();
  list.submit();
  await gpu.idle();
  return performance.now() - started;
}
