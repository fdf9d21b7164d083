// Keeps the engine's picture of the workspace up to date: all files once, then changes, and all again when the engine's
// process is another one. Another model in the same process is sent no file: the engine has kept them all.
// Begins only when somebody wants it, and sends nothing when nothing is new. No vscode.
import { inEnglish } from '../../engine/protocol/phrase.ts';
import { createHash } from 'node:crypto';
import { CancellationTokenSource, Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import type { WalkEntry } from '../../engine/shared/files/walk.ts';
import { limits } from '../../engine/protocol/limits.ts';
import type { IngestParams, WorkspaceStatus } from '../../engine/protocol/workspace.ts';
import type { WorkspaceView } from '../../webview/protocol.ts';
import type { Disposable } from '../dispose.ts';
import { asKnownError } from '../known_error.ts';
import { say } from '../l10n.ts';
import type { EngineClient } from '../link/client.ts';
import type { EngineState } from '../link/engine_state.ts';
import type { Log } from '../log.ts';
import { batched, type Batch } from './batches.ts';
import type { Changes } from './change_batch.ts';
import { filesSeenText, seenByAll, shownRows } from './files_seen.ts';
import { firstQuestion } from './first_question.ts';
import { SampleQuestions } from './sample_question.ts';

/** Skipped files named in one read of a workspace; more only repeat the same reasons. */
const skippedFilesMax = 2_000;

/** The files, as the crawler finds them. */
export interface WorkspaceSource {
  /** Undefined: no folder is open. */
  name(): string | undefined;
  /** Tells it from others of the same name; undefined: no folder is open. */
  uri(): string | undefined;
  readAll(isCancelled: () => boolean): AsyncIterable<WalkEntry>;
  /** Files as they are found, for whoever wants only some. */
  readSome(isCancelled: () => boolean): AsyncIterable<WalkEntry>;
  readChanged(paths: readonly string[], isCancelled: () => boolean): AsyncIterable<WalkEntry>;
  /** Files that are open, the one looked at last first. */
  recentPaths(): string[];
  /** Stands for all that the user has decided about files. */
  decided(): string;
  /** Files whose text in the editor is not on the disk; they are read as the editor has them. */
  unsavedPaths(): string[];
}
interface Engine {
  client: Pick<EngineClient, 'ingest' | 'forgetWorkspace' | 'onWorkspaceStatus'>;
  /** Another process knows no files. */
  process: number;
  /** Another model has the same files, but lays them out by its own tokens and budget. */
  generation: number;
}
export interface WorkspaceIngestDeps {
  engine: {
    readonly state: Pick<EngineState, 'kind'>;
    whenReady(token: CancellationToken, options: { retryFailed: boolean }): Promise<Engine | undefined>;
  };
  source: WorkspaceSource;
  /** Most tokens of the files that the model reads before a question; undefined: as many as the model allows. */
  blockTokensMax(): number | undefined;
  /** False: the engine reads nothing before somebody asks, to spare the battery. */
  readsAhead(): Promise<boolean>;
  log: Log;
}

/** As the engine is told of it. */
type Named = Pick<IngestParams, 'workspace' | 'name'>;

/** A last batch without files: has the engine bring the layout up to date and read it ahead, and say what came of it. */
const noFiles: Batch = { files: [], skipped: [], final: true };
const noView: WorkspaceView = {
  state: 'none',
  fileCount: 0,
  filesSeen: '',
  leftOut: [],
  leftOutMore: 0,
  blockTokens: 0,
  budgetTokens: 0,
};

export class WorkspaceIngest implements Disposable {
  readonly #changed = new Emitter<WorkspaceView>();
  readonly #life = new CancellationTokenSource();
  /** What the engine was told: files by path, with a digest of their text, and files that were skipped, with the reason. */
  readonly #known = new Map<string, string>();
  readonly #skipped = new Map<string, string>();
  readonly #questions = new SampleQuestions();
  #view: WorkspaceView = noView;
  #status: WorkspaceStatus | undefined;
  #job: Promise<void> | undefined;
  #wanted = false;
  /** The epoch in which a first question was looked for. */
  #lookedIn: number | undefined;
  /** Rises when everything must be read again. */
  #epoch = 0;
  /** What was read last, the process that it was sent to, and the model that has laid it out. */
  #read: { epoch: number; process: number; generation: number } | undefined;
  /** The workspace that a process knows, by its uri. */
  #told: { uri: string; process: number } | undefined;
  /** The process whose news of the workspace are heard. */
  #heard: { process: number; subscription: Disposable } | undefined;
  /** The bound of the block that the engine was told last. */
  #blockTokensMax: number | undefined;
  #changes = { changed: new Set<string>(), removed: new Set<string>() };
  /** The user has decided something: the files of the block are to be chosen anew. */
  #packAnew = false;
  /** Files that were unsaved at the last question. */
  #unsaved: readonly string[] = [];

  constructor(private readonly deps: WorkspaceIngestDeps) {
    this.#view = { ...noView, name: deps.source.name() };
  }

  get view(): WorkspaceView {
    return this.#view;
  }
  /** What the engine made of the files, once it has seen them all. */
  get status(): WorkspaceStatus | undefined {
    return this.#status;
  }
  get onDidChangeView(): Event<WorkspaceView> {
    return this.#changed.event;
  }

  /** Brings the engine up to date. Resolves with the workspace's uri; undefined without a folder, or when cancelled. */
  async ensure(token: CancellationToken): Promise<string | undefined> {
    const uri = this.deps.source.uri();
    if (uri === undefined) return undefined;
    this.#wanted = true;
    this.#noteUnsaved();
    const cancelled = new Promise<void>(resolve => token.onCancellationRequested(() => resolve()));
    await Promise.race([this.#sync(), cancelled]);
    return token.isCancellationRequested ? undefined : uri;
  }

  /** The workspace's uri, where this process of the engine has been told of its files. */
  knownTo(process: number): string | undefined {
    return this.#told?.process === process ? this.#told.uri : undefined;
  }

  /** The files will be asked about: they are read ahead as soon as an engine runs. Until then nothing is sent. */
  prepare(): void {
    if (this.deps.source.uri() === undefined) return;
    this.#wanted = true;
    this.update();
  }

  /** Reads everything again, unless nobody has asked for the workspace yet. */
  refresh(): void {
    this.#epoch += 1;
    this.#setView({ ...noView, name: this.deps.source.name() });
    this.update();
  }

  /** Takes over changes of files. Both lists hold paths; a removed folder stands for all its files. */
  change({ changed, removed }: Changes): void {
    for (const path of removed) {
      this.#changes.changed.delete(path);
      this.#changes.removed.add(path);
    }
    for (const path of changed) {
      this.#changes.removed.delete(path);
      this.#changes.changed.add(path);
    }
    this.update();
  }

  /** The user has decided something about the file at `path`. */
  choose(path: string): void {
    this.#packAnew = true;
    this.change({ changed: [path], removed: [] });
  }

  /**
   * Brings the engine up to date in the background, unless nobody has asked for the workspace yet. An engine that does not run is
   * not started for it. To be called when a model has become ready, and when the engine has stopped.
   */
  update(): void {
    if (!this.#wanted || (this.deps.source.name() === undefined && !this.#told)) return;
    const work = this.#engineIsStopped ? this.#waitForEngine() : this.#sync();
    work.catch((error: unknown) => this.deps.log.warn(`Workspace: ${asKnownError(error).message}`));
  }

  dispose(): void {
    this.#life.cancel();
    this.#heard?.subscription.dispose();
    this.#changed.dispose();
  }

  /** What is typed is looked at when somebody asks, not with every key; and once more when it has been saved or given up. */
  #noteUnsaved(): void {
    const now = this.deps.source.unsavedPaths();
    for (const path of [...this.#unsaved, ...now]) this.#changes.changed.add(path);
    this.#unsaved = now;
  }

  get #engineIsStopped(): boolean {
    return this.deps.engine.state.kind === 'stopped';
  }

  /** A read that ended with the engine did not fail: it begins anew with the next question. A first one is looked for. */
  async #waitForEngine(): Promise<void> {
    const name = this.deps.source.name();
    if (this.#view.state === 'reading' || this.#view.state === 'failed') this.#setView({ ...noView, name });
    if (this.#view.state !== 'none' || this.#lookedIn === this.#epoch) return;
    const epoch = (this.#lookedIn = this.#epoch);
    const isCancelled = (): boolean =>
      this.#life.token.isCancellationRequested || epoch !== this.#epoch || this.#view.state !== 'none';
    const sampleQuestion = await firstQuestion(this.deps.source, isCancelled);
    if (sampleQuestion !== undefined && !isCancelled()) this.#setView({ ...this.#view, sampleQuestion });
  }

  #sync(): Promise<void> {
    return (this.#job ??= this.#bringUpToDate());
  }

  async #bringUpToDate(): Promise<void> {
    try {
      for (;;) {
        const engine = await this.deps.engine.whenReady(this.#life.token, { retryFailed: false });
        const { source } = this.deps;
        const [uri, name] = [source.uri(), source.name()];
        if (!engine) return;
        this.#hear(engine);
        if (this.#told && this.#told.uri !== uri) await this.#forget(engine, this.#told);
        if (uri === undefined || name === undefined) return;
        const workspace = { workspace: uri, name };
        if (this.#read?.epoch !== this.#epoch || this.#read.process !== engine.process)
          await this.#readAll(engine, workspace);
        else if (this.#changes.changed.size + this.#changes.removed.size > 0)
          await this.#sendChanges(engine, workspace);
        else if (
          this.#read.generation !== engine.generation ||
          this.#blockTokensMax !== this.deps.blockTokensMax()
        ) {
          await this.#send(engine, workspace, noFiles, { reset: false, removedPaths: [] });
          this.#read = { ...this.#read, generation: engine.generation };
        } else return;
      }
    } catch (error) {
      // It is not known what has reached the engine, so that the next time everything is read again.
      this.#read = undefined;
      const name = this.deps.source.name();
      if (this.#engineIsStopped) this.#setView({ ...noView, name });
      else if (name !== undefined) this.#setView({ ...this.#view, state: 'failed' });
      throw error;
    } finally {
      // In the same turn in which nothing more was found to do: what comes now begins another job.
      this.#job = undefined;
    }
  }

  /** The folder was closed, or others were opened: the engine need not keep the files of before. */
  async #forget(engine: Engine, told: { uri: string; process: number }): Promise<void> {
    this.#read = undefined;
    this.#status = undefined;
    if (told.process === engine.process) await engine.client.forgetWorkspace(told.uri);
    this.#told = undefined;
  }

  async #readAll(engine: Engine, workspace: Named): Promise<void> {
    const epoch = this.#epoch;
    const isCancelled = (): boolean => this.#life.token.isCancellationRequested || epoch !== this.#epoch;
    this.#changes = { changed: new Set(), removed: new Set() };
    this.#known.clear();
    this.#skipped.clear();
    this.#questions.clear();
    this.#setView({ ...noView, name: workspace.name, state: 'reading' });
    let reset = true;
    for await (const batch of this.#batches(this.deps.source.readAll(isCancelled))) {
      if (isCancelled()) return;
      await this.#send(engine, workspace, batch, { reset, removedPaths: [] });
      reset = false;
    }
    this.#read = { epoch, process: engine.process, generation: engine.generation };
    this.deps.log.info(`Workspace "${workspace.name}": ${this.#known.size} files read.`);
  }

  async #sendChanges(engine: Engine, workspace: Named): Promise<void> {
    const { changed, removed } = this.#changes;
    this.#changes = { changed: new Set(), removed: new Set() };
    const isCancelled = (): boolean => this.#life.token.isCancellationRequested;
    // A changed path that the walk does not find is gone: it may be ignored now, or a file may have replaced a folder.
    const gone = new Set([...removed, ...changed].flatMap(path => this.#knownUnder(path)));
    const entries = this.deps.source.readChanged([...changed].sort(), isCancelled);
    for await (const batch of this.#batches(this.#news(entries, gone))) {
      for (const { path } of [...batch.files, ...batch.skipped]) gone.delete(path);
      const removedPaths = batch.final ? [...gone] : [];
      if (batch.files.length + batch.skipped.length + removedPaths.length > 0 || this.#packAnew)
        await this.#send(engine, workspace, batch, { reset: false, removedPaths });
    }
  }

  /** Passes on only what the engine does not know yet. The other entries are still there: they are taken out of `gone`. */
  async *#news(entries: AsyncIterable<WalkEntry>, gone: Set<string>): AsyncGenerator<WalkEntry> {
    for await (const entry of entries) {
      const isOld =
        entry.kind === 'file'
          ? this.#known.get(entry.file.path) === digestOf(entry.file.text)
          : this.#skipped.get(entry.path) === inEnglish(entry.reason);
      if (isOld) gone.delete(entry.kind === 'file' ? entry.file.path : entry.path);
      else yield entry;
    }
  }

  #knownUnder(path: string): string[] {
    if (this.#known.has(path) || this.#skipped.has(path)) return [path];
    return [...this.#known.keys(), ...this.#skipped.keys()].filter(known => known.startsWith(`${path}/`));
  }

  async #send(
    engine: Engine,
    workspace: Named,
    batch: Batch,
    how: { reset: boolean; removedPaths: string[] },
  ): Promise<void> {
    const blockTokensMax = this.deps.blockTokensMax();
    const readLater = batch.final && !(await this.deps.readsAhead());
    // A choice that is made while this is on its way is for the next one.
    const packAnew = batch.final && this.#packAnew;
    if (packAnew) this.#packAnew = false;
    const last = batch.final
      ? {
          ...(readLater && { readLater }),
          recentPaths: this.deps.source.recentPaths(),
          decided: this.deps.source.decided(),
          ...(packAnew && { packAnew }),
        }
      : {};
    const params = { ...workspace, ...batch, ...how, blockTokensMax, ...last };
    this.#told = { uri: workspace.workspace, process: engine.process };
    const status = await engine.client.ingest(params, this.#life.token).catch((error: unknown) => {
      this.#packAnew ||= packAnew;
      throw error;
    });
    this.#blockTokensMax = blockTokensMax;
    for (const path of how.removedPaths) {
      this.#known.delete(path);
      this.#skipped.delete(path);
      this.#questions.remove(path);
    }
    for (const { path, text } of batch.files) {
      this.#known.set(path, digestOf(text));
      this.#questions.put(path, text);
      this.#skipped.delete(path);
    }
    for (const { path, reason } of batch.skipped) {
      this.#skipped.set(path, inEnglish(reason));
      this.#known.delete(path);
      this.#questions.remove(path);
    }
    if (!batch.final) {
      this.#setView({ ...this.#view, fileCount: this.#known.size });
      return;
    }
    this.#showStatus(workspace.name, status);
  }

  /** An engine may lay out the block again by itself. */
  #hear({ process, client }: Engine): void {
    if (this.#heard?.process === process) return;
    this.#heard?.subscription.dispose();
    const subscription = client.onWorkspaceStatus(status => {
      const { state, name } = this.#view;
      // What a running read makes of the files is on its way.
      if (state === 'ready' && name !== undefined && status.workspace === this.#told?.uri)
        this.#showStatus(name, status);
    });
    this.#heard = { process, subscription };
  }

  #showStatus(name: string, status: WorkspaceStatus): void {
    this.#status = status;
    const { fileCount, included, blockTokens, budgetTokens } = status;
    this.#setView({
      name,
      state: 'ready',
      fileCount,
      filesSeen: filesSeenText(seenByAll(status)),
      ...shownRows(status.leftOut.map(file => ({ ...file, reason: say(file.reason) }))),
      blockTokens,
      budgetTokens,
      sampleQuestion: this.#questions.among(included.map(({ path }) => path)),
    });
  }

  #batches(entries: AsyncIterable<WalkEntry>): AsyncIterable<Batch> {
    return batched(entries, {
      batchBytesMax: limits.ingestBatchBytesMax,
      skippedMax: skippedFilesMax,
    });
  }

  #setView(view: WorkspaceView): void {
    this.#view = view;
    this.#changed.fire(view);
  }
}

function digestOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
