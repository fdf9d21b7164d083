// Machine code made before a kernel is needed, on devices that make it late. Mesa's software device (lavapipe) turns a kernel into
// machine code when it first runs, on the thread of the device's queue: one kernel at a time, while an answer waits. Here each
// kernel first runs over no workgroups, which makes its code and nothing else, on as many devices as there are cores. What the
// further devices made reaches the one at hand through the driver's cache on disk.
import { setTimeout as delay } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import { createKernel, immediateBytes, type Kernel, type KernelText } from './kernel.ts';

export interface FirstUseOptions {
  /** Opens one more device like the one at hand. */
  openDevice(): Promise<GPUDevice>;
  /** Most devices beside the one at hand; 0: it makes all code by itself. */
  furtherDevices: number;
}

interface Task {
  text: KernelText;
  /** The kernel on the device at hand. */
  kernel: Kernel;
  /** Somebody waits for it. Else it is left to the further devices, which keep no work waiting. */
  urgent: boolean;
  resolve(madeMs: number): void;
  reject(error: unknown): void;
}

/** The driver writes its cache in the background. */
const cacheWriteMs = 20;
/** Code from the cache is there in milliseconds. What took half as long as the making, and not for work before it, was made again. */
const reloadShareMax = 0.5;
const waitShareMax = 0.25;
/** Too short to tell. */
const tellingMsMin = 500;
/** Kernels made twice in a row, after which the further devices are of no use. */
const madeTwiceMax = 2;
const compilersMax = 8;
/** Larger than the largest element of any binding. */
const emptyBufferBytes = 256;

/** Cores that make code: as many as HEARTH_COMPILERS says, else all, within reason. Throws badUsage for anything but a whole number. */
export function compilersInForce(environment: NodeJS.ProcessEnv = process.env): number {
  const named = environment['HEARTH_COMPILERS'];
  const count = named === undefined ? Math.min(availableParallelism(), compilersMax) : Number(named);
  if (!Number.isInteger(count) || count < 1)
    throw errors.badUsage(phrase`HEARTH_COMPILERS must be a whole number from 1, not "${named ?? ''}".`);
  return count;
}

export class FirstUse {
  readonly #tasks: Task[] = [];
  #furtherMost: number;
  #further = 0;
  #ownBusy = false;
  #madeTwice = 0;
  #holds = 0;
  #closed = false;

  constructor(
    private readonly device: GPUDevice,
    private readonly options: FirstUseOptions,
  ) {
    this.#furtherMost = options.furtherDevices;
  }

  /**
   * Resolves when the kernel's code is made, with the time that took. Without further devices, a kernel that is not urgent is left
   * to its first real use.
   */
  run(text: KernelText, kernel: Kernel, { urgent }: { urgent: boolean }): Promise<number> {
    if (this.#closed || (!urgent && this.#furtherMost === 0)) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      this.#tasks.push({ text, kernel, urgent, resolve, reject });
      this.#start();
    });
  }

  /** Somebody now waits for the kernels with this text. */
  hurry(code: string): void {
    for (const task of this.#tasks) if (task.text.code === code) task.urgent = true;
    this.#start();
  }

  /** Until the function that is returned is called, no kernel is begun that nobody waits for: the cores are for an answer. */
  hold(): () => void {
    let held = true;
    this.#holds++;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      this.#start();
    };
  }

  /** Tasks that have not begun are dropped: their kernels are gone with the device. */
  dispose(): void {
    this.#closed = true;
    for (const task of this.#tasks.splice(0)) task.resolve(0);
  }

  #start(): void {
    if (this.#closed) return;
    if (!this.#ownBusy && this.#tasks.some(({ urgent }) => urgent)) {
      this.#ownBusy = true;
      void this.#ownLoop();
    }
    const possible = this.#holds > 0 ? this.#tasks.filter(({ urgent }) => urgent) : this.#tasks;
    while (this.#further < Math.min(this.#furtherMost, possible.length)) {
      this.#further++;
      void this.#furtherLoop();
    }
  }

  /** The next task: urgent ones first, the longest first, so that the cores end together. */
  #take(only: 'urgent' | 'any'): Task | undefined {
    let next: Task | undefined;
    for (const task of this.#tasks)
      if (
        (task.urgent || only === 'any') &&
        (!next || (task.urgent === next.urgent ? task.text.code.length > next.text.code.length : task.urgent))
      )
        next = task;
    if (next) this.#tasks.splice(this.#tasks.indexOf(next), 1);
    return next;
  }

  // Both loops are over in the same turn in which they find nothing to do, so that a task that comes next starts a new one.

  async #ownLoop(): Promise<void> {
    for (let task = this.#take('urgent'); task; task = this.#take('urgent'))
      await runEmpty(this.device, task.text, task.kernel).then(task.resolve, task.reject);
    this.#ownBusy = false;
  }

  async #furtherLoop(): Promise<void> {
    const device = await this.options.openDevice().catch((error: unknown) => {
      this.#doAlone(`no further device for compiling: ${String(error)}`);
    });
    const take = (): Task | undefined => this.#take(this.#holds > 0 ? 'urgent' : 'any');
    for (let task = device && take(); device && task; task = take())
      await this.#makeElsewhere(device, task).then(task.resolve, task.reject);
    this.#further--;
    device?.destroy();
  }

  async #makeElsewhere(device: GPUDevice, { text, kernel }: Task): Promise<number> {
    const started = performance.now();
    await runEmpty(device, text, await createKernel(device, text));
    const madeMs = performance.now() - started;
    await delay(cacheWriteMs);
    if (this.#closed) return madeMs;
    const reloadMs = await runEmpty(this.device, text, kernel);
    if (madeMs < tellingMsMin) return madeMs;
    const isSlow = reloadMs > reloadShareMax * madeMs;
    const waitMs = isSlow ? await runEmpty(this.device, text, kernel) : 0;
    this.#madeTwice = isSlow && waitMs < waitShareMax * reloadMs ? this.#madeTwice + 1 : 0;
    if (this.#madeTwice === madeTwiceMax)
      this.#doAlone(`the driver keeps no code of kernels: ${text.name} was compiled twice`);
    return madeMs;
  }

  #doAlone(why: string): void {
    if (this.#furtherMost === 0) return;
    this.#furtherMost = 0;
    console.error(`compiling on one core only: ${why}`);
    for (const task of this.#tasks) task.urgent = true;
    this.#start();
  }
}

/** Runs a kernel over no workgroups; resolves when the device is done with it, with the time that took. */
async function runEmpty(
  device: GPUDevice,
  { bindings }: KernelText,
  { compute, layout }: Kernel,
): Promise<number> {
  const started = performance.now();
  const buffers = bindings.map(() =>
    device.createBuffer({
      label: 'first use',
      size: emptyBufferBytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM,
    }),
  );
  const entries = bindings.map(({ binding }, i) => ({
    binding,
    resource: { buffer: buffers[i] as GPUBuffer },
  }));
  // Counts that lie in a buffer of zeros: Dawn prints a warning about a count of 0 that it can see.
  const groups = device.createBuffer({ label: 'no workgroups', size: 12, usage: GPUBufferUsage.INDIRECT });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(compute);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.setImmediates(0, new ArrayBuffer(immediateBytes));
  pass.dispatchWorkgroupsIndirect(groups, 0);
  pass.end();
  device.queue.submit([encoder.finish()]);
  try {
    await device.queue.onSubmittedWorkDone();
  } finally {
    for (const buffer of [...buffers, groups]) buffer.destroy();
  }
  return performance.now() - started;
}
