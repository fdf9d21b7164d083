// CommandList: records kernels and copies, then submits them as one command buffer.
// In collecting mode it only notes which pipelines are needed, so that they compile in parallel. What was recorded once can be
// replayed: a token then costs the host a few calls a kernel, with nothing looked up and nothing created.
import { errors } from '../protocol/errors.ts';
import type { Gpu } from './device.ts';
import type { Pipeline, PipelineSpec } from './pipeline.ts';
import type { GpuTensor } from './tensor.ts';

/** A number in a kernel's parameters, or one that is asked for whenever the kernel is recorded or replayed. */
export type Word = number | (() => number);

/** f of a word, asked for as late as the word itself. */
export function mapWord(word: Word, f: (value: number) => number): Word {
  return typeof word === 'number' ? f(word) : () => f(word());
}

/** The sum of two words. */
export function addWords(a: Word, b: Word): Word {
  return typeof a === 'number' ? mapWord(b, value => a + value) : () => a() + valueOf(b);
}

export interface Dispatch {
  spec: PipelineSpec;
  /** Tensors in the order of ascending binding numbers. */
  tensors: readonly GpuTensor[];
  /** Immediates: u32 words first, then f32 words, in the order of the kernel's Params. */
  words?: readonly Word[];
  floats?: readonly Word[];
  /** Workgroups in x, y, z, or where an earlier kernel writes them. */
  groups: readonly [Word, Word?, Word?] | IndirectGroups;
}

/** Three words of an indirect tensor (see BufferStore.create): workgroups in x, y, z. */
export interface IndirectGroups {
  tensor: GpuTensor;
  byteOffset: number;
}

/** A kernel as it is encoded. */
interface EncodedKernel {
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
}
/** An immediate that is asked for whenever its kernel is encoded. */
interface AskedWord {
  at: number;
  ask: () => number;
}

/** Kernels of one dispatch order. Valid as long as the tensors they were recorded with live. */
export class Recording {
  readonly kernels: EncodedKernel[] = [];
}

const groupsPerDimensionMax = 65535;
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
    if (!cache) caches.set(gpu, (cache = new BindGroupCache(gpu)));
    this.#cache = cache;
  }

  /** True when nothing is recorded, only asked for. */
  get collecting(): boolean {
    return this.collect !== undefined;
  }

  /** Records one kernel. Its pipeline must have been prepared. With `into`, it is noted there as well. */
  dispatch({ spec, tensors, words = [], floats = [], groups }: Dispatch): void {
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
      compute: pipeline.compute,
      group: this.#cache.get(pipeline, tensors),
      words: immediates,
      asked,
      x,
      y,
      z,
      indirect,
    };
    this.into?.kernels.push(kernel);
    this.#encode(kernel);
  }

  /** Records all kernels of a recording, asking for their words now. */
  replay(recording: Recording): void {
    for (const kernel of recording.kernels) this.#encode(kernel);
  }

  #encode(kernel: EncodedKernel): void {
    const { words, asked, indirect } = kernel;
    const x = valueOf(kernel.x);
    const y = valueOf(kernel.y);
    const z = valueOf(kernel.z);
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

  /** Submits what was recorded; the list can be used again. */
  submit(): void {
    if (!this.#encoder) return;
    this.#closePass();
    this.gpu.device.queue.submit([this.#encoder.finish()]);
    this.gpu.use.submissions++;
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

/** Compiles what `record` needs, then records it and submits. For tests and one-off work. */
export async function runOnce(gpu: Gpu, record: (list: CommandList) => void): Promise<void> {
  const specs: PipelineSpec[] = [];
  record(new CommandList(gpu, specs));
  await gpu.pipelines.prepare(specs);
  const list = new CommandList(gpu);
  record(list);
  list.submit();
}

function valueOf(word: Word): number {
  return typeof word === 'number' ? word : word();
}

const oneFloat = new Float32Array(1);
const itsBits = new Uint32Array(oneFloat.buffer);

/** The bits of a number as f32. */
function bitsOf(value: number): number {
  oneFloat[0] = value;
  return itsBits[0] as number;
}

/** Bind groups by pipeline and tensors; making one costs more than a dispatch. */
class BindGroupCache {
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #keysByTensor = new Map<number, Set<string>>();

  constructor(private readonly gpu: Gpu) {
    gpu.buffers.onRelease.add(id => {
      for (const key of this.#keysByTensor.get(id) ?? []) this.#groups.delete(key);
      this.#keysByTensor.delete(id);
    });
  }

  get(pipeline: Pipeline, tensors: readonly GpuTensor[]): GPUBindGroup {
    let key = `${pipeline.id}`;
    for (const tensor of tensors) key += `,${tensor.id}`;
    let group = this.#groups.get(key);
    if (group) return group;
    if (tensors.length !== pipeline.bindings.length)
      throw errors.internal(
        `kernel ${pipeline.name} has ${pipeline.bindings.length} bindings but got ${tensors.length}`,
      );
    group = this.gpu.device.createBindGroup({
      label: pipeline.name,
      layout: pipeline.layout,
      entries: tensors.map((tensor, i) => ({
        binding: pipeline.bindings[i] as number,
        resource: { buffer: tensor.buffer },
      })),
    });
    this.#groups.set(key, group);
    for (const tensor of tensors) {
      let keys = this.#keysByTensor.get(tensor.id);
      if (!keys) this.#keysByTensor.set(tensor.id, (keys = new Set()));
      keys.add(key);
    }
    return group;
  }
}
