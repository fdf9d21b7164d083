// One kernel on one device: its whole WGSL text -> compute pipeline and bind group layout.
import { errors, reasonOf } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';

/** A kernel as a device gets it. */
export interface KernelText {
  /** For labels and errors. */
  name: string;
  /** WGSL, preamble and enables included. */
  code: string;
  /** Values of the code's `override` declarations. */
  constants: Record<string, number>;
  /** Bindings of group 0 in ascending order. */
  bindings: readonly KernelBinding[];
}

export interface KernelBinding {
  binding: number;
  type: GPUBufferBindingType;
}

export interface Kernel {
  compute: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** Bytes of parameters a kernel may take (docs/ARCHITECTURE.md: kernel parameters are immediates). */
export const immediateBytes = 64;

const bindingTypes: Record<string, GPUBufferBindingType> = {
  'storage, read': 'read-only-storage',
  'storage, read_write': 'storage',
  uniform: 'uniform',
};

/** Bindings as declared in the WGSL text, ascending. */
export function bindingsOf(code: string): KernelBinding[] {
  const found: KernelBinding[] = [];
  for (const match of code.matchAll(/@group\(0\)\s*@binding\((\d+)\)\s*var<([\w, ]+)>/g)) {
    const type = bindingTypes[match[2] as string];
    if (type) found.push({ binding: Number(match[1]), type });
  }
  return found.sort((a, b) => a.binding - b.binding);
}

/** Throws gpuError with the compiler's message. */
export async function createKernel(
  device: GPUDevice,
  { name, code, constants, bindings }: KernelText,
): Promise<Kernel> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: name, code });
  const invalid = await device.popErrorScope();
  if (invalid) throw errors.gpuError(phrase`kernel ${name} does not compile: ${invalid.message}`);
  const layout = device.createBindGroupLayout({
    label: name,
    entries: bindings.map(({ binding, type }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const descriptor: GPUPipelineLayoutDescriptor & { immediateSize: number } = {
    label: name,
    bindGroupLayouts: [layout],
    immediateSize: immediateBytes,
  };
  const compute = await device
    .createComputePipelineAsync({
      label: name,
      layout: device.createPipelineLayout(descriptor),
      compute: { module, entryPoint: 'main', constants },
    })
    .catch((cause: unknown) => {
      throw errors.gpuError(phrase`kernel ${name} does not compile: ${reasonOf(cause)}`);
    });
  return { compute, layout };
}
