// Bind groups by pipeline and tensors, kept as long as all of their tensors live; making one costs more than a dispatch.
import { errors } from '../protocol/errors.ts';
import type { Pipeline } from './pipeline.ts';
import type { BufferStore, GpuTensor } from './tensor.ts';

export class BindGroupCache {
  /** A key is the pipeline's id, then those of the tensors. */
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #keysByTensor = new Map<number, Set<string>>();

  constructor(
    private readonly device: GPUDevice,
    buffers: BufferStore,
  ) {
    buffers.onRelease.add(id => {
      for (const key of this.#keysByTensor.get(id) ?? []) this.#drop(key);
      this.#keysByTensor.delete(id);
    });
  }

  /** Keys that are held for tensors: each group has one for each of its tensors. */
  get keyCount(): number {
    return [...this.#keysByTensor.values()].reduce((sum, keys) => sum + keys.size, 0);
  }

  /** The group of these tensors, in the order of the pipeline's bindings. */
  get(pipeline: Pipeline, tensors: readonly GpuTensor[]): GPUBindGroup {
    let key = `${pipeline.id}`;
    for (const tensor of tensors) key += `,${tensor.id}`;
    let group = this.#groups.get(key);
    if (group) return group;
    if (tensors.length !== pipeline.bindings.length)
      throw errors.internal(
        `kernel ${pipeline.name} has ${pipeline.bindings.length} bindings but got ${tensors.length}`,
      );
    group = this.device.createBindGroup({
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

  /** Weights outlive the tensors of many texts: they are not to keep the keys of those. */
  #drop(key: string): void {
    this.#groups.delete(key);
    for (const id of key.split(',').slice(1)) this.#keysByTensor.get(Number(id))?.delete(key);
  }
}
