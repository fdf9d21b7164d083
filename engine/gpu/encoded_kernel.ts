// A kernel as a command list encodes it: with its pipeline, what it binds, and the numbers that may be asked for again.
import type { Work } from '../shared/prediction/cost.ts';
import type { GpuTensor } from './tensor.ts';

/** A number in a kernel's parameters, or one that is asked for whenever the kernel is recorded or replayed. */
export type Word = number | (() => number);

/** f of a word, asked for as late as the word itself. */
export function mapWord(word: Word, f: (value: number) => number): Word {
  return typeof word === 'number' ? f(word) : () => f(word());
}

/** A word as it is now. */
export function wordNow(word: Word): number {
  return typeof word === 'number' ? word : word();
}

/** The sum of two words. */
export function addWords(a: Word, b: Word): Word {
  return typeof a === 'number' ? mapWord(b, value => a + value) : () => a() + wordNow(b);
}

/** What a kernel does, or how to tell once its words are known. */
export type AskedWork = Work | (() => Work);

/** Three words of an indirect tensor (see BufferStore.create): workgroups in x, y, z. */
export interface IndirectGroups {
  tensor: GpuTensor;
  byteOffset: number;
  /** Workgroups that are to be expected. */
  usual: number;
}

/** A kernel as it is encoded. */
export interface EncodedKernel {
  name: string;
  compute: GPUComputePipeline;
  group: GPUBindGroup;
  /** Its immediates, of which those in `asked` are asked for again. */
  words: Uint32Array<ArrayBuffer>;
  asked: readonly AskedWord[];
  /** Workgroups, unless they are indirect. */
  x: Word;
  y: Word;
  z: Word;
  indirect: IndirectGroups | undefined;
  work: AskedWork | undefined;
}
/** An immediate that is asked for whenever its kernel is encoded. */
export interface AskedWord {
  at: number;
  ask: () => number;
}

/** What a kernel has to do now; nothing is known of one that does not say. */
export function workNow({ work }: Pick<EncodedKernel, 'work'>): Work {
  if (!work) return { kind: 'rows', operations: 0, bytes: 0 };
  return typeof work === 'function' ? work() : work;
}

/** The kernel with the words that it has now. */
export function kernelNow(kernel: EncodedKernel): EncodedKernel {
  const words = kernel.words.slice();
  for (const { at, ask } of kernel.asked) words[at] = ask();
  const [x, y, z] = [wordNow(kernel.x), wordNow(kernel.y), wordNow(kernel.z)];
  return { ...kernel, words, asked: [], x, y, z, work: workNow(kernel) };
}

/** Workgroups of a kernel, or how many are to be expected where an earlier one writes them. */
export function groupsNow({ x, y, z, indirect }: EncodedKernel): number {
  return indirect ? indirect.usual : wordNow(x) * wordNow(y) * wordNow(z);
}
