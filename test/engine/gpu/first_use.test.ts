// Which device makes the code of a kernel, and in what order; devices that only note what they are asked for.
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { globals } from 'webgpu';
import { compilersInForce, FirstUse } from '../../../engine/gpu/first_use.ts';
import type { Kernel, KernelText } from '../../../engine/gpu/kernel.ts';
import { PipelineCache } from '../../../engine/gpu/pipeline.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

beforeAll(() => void Object.assign(globalThis, globals));
afterEach(() => vi.restoreAllMocks());

/** A device that takes one step of work at a time, when it is let. */
class NotingDevice {
  /** Kernels that were run here, in order. */
  readonly ran: string[] = [];
  destroyed = false;
  #waiting: (() => void)[] = [];
  #label = '';
  constructor(private readonly patient = false) {}

  readonly gpu = {
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(null),
    createShaderModule: () => ({}),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createComputePipelineAsync: ({ label }: { label: string }) => Promise.resolve({ label }),
    createBuffer: () => ({ destroy: () => undefined }),
    createBindGroup: () => ({}),
    createCommandEncoder: () => ({
      beginComputePass: () => ({
        setPipeline: ({ label }: { label: string }) => (this.#label = label),
        setBindGroup: () => undefined,
        setImmediates: () => undefined,
        dispatchWorkgroupsIndirect: () => undefined,
        end: () => undefined,
      }),
      finish: () => ({}),
    }),
    queue: {
      submit: () => void this.ran.push(this.#label),
      onSubmittedWorkDone: () =>
        this.patient ? new Promise<void>(resolve => this.#waiting.push(resolve)) : Promise.resolve(),
    },
    destroy: () => (this.destroyed = true),
  } as unknown as GPUDevice;

  /** Lets what was submitted end. */
  async finish(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    await settled();
  }
}

/** Longer than the pause in which the driver writes its cache. */
const settled = () => new Promise(resolve => setTimeout(resolve, 60));

function kernel(name: string, length: number): { text: KernelText; kernel: Kernel } {
  return {
    text: {
      name,
      code: name.padEnd(length),
      constants: {},
      bindings: [{ binding: 0, type: 'read-only-storage' }],
    },
    kernel: { compute: { label: name }, layout: {} } as unknown as Kernel,
  };
}

function setUp(furtherDevices: number, { patient = false }: { patient?: boolean } = {}) {
  const own = new NotingDevice(patient);
  const further: NotingDevice[] = [];
  const firstUse = new FirstUse(own.gpu, {
    furtherDevices,
    openDevice: () => {
      const device = new NotingDevice(patient);
      further.push(device);
      return Promise.resolve(device.gpu);
    },
  });
  const run = (name: string, length: number, urgent = true) => {
    const made = kernel(name, length);
    return firstUse.run(made.text, made.kernel, { urgent });
  };
  return { own, further, firstUse, run };
}

test('alone, a device makes what is waited for, the longest of those that wait first, and nothing else', async () => {
  const { own, further, run } = setUp(0);
  await Promise.all([
    run('first', 5),
    run('short', 10),
    run('long', 30),
    run('later', 90, false),
    run('middle', 20),
  ]);
  expect(own.ran).toEqual(['first', 'long', 'middle', 'short']);
  expect(further).toEqual([]);
});

test('further devices share the work, hand their code to the own one and go when there is no more', async () => {
  const { own, further, run } = setUp(1, { patient: true });
  const all = ['a', 'b', 'c'].map((name, i) => run(name, 30 - i));
  await settled();
  expect(own.ran).toEqual(['a']);
  expect(further.map(({ ran }) => ran)).toEqual([['b']]);
  await further[0]?.finish();
  // The own device loads what the other has made, behind what it is at.
  expect(own.ran).toEqual(['a', 'b']);
  await own.finish();
  expect([...own.ran, ...(further[0]?.ran ?? [])].filter(name => name === 'c')).toHaveLength(1);
  for (let i = 0; i < 4; i++) {
    await own.finish();
    await further[0]?.finish();
  }
  await Promise.all(all);
  expect(further).toHaveLength(1);
  expect(further[0]?.destroyed).toBe(true);
});

test('what nobody waits for never runs first on the own device, comes after what is waited for, and can be hurried', async () => {
  const { own, further, firstUse, run } = setUp(1, { patient: true });
  const later = run('later', 90, false);
  const other = run('other', 50, false);
  await settled();
  expect(own.ran).toEqual([]);
  expect(further[0]?.ran).toEqual(['later']);
  firstUse.hurry('other'.padEnd(50));
  expect(own.ran).toEqual(['other']);
  for (let i = 0; i < 3; i++) {
    await own.finish();
    await further[0]?.finish();
  }
  await Promise.all([later, other]);
  expect(own.ran).toEqual(['other', 'later']);
});

test('while it is held, only what is waited for is made', async () => {
  const { own, further, firstUse, run } = setUp(1);
  const goOn = firstUse.hold();
  const later = run('later', 90, false);
  await run('now', 10);
  await settled();
  expect([...own.ran, ...further.flatMap(({ ran }) => ran)]).toEqual(['now']);
  goOn();
  goOn();
  await later;
  expect(own.ran).toEqual(['now', 'later']);
  const heldAgain = firstUse.hold();
  void run('still later', 90, false);
  await settled();
  expect(own.ran).toEqual(['now', 'later']);
  heldAgain();
});

test('a kernel that is waited for while it is still created does not stay behind what holds back the others', async () => {
  const own = new NotingDevice();
  const firstUse = new FirstUse(own.gpu, {
    furtherDevices: 1,
    openDevice: () => Promise.resolve(new NotingDevice().gpu),
  });
  const pipelines = new PipelineCache(own.gpu, firstUse);
  const spec = { name: 'soon', source: '@group(0) @binding(0) var<storage, read> x: array<u32>;' };
  const goOn = firstUse.hold();
  const later = pipelines.prepare([spec], { later: true });
  await pipelines.prepare([spec]);
  expect(own.ran).toEqual(['soon']);
  await later;
  goOn();
});

test('without a further device the own one makes everything', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const own = new NotingDevice();
  const openDevice = () => Promise.reject(new Error('no more of them'));
  const firstUse = new FirstUse(own.gpu, { furtherDevices: 2, openDevice });
  const { text, kernel: made } = kernel('later', 10);
  await firstUse.run(text, made, { urgent: false });
  expect(own.ran).toEqual(['later']);
});

test('a kernel that fails elsewhere fails for who asked, and the next is made all the same', async () => {
  const own = new NotingDevice();
  const further = new NotingDevice();
  let fails = true;
  Object.assign(further.gpu, {
    createComputePipelineAsync: ({ label }: { label: string }) => {
      if (!fails) return Promise.resolve({ label });
      fails = false;
      return Promise.reject(new Error('refused'));
    },
  });
  const firstUse = new FirstUse(own.gpu, {
    furtherDevices: 1,
    openDevice: () => Promise.resolve(further.gpu),
  });
  const [bad, good] = [kernel('bad', 20), kernel('good', 10)];
  const failure = hearthErrorOf(() => firstUse.run(bad.text, bad.kernel, { urgent: false }));
  const made = firstUse.run(good.text, good.kernel, { urgent: false });
  expect((await failure).message).toContain('refused');
  await made;
  expect(own.ran).toEqual(['good']);
});

test('after dispose nobody waits any more', async () => {
  const { firstUse, run } = setUp(1, { patient: true });
  void run('one', 10);
  void run('two', 10);
  const waiting = run('three', 5);
  firstUse.dispose();
  await waiting;
  await run('four', 5);
});

test('the number of compilers is a whole number from 1, else all cores within reason', async () => {
  expect(compilersInForce({ HEARTH_COMPILERS: '3' })).toBe(3);
  expect(compilersInForce({})).toBeGreaterThanOrEqual(1);
  expect(compilersInForce({})).toBeLessThanOrEqual(8);
  for (const wrong of ['0', '1.5', 'many', ''])
    expect((await hearthErrorOf(() => compilersInForce({ HEARTH_COMPILERS: wrong }))).code).toBe('badUsage');
});

test('a real device gives the same with code from another one, and counts what is compiled', async () => {
  vi.stubEnv('HEARTH_COMPILERS', '2');
  const gpu = await openGpu();
  try {
    const source = (n: number) =>
      `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
       @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = id.x * ${n}u; }`;
    const specs = [3, 5, 7, 11].map(n => ({ name: `times ${n}`, source: source(n), constants: {} }));
    const counts: string[] = [];
    gpu.pipelines.onCount.add(() => counts.push(Object.values(gpu.pipelines.counts).join('/')));
    await gpu.pipelines.prepare(specs);
    expect(counts[0]).toBe('0/4');
    expect(counts.at(-1)).toBe('4/4');
    for (const spec of specs) expect(gpu.pipelines.get(spec)?.name).toBe(spec.name);
  } finally {
    gpu.dispose();
    vi.unstubAllEnvs();
  }
});
