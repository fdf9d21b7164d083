// CommandList: records kernels and copies, then submits them as one command buffer.
// In collecting mode it only notes which pipelines are needed, so that they compile in parallel. What was recorded once can be
// replayed: a token then costs the host a few calls a kernel, with nothing looked up and nothing created.
import { errors } from '../protocol/errors.ts';
import { BindGroupCache } from './bind_groups.ts';
import type { Gpu } from './device.ts';
import {
  mapWord,
  wordNow,
  type AskedWord,
  type AskedWork,
  type EncodedKernel,
  type IndirectGroups,
  type Word,
} from './encoded_kernel.ts';
import type { PipelineSpec } from './pipeline.ts';
import type { GpuTensor } from './tensor.ts';
import type { PlainTimes } from './work.ts';

export interface Dispatch {
  spec: PipelineSpec;
  /** Tensors in the order of ascending binding numbers. */
  tensors: readonly GpuTensor[];
  /** Immediates: u32 words first, then f32 words, in the order of the kernel's Params. */
  words?: readonly Word[];
  floats?: readonly Word[];
  /** Workgroups in x, y, z, or where an earlier kernel writes them. */
  groups: readonly [Word, Word?, Word?] | IndirectGroups;
  /** What it does. */
  work?: AskedWork;
}

/** Kernels of one dispatch order. Valid as long as the tensors they were recorded with live. */
export class Recording {
  readonly kernels: EncodedKernel[] = [];
}

/** Most workgroups in x, y or z that every device takes. */
export const groupsPerDimensionMax = 65535;
const caches = new WeakMap<Gpu, BindGroupCache>();

export class CommandList {
  /** Kernels recorded since the list was made. */
  dispatchCount = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  readonly #cache: BindGroupCache;
  /** Where dispatched kernels are noted for replay(), while set. */
  into: Recording | undefined;

  /** With `collect`, nothing is recorded: the specs are put there instead. */
  constructor(
    readonly gpu: Gpu,
    private readonly collect?: PipelineSpec[],
  ) {
    let cache = caches.get(gpu);
    if (!cache) caches.set(gpu, (cache = new BindGroupCache(gpu.device, gpu.buffers)));
    this.#cache = cache;
  }

  /** True when nothing is recorded, only asked for. */
  get collecting(): boolean {
    return this.collect !== undefined;
  }

  /** Records one kernel. Its pipeline must have been prepared. With `into`, it is noted there as well. */
  dispatch({ spec, tensors, words = [], floats = [], groups, work }: Dispatch): void {
    if (this.collect) {
      this.collect.push(spec);
      return;
    }
    const pipeline = this.gpu.pipelines.get(spec);
    if (!pipeline) throw errors.internal(`kernel ${spec.name} was dispatched before it was compiled`);
    const immediates = new Uint32Array(words.length + floats.length);
    const asked: AskedWord[] = [];
    for (const [at, word] of [...words, ...floats.map(float => mapWord(float, bitsOf))].entries())
      if (typeof word === 'number') immediates[at] = word;
      else asked.push({ at, ask: word });
    const indirect = 'tensor' in groups ? groups : undefined;
    const [x, y = 1, z = 1] = 'tensor' in groups ? [1] : groups;
    const kernel: EncodedKernel = {
      name: spec.name,
      compute: pipeline.compute,
      group: this.#cache.get(pipeline, tensors),
      words: immediates,
      asked,
      x,
      y,
      z,
      indirect,
      work,
    };
    this.into?.kernels.push(kernel);
    this.encode(kernel);
  }

  /** Records all kernels of a recording, asking for their words now. */
  replay(recording: Recording): void {
    for (const kernel of recording.kernels) this.encode(kernel);
  }

  protected encode(kernel: EncodedKernel): void {
    const { words, asked, indirect } = kernel;
    const x = wordNow(kernel.x);
    const y = wordNow(kernel.y);
    const z = wordNow(kernel.z);
    if (x === 0 || y === 0 || z === 0) return;
    if (x > groupsPerDimensionMax || y > groupsPerDimensionMax || z > groupsPerDimensionMax)
      throw errors.internal(`${x}×${y}×${z} workgroups are more than a device takes`);
    for (const { at, ask } of asked) words[at] = ask();
    const pass = (this.#pass ??= this.#beginPass());
    pass.setPipeline(kernel.compute);
    pass.setBindGroup(0, kernel.group);
    // Dawn's binding takes a buffer four times as fast as an array over it, and each missing number saves a little.
    if (words.length > 0) pass.setImmediates(0, words.buffer);
    if (indirect) pass.dispatchWorkgroupsIndirect(indirect.tensor.buffer, indirect.byteOffset);
    else if (z > 1) pass.dispatchWorkgroups(x, y, z);
    else if (y > 1) pass.dispatchWorkgroups(x, y);
    else pass.dispatchWorkgroups(x);
    this.dispatchCount++;
    this.gpu.onKernel?.(kernel);
  }

  /** Copies bytes between two different tensors (multiples of 4). */
  copy(from: GpuTensor, fromByte: number, to: GpuTensor, toByte: number, byteLength: number): void {
    if (this.collect || byteLength === 0) return;
    this.#closePass();
    this.#openEncoder().copyBufferToBuffer(from.buffer, fromByte, to.buffer, toByte, byteLength);
  }

  /** Fills a tensor with zeros. */
  clear(tensor: GpuTensor): void {
    if (this.collect) return;
    this.#closePass();
    this.#openEncoder().clearBuffer(tensor.buffer);
  }

  /** Copies all of a tensor into a buffer that the host maps afterwards. */
  copyOut(from: GpuTensor, to: GPUBuffer): void {
    this.#closePass();
    this.#openEncoder().copyBufferToBuffer(from.buffer, 0, to, 0, from.byteLength);
  }

  /** Submits what was recorded; the list can be used again. `plain`: what it should take, if that is to be noted. */
  submit(plain?: PlainTimes): void {
    if (!this.#encoder) return;
    this.#closePass();
    this.gpu.submit(this.#encoder.finish());
    if (plain) this.gpu.submissions.note(plain);
    else this.gpu.submissions.disturb();
    this.#encoder = undefined;
  }

  #openEncoder(): GPUCommandEncoder {
    return (this.#encoder ??= this.gpu.device.createCommandEncoder());
  }
  #beginPass(): GPUComputePassEncoder {
    const { timer } = this.gpu;
    const encoder = this.#openEncoder();
    // Nothing is made in the token loop but with a timer.
    return timer
      ? encoder.beginComputePass({ timestampWrites: timer.nextPass() })
      : encoder.beginComputePass();
  }
  #closePass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}

/** Compiles what `record` needs, then records it and submits, with `list` if given. For tests and one-off work. */
export async function runOnce(
  gpu: Gpu,
  record: (list: CommandList) => void,
  list = new CommandList(gpu),
): Promise<void> {
  const specs: PipelineSpec[] = [];
  record(new CommandList(gpu, specs));
  await gpu.pipelines.prepare(specs);
  record(list);
  list.submit();
}

const oneFloat = new Float32Array(1);
const itsBits = new Uint32Array(oneFloat.buffer);

/** The bits of a number as f32. */
function bitsOf(value: number): number {
  oneFloat[0] = value;
  return itsBits[0] as number;
}
