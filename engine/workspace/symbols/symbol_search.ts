// The engine's end of the symbol index: a worker that is started with the first files and started anew when a file hangs or breaks it.
// Nothing here waits but for an answer.
import { Worker } from 'node:worker_threads';
import { errorLine } from '../../protocol/log_line.ts';
import type { ExportedSymbol } from './exported_symbols.ts';
import type { FoundPlace } from './find_places.ts';
import type { FromIndex, ToIndex } from './index_messages.ts';
import type { IndexWorkerData } from './index_worker.ts';

/** A file that takes longer than this has hung the worker: its grammar's own limit is far below. */
const fileMsMax = 20_000;
/** A worker that ends so often is not started again: questions are answered without the index. */
const startsMax = 5;
/** A question waits so long at most for files that are not indexed yet. */
export const indexWaitMsMax = 10_000;
const memoryMbMax = 3_072;

type IndexAnswer = FromIndex & { kind: 'found' | 'listed' };

export interface SymbolSearchOptions {
  /** Uri of the workspace, for what is kept on disk. */
  workspace: string;
  /** Where outlines are kept; undefined: nowhere. */
  directory?: string | undefined;
  /** For tests. */
  fileMs?: number;
  memoryMb?: number;
  program?: URL;
}

export class SymbolSearch {
  readonly #options: SymbolSearchOptions;
  readonly #texts = new Map<string, { text: string; revision: number }>();
  readonly #hostile = new Set<string>();
  /** Given undefined where the index has failed. */
  readonly #asked = new Map<number, (answer: IndexAnswer | undefined) => void>();
  readonly #whenIdle = new Set<() => void>();
  #worker: Worker | undefined;
  #starts = 0;
  #revision = 0;
  #questions = 0;
  #reading: string | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isIdle = true;
  #parsed = 0;

  constructor(options: SymbolSearchOptions) {
    this.#options = options;
  }

  /** Files that were read by grammar or lines, rather than known from disk. */
  get parsedCount(): number {
    return this.#parsed;
  }

  /** Takes texts, in place of those of the same paths; those that are as they were stay as they are indexed. */
  put(files: readonly { path: string; text: string }[]): void {
    this.#putAnew(files.filter(({ path, text }) => this.#texts.get(path)?.text !== text));
  }

  #putAnew(files: readonly { path: string; text: string }[]): void {
    if (files.length === 0) return;
    const revised = files.map(({ path, text }) => {
      const revision = ++this.#revision;
      this.#texts.set(path, { text, revision });
      return { path, text, revision, isHostile: this.#hostile.has(path) };
    });
    this.#isIdle = false;
    this.#tell({ kind: 'put', files: revised });
  }

