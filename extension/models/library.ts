// The models of this machine as the page sees them: catalogue, installed models, downloads, advice. No vscode: the editor's
// parts (settings, secrets, memory) are passed in.
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { basename, dirname, isAbsolute } from 'node:path';
import { Emitter } from 'vscode-jsonrpc/node';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { modelErrors } from './errors.ts';
import type { KnownDevice } from '../known_device.ts';
import type { StoredValue } from '../stored_value.ts';
import { AddedModels } from './added_models.ts';
import { canonicalPath } from './canonical_path.ts';
import { findVariant, readCatalogue } from './catalogue.ts';
import type { CatalogueEntry } from '../../engine/shared/architecture/catalogue.ts';
import type { LoadingChoices, MachineFacts } from './fit/advice.ts';
import { Hub, parseReference } from './hub/hub.ts';
import { globalFetch, hubEndpoint } from './hub/hub_request.ts';
import { defaultRetryPolicy } from './hub/retry.ts';
import { withFacts, type InstalledModel } from './installed_model.ts';
import { lookUp, type RepositoryFacts } from './look_up.ts';
import { adviseAll, type MachineAdvice } from './machine_advice.ts';
import { findFiles, nameOf, planImport } from './planning.ts';
import { diskReserveBytes, realDisk, type Disk } from './transfer/disk.ts';
import { Downloads, type DownloadState } from './transfer/downloads.ts';
import type { FetchLimits } from './transfer/fetch_file.ts';
import type { DownloadChoice, Plan } from './transfer/plan.ts';
import { ModelStore } from './transfer/store.ts';
import type { TransferTools } from './transfer/transfer.ts';
import { verifyModel, type VerifyResult } from './transfer/verify.ts';

/** All that the page shows; sent whole on every change. */
export interface LibraryState {
  installed: InstalledModel[];
  downloads: DownloadState[];
  /** Models being verified now, by id. */
  verifying: { id: string; bytesDone: number; bytesTotal: number }[];
}

export interface LibraryOptions {
  /** The folder of models: the setting, or a folder of the extension's own when that is empty. */
  folder(): string;
  cataloguePath: string;
  /** The model that comes with Hearth. */
  embeddedPath: string;
  /** The user's token for gated repositories. */
  token(): Promise<string | undefined>;
  /** Remembers models that stay where they are. */
  added: StoredValue;
  environment: Record<string, string | undefined>;
  /** What the settings do to every model. */
  loading?(): LoadingChoices;
  warn(message: string): void;
  fetch?: typeof fetch;
  disk?: Disk;
  limits?: LibraryLimits;
}

export interface LibraryLimits extends FetchLimits {
  /** The longest that a look-up of a repository may take. */
  lookUpMsMax: number;
}

const usualLimits: LibraryLimits = {
  ...defaultRetryPolicy,
  connections: 4,
  pieceBytes: 64 * 1024 * 1024,
  silenceMsMax: 60_000,
  lookUpMsMax: 60_000,
};
/** The user waits for what the hub says, and should soon learn that there is no network. */
const askAttemptsMax = 3;
/** While only counts move, the page hears of them no more often than this. */
const changeEveryMs = 250;

