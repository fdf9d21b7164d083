// CommandList: records kernels and copies, then submits them as one command buffer.
// In collecting mode it only notes which pipelines are needed, so that they compile in parallel.
import { errors } from '../protocol/errors.ts';
import type { Gpu } from './device.ts';
import type { Pipeline, PipelineSpec } from './pipeline.ts';
import type { GpuTensor } from './tensor.ts';

export interface Dispatch {
  spec: PipelineSpec;
  /** Tensors in the order of ascending binding numbers. */
  tensors: readonly GpuTensor[];
  /** Immediates: u32 words first, then f32 words, in the order of the kernel's Params. */
  words?: readonly number[];
  floats?: readonly number[];
  /** Workgroups in x, y, z. */
  groups: readonly [number, number?, number?];
}

const groupsPerDimensionMax = 65535;
const caches = new WeakMap<Gpu, BindGroupCache>();

export class CommandList {
  /** Kernels recorded since the list was made. */
  dispatchCount = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  readonly #cache: BindGroupCache;
  readonly #bytes = new ArrayBuffer(64);
  readonly #words = new Uint32Array(this.#bytes);
  readonly #floats = new Float32Array(this.#bytes);

  /** With `collect`, nothing is recorded: the specs are put there instead. */
  constructor(
    readonly gpu: Gpu,
    private readonly collect?: PipelineSpec[],
  ) {
    let cache = caches.get(gpu);
    if (!cache) caches.set(gpu, (cache = new BindGroupCache(gpu)));
    this.#cache = cache;
  }

  /** Records one kernel. Its pipeline must have been prepared. */
  dispatch({ spec, tensors, words = [], floats = [], groups }: Dispatch): void {
    if (this.collect) {
      this.collect.push(spec);
      return;
    }
    const [x, y = 1, z = 1] = groups;
    if (x === 0 || y === 0 || z === 0) return;
    if (Math.max(x, y, z) > groupsPerDimensionMax)
      throw errors.internal(`kernel ${spec.name}: ${x}×${y}×${z} workgroups are more than a device takes`);
    const pipeline = this.gpu.pipelines.get(spec);
    if (!pipeline) throw errors.internal(`kernel ${spec.name} was dispatched before it was compiled`);
    const pass = this.#openPass();
    pass.setPipeline(pipeline.compute);
    pass.setBindGroup(0, this.#cache.get(pipeline, tensors));
    const count = words.length + floats.length;
    if (count > 0) {
      this.#words.set(words);
      this.#floats.set(floats, words.length);
      pass.setImmediates(0, this.#words, 0, count);
    }
    pass.dispatchWorkgroups(x, y, z);
    this.dispatchCount++;
  }

  /** Copies bytes between two different tensors (multiples of 4). */
  copy(from: GpuTensor, fromByte: number, to: GpuTensor, toByte: number, byteLength: number): void {
    if (this.collect || byteLength === 0) return;
    this.#closePass();
    this.#openEncoder().copyBufferToBuffer(from.buffer, fromByte, to.buffer, toByte, byteLength);
  }

  /** Submits what was recorded; the list can be used again. */
  submit(): void {
    if (!this.#encoder) return;
    this.#closePass();
    this.gpu.device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
  }

  #openEncoder(): GPUCommandEncoder {
    return (this.#encoder ??= this.gpu.device.createCommandEncoder());
  }
  #openPass(): GPUComputePassEncoder {
    return (this.#pass ??= this.#openEncoder().beginComputePass());
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
