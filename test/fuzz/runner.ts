// Runs fuzz jobs in child processes, a few at a time: a hang, an abort or too much memory ends the child, not the tests,
// and is reported with the seed and the files of the case.
import { fork, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleChild, root } from '../support/child_bundle.ts';
import type { Job, Report } from './jobs.ts';

/** Heap of a child; the rest of the 256 MB is for buffers. */
const heapMegabytes = 256;
/** A larger file is not kept: it is mostly a hole, which a copy would fill. The seed makes it again. */
const keptBytesMax = 256 * 2 ** 20;
/** A child that has not started by then never will: on a busy machine it reads its seeds for longer than a case may hang. */
const startMsMax = 60_000;

export interface RunnerOptions {
  /** For the bundle and the files of cases at hand. */
  directory: string;
  /** Kept cases; default test-results/fuzz. */
  keepIn?: string;
  /** Children at a time. */
  children?: number;
  /** A case that says nothing for so long hangs: many times what any case takes. */
  hangMs?: number;
  /** The program of the children. */
  program?: string;
  /** Heap limit of a child; the GPU's library needs more. */
  nodeArguments?: string[];
}

export type JobInput = Omit<Job, 'directory'>;
export interface JobResult extends JobInput {
  outcomes: Record<string, number>;
  slowestMs: number;
  /** What went wrong, and where the files of the case are. */
  failure?: string;
}

/** Bundles the child and starts it; `run` does jobs in order of the list, `close` ends all. */
export class FuzzRunner {
  readonly #options: Required<RunnerOptions>;
  #bundle = '';
  readonly #idle: Child[] = [];
  readonly #all = new Set<Child>();
  #kinds: Record<string, number> = {};

  private constructor(options: RunnerOptions) {
    this.#options = {
      keepIn: join(root, 'test-results', 'fuzz'),
      children: 2,
      hangMs: 20_000,
      program: 'test/fuzz/child.ts',
      nodeArguments: [`--max-old-space-size=${heapMegabytes}`],
      ...options,
    };
  }

  static async start(options: RunnerOptions): Promise<FuzzRunner> {
    const runner = new FuzzRunner(options);
    const { program, directory } = runner.#options;
    runner.#bundle = await bundleChild(program, directory);
    runner.#idle.push(await runner.#child());
    return runner;
  }

  /** The kinds of cases and their shares. */
  get kinds(): Record<string, number> {
    return this.#kinds;
  }

  /** Results in the order of the jobs. */
  async run(jobs: readonly JobInput[]): Promise<JobResult[]> {
    const results: JobResult[] = [];
    const left = [...jobs.entries()];
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await this.#job(next[1]);
    };
    await Promise.all(Array.from({ length: Math.min(this.#options.children, jobs.length) }, work));
    return results;
  }

  close(): void {
    for (const child of this.#all) child.end();
  }

  async #job(input: JobInput): Promise<JobResult> {
    const child = this.#idle.pop() ?? (await this.#child());
    const report = await child.run({ ...input, directory: child.directory });
    if (report.type === 'done') this.#idle.push(child);
    else this.#all.delete(child);
    const failure =
      report.type === 'done' ? report.failure : report.type === 'died' ? report.why : 'it said nothing';
    const { outcomes, slowestMs } = report.type === 'done' ? report : { outcomes: {}, slowestMs: 0 };
    return {
      ...input,
      outcomes,
      slowestMs,
      ...(failure === undefined ? {} : { failure: `${failure}\n${this.#keep(input, child.directory)}` }),
    };
  }

  /** Copies the files of the case at hand to where they stay. */
  #keep({ kind, seed }: JobInput, directory: string): string {
    const kept = join(this.#options.keepIn, `${kind.replaceAll(/\W+/g, '_')}-${seed}`);
    rmSync(kept, { recursive: true, force: true });
    if (existsSync(directory))
      cpSync(directory, kept, { recursive: true, filter: file => statSync(file).size <= keptBytesMax });
    return `Files: ${relative(root, kept)}. Again: HEARTH_FUZZ_ONLY="${kind}:${seed}"`;
  }

  async #child(): Promise<Child> {
    const directory = join(this.#options.directory, `case-${this.#all.size}-${process.pid}-${Child.count++}`);
    mkdirSync(directory, { recursive: true });
    const child = new Child(this.#bundle, directory, this.#options);
    this.#all.add(child);
    const ready = await child.ready;
    if (ready.type !== 'ready') throw new Error(`the fuzz child did not start: ${JSON.stringify(ready)}`);
    this.#kinds = ready.kinds;
    return child;
  }
}

/** One process; a job at a time. */
class Child {
  static count = 0;
  readonly ready: Promise<Report>;
  readonly #process: ChildProcess;
  readonly #hangMs: number;
  #settle: (report: Report) => void = () => {};
  #watch: NodeJS.Timeout | undefined;
  #said = '';

  constructor(
    bundle: string,
    readonly directory: string,
    { nodeArguments, hangMs }: Required<RunnerOptions>,
  ) {
    this.#hangMs = hangMs;
    this.#process = fork(bundle, [], {
      cwd: root,
      execArgv: [...nodeArguments],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-2000)),
    );
    this.#process.on('message', (report: Report) => this.#hear(report));
    // After its output has been read.
    this.#process.on('close', (code, signal) =>
      this.#end({ type: 'died', why: `the process ended (${signal ?? code})\n${this.#said}` }),
    );
    this.#process.on('error', error => this.#end({ type: 'died', why: error.message }));
    this.ready = this.#answer(startMsMax);
  }

  run(job: Job): Promise<Report> {
    const answer = this.#answer();
    this.#process.send(job);
    return answer;
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }

  #answer(silentMs = this.#hangMs): Promise<Report> {
    return new Promise(resolve => {
      this.#settle = resolve;
      this.#rewind(silentMs);
    });
  }

  #hear(report: Report): void {
    if (report.type === 'case') this.#rewind();
    else this.#end(report);
  }

  #rewind(silentMs = this.#hangMs): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#end({ type: 'died', why: `a case did not end in ${silentMs / 1000} s` });
      this.end();
    }, silentMs);
  }

  #end(report: Report): void {
    clearTimeout(this.#watch);
    this.#settle(report);
  }
}