/** What the page and the commands call. Failures are rejections with HearthError. */
export class ModelLibrary {
  readonly #changed = new Emitter<LibraryState>();
  readonly #added: AddedModels;
  readonly #downloads: Downloads;
  readonly #closing = new AbortController();
  #catalogue: CatalogueEntry[] = [];
  #installed: InstalledModel[] = [];
  #verifying = new Map<string, { id: string; bytesDone: number; bytesTotal: number }>();
  #store: ModelStore | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(private readonly options: LibraryOptions) {
    this.#added = new AddedModels(options.added);
    this.#downloads = new Downloads(() => this.#tools(), {
      changed: ({ soon }) => (soon ? this.#fireSoon() : this.#fire()),
      installed: async model => {
        this.#list(await withFacts(model, this.#catalogue));
      },
    });
  }

  /** What the page shows now. */
  get state(): LibraryState {
    return {
      installed: this.#installed,
      downloads: this.#downloads.states,
      verifying: [...this.#verifying.values()].map(one => ({ ...one })),
    };
  }

  /** Fires at most a few times a second while something is under way. Returns how to stop listening. */
  onDidChange(listener: (state: LibraryState) => void): { dispose(): void } {
    return this.#changed.event(listener);
  }

  /** Reads the disk and lists the downloads of earlier sessions as paused. Call it first. */
  async open(): Promise<void> {
    this.#catalogue = await readCatalogue(this.options.cataloguePath);
    const folder = this.options.folder();
    if (!isAbsolute(folder))
      throw errors.badUsage(
        phrase`The setting "hearth.models.directory" must be an absolute path, not "${folder}".`,
      );
    if (this.#store?.folder !== folder) {
      await this.#downloads.pauseAll();
      this.#store = new ModelStore(folder, this.options.warn);
    }
    const store = this.#store;
    await this.#readInstalled(store);
    await this.#downloads.adoptPlans(() => store.plans());
  }

  /** The models that Hearth offers; empty before `open`. */
  catalogue(): CatalogueEntry[] {
    return this.#catalogue;
  }

  /** The models that may be chosen now; empty before `open`. */
  list(): InstalledModel[] {
    return this.#installed;
  }

  /** Advice about the catalogue and what is installed. */
  async advise(device: KnownDevice | undefined): Promise<MachineAdvice> {
    return adviseAll(this.#catalogue, this.#installed, await this.#machine(device));
  }

  /**
   * Asks the hub what a repository holds; `reference` is `owner/name`, with or without `@revision`, or its page's address. An
   * aborted signal ends it with the signal's reason.
   */
  async lookUp(
    reference: string,
    device: KnownDevice | undefined,
    signal?: AbortSignal,
  ): Promise<RepositoryFacts> {
    const { repository, revision } = parseReference(reference);
    const { warn, limits = usualLimits } = this.options;
    const ends = [this.#closing.signal, ...(signal ? [signal] : [])];
    return lookUp(repository, revision, {
      hub: this.#tools().hub,
      catalogue: this.#catalogue,
      machine: await this.#machine(device),
      signal: AbortSignal.any(ends),
      lookUpMsMax: limits.lookUpMsMax,
      warn,
    });
  }

  /** Queues a download and returns its id at once; what follows arrives in `state.downloads`. */
  async download(choice: DownloadChoice): Promise<string> {
    if (choice.kind === 'catalogue' && !findVariant(this.#catalogue, choice).entry.repository)
      throw errors.badUsage(phrase`This model comes with Hearth; there is nothing to fetch.`);
    if (choice.kind === 'repository') parseReference(choice.repository);
    return this.#add({ kind: 'download', name: nameOf(choice, this.#catalogue), choice, files: [] });
  }

  /** Stops a download and keeps what was fetched. */
  pause(downloadId: string): Promise<void> {
    return this.#downloads.pause(downloadId);
  }

  /** Continues a paused or failed download. */
  async resume(downloadId: string): Promise<void> {
    this.#downloads.resume(downloadId);
  }

  /** Ends it and removes what was fetched; also clears a finished or failed entry. */
  cancel(downloadId: string): Promise<void> {
    return this.#downloads.cancel(downloadId);
  }

  /** Copies a model from a folder (e.g. a USB disk) into Hearth's own, checked; returns the id in `state.downloads`. */
  async importFolder(path: string): Promise<string> {
    if (!isAbsolute(path)) throw errors.badUsage(phrase`${path} is not an absolute path.`);
    const planned = await planImport(path);
    return this.#add({ ...planned, kind: 'import', source: path });
  }

  /** Uses a .gguf file or safetensors folder where it is. */
  async addFile(path: string): Promise<InstalledModel> {
    const real = await canonicalPath(path);
    for (const model of this.#installed) if ((await canonicalPath(model.path)) === real) return model;
    const model = await withFacts(await this.#added.add(path), this.#catalogue);
    this.#list(model);
    return model;
  }

  /** Checks the files of a model again. */
  async verify(modelId: string): Promise<VerifyResult> {
    const model = this.#find(modelId);
    if (this.#verifying.has(modelId))
      throw modelErrors.modelBusy(phrase`${model.name} is being checked already.`);
    const at = { id: modelId, bytesDone: 0, bytesTotal: model.bytes };
    this.#verifying.set(modelId, at);
    this.#fire();
    try {
      const result = await verifyModel(folderOf(this.revealPath(modelId), model), model, bytesDone => {
        at.bytesDone = bytesDone;
        this.#fireSoon();
      });
      if (result.ok && model.managed) {
        const verifiedAt = new Date().toISOString();
        await this.#opened().setVerified(modelId, verifiedAt);
        this.#installed = this.#installed.map(one => (one.id === modelId ? { ...one, verifiedAt } : one));
      }
      return result;
    } finally {
      this.#verifying.delete(modelId);
      this.#fire();
    }
  }

  /** Removes a model of Hearth's own folder from disk; takes any other off the list. */
  async delete(modelId: string): Promise<void> {
    const model = this.#find(modelId);
    if (model.origin.kind === 'embedded')
      throw errors.badUsage(phrase`The model that comes with Hearth stays.`);
    if (this.#verifying.has(modelId)) throw modelErrors.modelBusy(phrase`${model.name} is being checked.`);
    if (model.managed) await this.#opened().remove(modelId);
    else await this.#added.forget(model.path);
    this.#installed = this.#installed.filter(({ id }) => id !== modelId);
    this.#fire();
  }

  /** What to reveal in the file manager. */
  revealPath(modelId: string): string {
    const model = this.#find(modelId);
    return model.path === '' ? this.options.embeddedPath : model.path;
  }

  /** Stops what is under way and keeps what was fetched. Await it in `deactivate`. */
  async close(): Promise<void> {
    clearTimeout(this.#soon);
    this.#closing.abort();
    await this.#downloads.close();
    clearTimeout(this.#soon);
    this.#changed.dispose();
  }

  /** Lists a model, in place of an older entry of the same id. */
  #list(model: InstalledModel): void {
    this.#installed = [...this.#installed.filter(({ id }) => id !== model.id), model];
    this.#fire();
  }

  async #add(plan: Omit<Plan, 'version' | 'id' | 'createdAt'>): Promise<string> {
    const id = randomUUID();
    await this.#downloads.add({ version: 1, id, createdAt: new Date().toISOString(), ...plan });
    return id;
  }

  #opened(): ModelStore {
    if (!this.#store) throw errors.badUsage(phrase`The list of models has not been read yet.`);
    return this.#store;
  }

  #tools(): TransferTools {
    const { fetch = globalFetch, disk = realDisk, limits = usualLimits, token, environment } = this.options;
    const attemptsMax = Math.min(limits.attemptsMax, askAttemptsMax);
    const hub = new Hub({ endpoint: hubEndpoint(environment), token, fetch }, { ...limits, attemptsMax });
    const catalogue = this.#catalogue;
    return {
      store: this.#opened(),
      hub,
      disk,
      limits,
      findFiles: (plan, signal) => findFiles(plan, { hub, catalogue }, signal),
    };
  }

  #find(modelId: string): InstalledModel {
    const model = this.#installed.find(({ id }) => id === modelId);
    if (!model) throw errors.badUsage(phrase`This model is not there any more.`);
    return model;
  }

  async #readInstalled(store: ModelStore): Promise<void> {
    const own = await store.installed();
    own.sort((a, b) => a.name.localeCompare(b.name));
    const found = [...own, ...(await this.#added.list())];
    const known = await Promise.all(found.map(model => withFacts(model, this.#catalogue)));
    const embedded = await this.#embedded();
    this.#installed = [...(embedded ? [embedded] : []), ...known];
  }

  async #embedded(): Promise<InstalledModel | undefined> {
    const path = this.options.embeddedPath;
    const found = await stat(path).catch(() => undefined);
    const entry = this.#catalogue.find(({ repository }) => repository === undefined);
    if (!found || !entry) return undefined;
    const { name, licence, shape, contextTokens } = entry;
    return {
      id: 'embedded',
      name,
      path: '',
      bytes: found.size,
      origin: { kind: 'embedded' },
      files: [{ name: basename(path), bytes: found.size, fromHub: false }],
      licence,
      shape,
      contextTokens,
      addedAt: found.mtime.toISOString(),
      managed: false,
    };
  }

  async #machine(device: KnownDevice | undefined): Promise<MachineFacts> {
    const freeBytes = await (this.options.disk ?? realDisk).freeBytes(this.options.folder());
    return {
      device,
      downloadRoomBytes: freeBytes === undefined ? undefined : freeBytes - diskReserveBytes,
      hostMemoryBytes: totalmem(),
      hostMemoryFreeBytes: freemem(),
      loading: this.options.loading?.(),
    };
  }

  #fire(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#changed.fire(this.state);
  }

  #fireSoon(): void {
    this.#soon ??= setTimeout(() => this.#fire(), changeEveryMs);
  }
}

/** The folder that a model's files lie in, from the file or folder that is loaded. */
function folderOf(path: string, { files }: InstalledModel): string {
  return files.some(({ name }) => name === basename(path)) ? dirname(path) : path;
}