  remove(paths: readonly string[]): void {
    const known = paths.filter(path => this.#texts.delete(path));
    if (known.length > 0) this.#tell({ kind: 'remove', paths: known });
  }

  /**
   * The best places for a question, in the texts as they are when the answer comes. Of files that are not indexed after some seconds,
   * nothing is found. Never rejects.
   */
  async find(question: string, count: number, waitMs = indexWaitMsMax): Promise<FoundPlace[]> {
    const answer = await this.#ask(id => ({ kind: 'find', id, question, count, waitMs }));
    const places = answer?.kind === 'found' ? answer.places : [];
    return places
      .filter(this.#isOfNow)
      .map(({ path, startLine, endLine }) => ({ path, startLine, endLine }));
  }

  /**
   * What the files export, by path, in the texts as they are when the answer comes; nothing of files that are not indexed after some
   * seconds, and no more of all than has `charsMax` characters, so that of the last ones nothing may come. Never rejects.
   */
  async exportsOf(
    paths: readonly string[],
    { charsMax, waitMs = indexWaitMsMax }: { charsMax: number; waitMs?: number },
  ): Promise<ReadonlyMap<string, readonly ExportedSymbol[]>> {
    const answer = await this.#ask(id => ({ kind: 'list', id, paths, charsMax, waitMs }));
    const files = answer?.kind === 'listed' ? answer.files : [];
    return new Map(files.filter(this.#isOfNow).map(({ path, symbols }) => [path, symbols]));
  }

  readonly #isOfNow = ({ path, revision }: { path: string; revision: number }): boolean =>
    this.#texts.get(path)?.revision === revision;

  async #ask(messageWith: (id: number) => ToIndex): Promise<IndexAnswer | undefined> {
    if (this.#texts.size === 0) return undefined;
    const id = ++this.#questions;
    return new Promise(resolve => {
      this.#asked.set(id, resolve);
      this.#tell(messageWith(id));
    });
  }

  /** Resolves when all texts are indexed. */
  async idle(): Promise<void> {
    if (this.#isIdle) return;
    const idle = new Promise<void>(resolve => this.#whenIdle.add(resolve));
    this.#hold();
    await idle;
  }

  dispose(): void {
    this.#texts.clear();
    this.#stop();
    this.#starts = startsMax;
    this.#giveUp();
  }

  #tell(message: ToIndex): void {
    const worker = this.#worker ?? this.#start();
    if (!worker) return this.#giveUp();
    worker.postMessage(message);
    this.#hold();
  }

  /** An engine that has nothing else to do may end, but not while somebody waits. */
  #hold(): void {
    if (this.#asked.size + this.#whenIdle.size > 0) this.#worker?.ref();
    else this.#worker?.unref();
  }

  #start(): Worker | undefined {
    if (this.#starts >= startsMax) return undefined;
    this.#starts++;
    const { directory, workspace, program = programHere, memoryMb = memoryMbMax } = this.#options;
    const data: IndexWorkerData = { directory, workspace };
    const worker = new Worker(program, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      // Where TypeScript is run as it is, that is no news.
      execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
    });
    worker.on('message', (message: FromIndex) => worker === this.#worker && this.#hear(worker, message));
    worker.on('error', error => this.#fail(worker, String(error)));
    worker.on('exit', () => this.#fail(worker, 'it ended'));
    this.#worker = worker;
    return worker;
  }

  #hear(worker: Worker, message: FromIndex): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#reading = undefined;
    if (message.kind === 'reading') {
      this.#reading = message.path;
      // What was said while this thread was busy is heard first.
      const late = (): void => {
        setImmediate(() => this.#watch === watch && this.#fail(worker, 'it took too long'));
      };
      const watch = setTimeout(late, this.#options.fileMs ?? fileMsMax);
      watch.unref();
      this.#watch = watch;
    } else if (message.kind === 'idle') {
      this.#parsed += message.parsed;
      this.#becomeIdle();
    } else if (message.kind === 'found' || message.kind === 'listed') {
      this.#asked.get(message.id)?.(message);
      this.#asked.delete(message.id);
      this.#hold();
    } else console.error(errorLine(message.text));
  }

  /** Starts anew with all texts; the one that was being read goes without its grammar. */
  #fail(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    const path = this.#reading;
    const about = path === undefined ? '' : ` at ${path}, which is indexed without its symbols`;
    console.error(errorLine(`the symbol index begins anew${about}: ${why}`));
    if (path !== undefined) this.#hostile.add(path);
    this.#stop();
    this.#answerNothing();
    this.#putAnew([...this.#texts].map(([known, { text }]) => ({ path: known, text })));
  }

  #stop(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#reading = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  /** Nothing can be found any more. */
  #giveUp(): void {
    this.#answerNothing();
    this.#becomeIdle();
  }

  #answerNothing(): void {
    for (const answer of this.#asked.values()) answer(undefined);
    this.#asked.clear();
  }

  #becomeIdle(): void {
    this.#isIdle = true;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle.clear();
    this.#hold();
  }
}

/** Beside the bundle of the engine, or beside this file where that is run as it is. */
const programHere = new URL(
  import.meta.url.endsWith('.ts') ? './index_worker.ts' : './symbol_worker.mjs',
  import.meta.url,
);
