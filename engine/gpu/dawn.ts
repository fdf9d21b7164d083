// How Dawn is set up: its toggles, and the backends that are tried. Two modes: `release` is what people run, `checks` what tests
// run, with everything validated. The environment variable HEARTH_DAWN chooses one of them by its name.
import { create, globals } from 'webgpu';
import { errors } from '../protocol/errors.ts';
import type { AdapterName } from '../protocol/lifecycle.ts';
import { phrase } from '../protocol/phrase.ts';
import { adapterChoice, adapterNamed, adaptersIn, type AdapterKind } from './adapters.ts';
import { installNaps } from './polling.ts';

export const dawnModes = ['release', 'checks'] as const;
export type DawnMode = (typeof dawnModes)[number];

/**
 * Robustness, which clamps what a kernel reads and writes, stays on in both: weights may come from anywhere. What `release` leaves
 * out is checked by ourselves before it is asked of Dawn: sizes in tensor.ts, workgroups in dispatch.ts.
 */
const toggles: Record<DawnMode, { enabled: readonly string[]; disabled: readonly string[] }> = {
  release: {
    enabled: [
      // Immediates and subgroup matrices are experimental.
      'allow_unsafe_apis',
      // Also spares a dispatch before every indirect one.
      'skip_validation',
      // Clamps only where a kernel's own ranges do not show that nothing can be out of bounds.
      'enable_integer_range_analysis_in_robustness',
      // No kernel counts on workgroup memory that is zero.
      'disable_workgroup_init',
      // Hidden by default on the commonest cards; variants that use it are compared with others before they are chosen.
      'vulkan_enable_f16_on_nvidia',
    ],
    // Buffers are still cleared before their first use: states and caches begin with zeros.
    disabled: ['timestamp_quantization'],
  },
  checks: { enabled: ['allow_unsafe_apis'], disabled: ['timestamp_quantization'] },
};

/** In the order they are tried. On Windows Vulkan has subgroup matrices and more drivers of one kind; Direct3D is always there. */
const backendsOf: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  win32: ['vulkan', 'd3d12'],
  darwin: ['metal'],
};

// What create() gives must stay referenced for the whole life: a collected one aborts the process.
const instances = new Map<string, GPU>();

/** The mode that HEARTH_DAWN names, `release` when it is not set. Throws badUsage for any other value. */
export function dawnModeInForce(environment: NodeJS.ProcessEnv = process.env): DawnMode {
  const named = environment['HEARTH_DAWN'] ?? 'release';
  const mode = dawnModes.find(one => one === named);
  if (!mode) throw errors.badUsage(phrase`HEARTH_DAWN must be ${dawnModes.join(' or ')}, not "${named}".`);
  return mode;
}

/** Where adapters are looked for: in every backend, in this order. */
export interface AdapterSearch {
  mode: DawnMode;
  /** Unset: those of this system. */
  backends?: readonly string[] | undefined;
}

/**
 * The adapter that `wanted` says, see adapterChoice(): of a kind, that of the first backend that has one. Undefined when there is none.
 * Throws noAdapter when Dawn itself fails, and naming those there are when none is called so.
 */
export async function findAdapter(
  { mode, backends = usualBackends() }: AdapterSearch,
  wanted = '',
): Promise<{ adapter: GPUAdapter; backend: string } | undefined> {
  const choice = adapterChoice(wanted);
  if ('name' in choice) {
    const { name, backend } = adapterNamed(choice.name, await listAdapters({ mode, backends }));
    const adapter = await requestAdapter(instanceOf(mode, backend, name));
    return adapter && { adapter, backend };
  }
  for (const backend of backends) {
    const adapter = await requestAdapter(instanceOf(mode, backend), choice.kind);
    if (adapter) return { adapter, backend };
  }
  return undefined;
}

/** All adapters, in the order in which they are looked for. */
export async function listAdapters({
  mode,
  backends = usualBackends(),
}: AdapterSearch): Promise<AdapterName[]> {
  const found: AdapterName[] = [];
  // Dawn lists them when it is asked for one that is not there.
  for (const backend of backends)
    await instanceOf(mode, backend, nobody)
      .requestAdapter()
      .catch((cause: unknown) => found.push(...adaptersIn(String(cause))));
  return found;
}

/** No adapter is called so. */
const nobody = 'no adapter of this name';

function usualBackends(platform: NodeJS.Platform = process.platform): readonly string[] {
  return backendsOf[platform] ?? ['vulkan'];
}

/** Dawn, set up for one backend, and for adapters of one name. */
function instanceOf(mode: DawnMode, backend: string, name?: string): GPU {
  installNaps();
  const { enabled, disabled } = toggles[mode];
  const flags = [
    `backend=${backend}`,
    ...(name === undefined ? [] : [`adapter=${name}`]),
    `enable-dawn-features=${enabled.join(',')}`,
    `disable-dawn-features=${disabled.join(',')}`,
  ];
  const key = flags.join(' ');
  let instance = instances.get(key);
  if (!instance) instances.set(key, (instance = create(flags)));
  installConstants();
  return instance;
}

/** The constants of WebGPU (GPUBufferUsage and others), where programs look for them. */
export function installConstants(): void {
  Object.assign(globalThis, globals);
}

async function requestAdapter(instance: GPU, powerPreference?: AdapterKind): Promise<GPUAdapter | undefined> {
  const adapter = await instance
    .requestAdapter(powerPreference && { powerPreference })
    .catch((cause: unknown) => {
      throw errors.noAdapter(String(cause));
    });
  return adapter ?? undefined;
}
