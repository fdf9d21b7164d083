// WGSL text + preamble + override constants -> compute pipeline, cached for the life of the device.
import { createHash } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { FirstUse } from './first_use.ts';
import { bindingsOf, createKernel, type Kernel, type KernelText } from './kernel.ts';

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

export interface Pipeline extends Kernel {
  readonly id: number;
  readonly name: string;
  /** Binding numbers in ascending order. */
  readonly bindings: readonly number[];
}

/** A kernel that compiles. */
interface Pending {
  readonly text: KernelText;
  /** Somebody waits for it. */
  urgent: boolean;
  done: Promise<void>;
}

/** Told of every kernel that was compiled: { name, ms }. The end of a test run counts them. */
const compiled = channel('hearth:kernel');

const header = 'requires immediate_address_space;\n';

export class PipelineCache {
  #ready = new Map<string, Pipeline>();
  #pending = new Map<string, Pending>();
  #ids = 0;
  #disposed = false;
  /** Called whenever `counts` change. */
  readonly onCount = new Set<() => void>();

  constructor(
    private readonly device: GPUDevice,
    /** Set where a kernel's machine code is made when it first runs. */
    private readonly firstUse?: FirstUse,
  ) {}

  /** True where compiling takes so long that only what is needed at once should be waited for. */
  get isSlow(): boolean {
    return this.firstUse !== undefined;
  }

  /** Kernels compiled so far, and those asked for. */
  get counts(): { done: number; total: number } {
    return { done: this.#ready.size, total: this.#ready.size + this.#pending.size };
  }

  /** The compiled pipeline, or undefined when prepare() has not been called for it. */
  get(spec: PipelineSpec): Pipeline | undefined {
    return this.#ready.get(keyOf(spec));
  }

  /**
   * Compiles the given variants in parallel. `later`: nobody waits for them, so they come after what is waited for.
   * Throws gpuError with the compiler's message.
   */
  async prepare(specs: Iterable<PipelineSpec>, { later = false }: { later?: boolean } = {}): Promise<void> {
    const waits: Promise<void>[] = [];
    for (const spec of specs) {
      const key = keyOf(spec);
      if (this.#ready.has(key)) continue;
      let pending = this.#pending.get(key);
      if (!pending) this.#pending.set(key, (pending = this.#begin(key, textOf(spec))));
      if (!later) {
        pending.urgent = true;
        this.firstUse?.hurry(pending.text.code);
      }
      waits.push(pending.done);
    }
    if (waits.length > 0) this.#count();
    await Promise.all(waits);
  }

  /** Until the function that is returned is called, nothing is compiled that nobody waits for. */
  holdLater(): () => void {
    return this.firstUse?.hold() ?? (() => undefined);
  }

  dispose(): void {
    this.#disposed = true;
    this.firstUse?.dispose();
  }

  #begin(key: string, text: KernelText): Pending {
    const pending: Pending = { text, urgent: false, done: Promise.resolve() };
    pending.done = this.#compile(key, pending).finally(() => {
      this.#pending.delete(key);
      this.#count();
    });
    return pending;
  }

  async #compile(key: string, pending: Pending): Promise<void> {
    const { text } = pending;
    const started = performance.now();
    const kernel = await createKernel(this.device, text);
    const createdMs = performance.now() - started;
    const madeMs = await this.firstUse?.run(text, kernel, { urgent: pending.urgent });
    if (this.#disposed) return;
    // Where code is made later, creating many at once mostly waits for the others.
    compiled.publish({ name: text.name, ms: madeMs ?? createdMs });
    this.#ready.set(key, {
      ...kernel,
      id: ++this.#ids,
      name: text.name,
      bindings: text.bindings.map(({ binding }) => binding),
    });
  }

  #count(): void {
    for (const listener of this.onCount) listener();
  }
}

function textOf({
  name,
  source,
  preamble = '',
  subgroups,
  f16,
  matrix,
  constants = {},
}: PipelineSpec): KernelText {
  const enables =
    (subgroups ? 'enable subgroups;\n' : '') +
    (f16 ? 'enable f16;\n' : '') +
    (matrix ? 'enable chromium_experimental_subgroup_matrix;\n' : '');
  const code = enables + header + preamble + source;
  return { name, code, constants, bindings: bindingsOf(code) };
}

/** Hashes of sources: a source is hashed once, and looked up for every kernel that is recorded. */
const hashes = new Map<string, string>();

function hashOf(source: string): string {
  let hash = hashes.get(source);
  if (!hash) hashes.set(source, (hash = createHash('sha256').update(source).digest('base64')));
  return hash;
}

/** Everything that a pipeline is made of; its source as a hash, since keys are compared often. */
function keyOf({
  name,
  source,
  preamble = '',
  subgroups,
  f16,
  matrix,
  constants = {},
}: PipelineSpec): string {
  const enables = `${subgroups ? 's' : ''}${f16 ? 'h' : ''}${matrix ? 'm' : ''}`;
  return `${name}|${hashOf(source)}|${enables}|${preamble}|${JSON.stringify(constants)}`;
}
