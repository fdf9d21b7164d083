// WGSL text + preamble + override constants -> compute pipeline, cached for the life of the device.
import { errors } from '../protocol/errors.ts';

/** One compiled variant of a kernel. */
export interface PipelineSpec {
  /** Kernel name, for labels and errors. */
  name: string;
  source: string;
  /** Put in front of the source: sizes of private arrays, the weight format's accessor. */
  preamble?: string;
  /** Uses subgroup operations; only for devices that have them. */
  subgroups?: boolean;
  /** Computes in halves; only for devices that can (Gpu.hasF16). */
  f16?: boolean;
  /** Uses the device's own subgroup matrices (Gpu.matrix). */
  matrix?: boolean;
  /** Values of the source's `override` declarations. */
  constants?: Record<string, number>;
}

export interface Pipeline {
  readonly id: number;
  readonly name: string;
  readonly compute: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Binding numbers in ascending order. */
  readonly bindings: readonly number[];
}

const immediateBytes = 64;
const header = 'requires immediate_address_space;\n';

export class PipelineCache {
  #ready = new Map<string, Pipeline>();
  #pending = new Map<string, Promise<void>>();
  #ids = 0;
  constructor(private readonly device: GPUDevice) {}

  /** The compiled pipeline, or undefined when prepare() has not been called for it. */
  get(spec: PipelineSpec): Pipeline | undefined {
    return this.#ready.get(keyOf(spec));
  }

  /** Compiles the given variants in parallel. Throws gpuError with the compiler's message. */
  async prepare(specs: Iterable<PipelineSpec>): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const spec of specs) {
      const key = keyOf(spec);
      if (this.#ready.has(key)) continue;
      let pending = this.#pending.get(key);
      if (!pending) {
        pending = this.#compile(spec, key).finally(() => this.#pending.delete(key));
        this.#pending.set(key, pending);
      }
      waits.push(pending);
    }
    await Promise.all(waits);
  }

  async #compile(spec: PipelineSpec, key: string): Promise<void> {
    const enables =
      (spec.subgroups ? 'enable subgroups;\n' : '') +
      (spec.f16 ? 'enable f16;\n' : '') +
      (spec.matrix ? 'enable chromium_experimental_subgroup_matrix;\n' : '');
    const code = enables + header + (spec.preamble ?? '') + spec.source;
    const entries = bindingsOf(code);
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label: spec.name, code });
    const invalid = await this.device.popErrorScope();
    if (invalid) throw errors.gpuError(`kernel ${spec.name} does not compile: ${invalid.message}`);
    const layout = this.device.createBindGroupLayout({
      label: spec.name,
      entries: entries.map(({ binding, readOnly }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: readOnly ? ('read-only-storage' as const) : ('storage' as const) },
      })),
    });
    const descriptor: GPUPipelineLayoutDescriptor & { immediateSize: number } = {
      label: spec.name,
      bindGroupLayouts: [layout],
      immediateSize: immediateBytes,
    };
    const compute = await this.device
      .createComputePipelineAsync({
        label: spec.name,
        layout: this.device.createPipelineLayout(descriptor),
        compute: { module, entryPoint: 'main', constants: spec.constants ?? {} },
      })
      .catch((cause: unknown) => {
        throw errors.gpuError(
          `kernel ${spec.name} does not compile: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
      });
    this.#ready.set(key, {
      id: ++this.#ids,
      name: spec.name,
      compute,
      layout,
      bindings: entries.map(e => e.binding),
    });
  }
}

function keyOf(spec: PipelineSpec): string {
  return `${spec.name}|${spec.preamble ?? ''}|${JSON.stringify(spec.constants ?? {})}`;
}

/** Storage bindings as declared in the WGSL text, ascending. */
function bindingsOf(code: string): { binding: number; readOnly: boolean }[] {
  const found: { binding: number; readOnly: boolean }[] = [];
  for (const match of code.matchAll(/@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read|read_write)>/g))
    found.push({ binding: Number(match[1]), readOnly: match[2] === 'read' });
  return found.sort((a, b) => a.binding - b.binding);
}
