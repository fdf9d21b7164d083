// What is timed by: the clock on the wall, or the processor time of this process, which other programs do not add to.
import { availableParallelism } from 'node:os';

/** Milliseconds since some moment. */
export type Clock = () => number;

/** Processor time of this process, all threads together; of a software device the kernels too. */
export const processorMs: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** On one core, where a software device and its host take turns, processor time is the time that both would take alone. */
export function clockFor({ software }: { software: boolean }): Clock {
  return software && availableParallelism() === 1 ? processorMs : () => performance.now();
}
