// The models of this machine as the page sees them: catalogue, installed models, downloads, advice. No vscode: the editor's
// parts (settings, secrets, memory) are passed in.
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { basename, dirname, isAbsolute } from 'node:path';
import { Emitter } from 'vscode-jsonrpc/node';
import { errors } from '../../engine/protocol/errors.ts';
import { AddedModels, type Memory } from './added_models.ts';
import { findVariant, readCatalogue } from './catalogue.ts';
import { realDisk, type Disk } from './transfer/disk.ts';
import { Downloads } from './transfer/downloads.ts';
import type { FetchLimits } from './transfer/fetch_file.ts';
import { Hub, parseReference } from './hub/hub.ts';
import { globalFetch, hubEndpoint } from './hub/hub_request.ts';
import { withFacts } from './fit/local_facts.ts';
import { lookUp } from './look_up.ts';
import { adviseAll } from './fit/machine_advice.ts';
import type { Plan } from './transfer/plan.ts';
import { nameOf, planImport } from './transfer/planning.ts';
import { patient } from './hub/retry.ts';
import { canonicalPath } from './same_model.ts';
import { ModelStore } from './transfer/store.ts';
import type { TransferTools } from './transfer/transfer.ts';
import type * as t from './types.ts';
import { verifyFiles } from './transfer/verify.ts';

export interface LibraryOptions {
  /** The folder of models: the setting, or a folder of the extension's own when that is empty. */
  folder(): string;
  cataloguePath: string;
  /** The model that comes with Hearth. */
  embeddedPath: string;
  /** The user's token for gated repositories. */
  token(): Promise<string | undefined>;
  /** Remembers models that stay where they are. */
  added: Memory;
  environment: Record<string, string | undefined>;
  /** What the settings make of every model. */
  loading?(): t.LoadingChoices;
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
  ...patient,
  connections: 4,
  pieceBytes: 64 * 1024 * 1024,
  silenceMsMax: 60_000,
  lookUpMsMax: 60_000,
};
/** Somebody waits for what the hub says of a repository; without a network he should soon hear that. */
const askAttemptsMax = 3;
/** The page redraws no more often for a count that moves. */
const changeEveryMs = 250;

export class ModelLibrary implements t.Library {
  readonly #changed = new Emitter<t.LibraryState>();
  readonly #added: AddedModels;
  readonly #downloads: Downloads;
  #catalogue: t.CatalogueEntry[] = [];
  #installed: t.InstalledModel[] = [];
  #verifying = new Map<string, { id: string; bytesDone: number; bytesTotal: number }>();
  #store: ModelStore | undefined;
  #soon: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  constructor(private readonly options: LibraryOptions) {
    this.#added = new AddedModels(options.added);
    this.#downloads = new Downloads(() => this.#tools(), {
      changed: ({ soon }) => (soon ? this.#fireSoon() : this.#fire()),
      installed: async model => {
        const known = await withFacts(model, this.#catalogue);
        this.#installed = [...this.#installed.filter(({ id }) => id !== known.id), known];
        this.#fire();
      },
    });
  }

  get state(): t.LibraryState {
    return {
      installed: this.#installed,
      downloads: this.#downloads.states,
      verifying: [...this.#verifying.values()].map(one => ({ ...one })),
    };
  }

  onDidChange(listener: (state: t.LibraryState) => void): { dispose(): void } {
    return this.#changed.event(listener);
  }

  async open(): Promise<void> {
    this.#catalogue = await readCatalogue(this.options.cataloguePath);
    const folder = this.options.folder();
    if (!isAbsolute(folder))
      throw errors.badUsage(
        `The setting "hearth.models.directory" must be an absolute path, not "${folder}".`,
      );
    if (this.#store?.folder !== folder) {
      await this.#downloads.pauseAll();
      this.#store = new ModelStore(folder, this.options.warn);
    }
    const store = this.#store;
    await this.#readInstalled(store);
    await this.#downloads.adoptPlans(() => store.plans());
  }

  catalogue(): t.CatalogueEntry[] {
    return this.#catalogue;
  }

  list(): t.InstalledModel[] {
    return this.#installed;
  }

  async advise(probe: t.DeviceProbe | undefined): Promise<t.MachineAdvice> {
    const device = await this.#device(probe);
    return adviseAll(this.#catalogue, this.#installed, device);
  }

  async lookUp(
    reference: string,
    probe: t.DeviceProbe | undefined,
    signal?: AbortSignal,
  ): Promise<t.RepositoryFacts> {
    const { repository, revision } = parseReference(reference);
    const { warn, limits = usualLimits } = this.options;
    const ends = [this.#closing.signal, ...(signal ? [signal] : [])];
    return lookUp(repository, revision, {
      hub: this.#tools().hub,
      catalogue: this.#catalogue,
      device: await this.#device(probe),
      signal: AbortSignal.any(ends),
      lookUpMsMax: limits.lookUpMsMax,
      warn,
    });
  }

  async download(choice: t.DownloadChoice): Promise<string> {
    if (choice.kind === 'catalogue' && !findVariant(this.#catalogue, choice).entry.repository)
      throw errors.badUsage('This model comes with Hearth; there is nothing to fetch.');
    if (choice.kind === 'repository') parseReference(choice.repository);
    return this.#add({ kind: 'download', name: nameOf(choice, this.#catalogue), choice, files: [] });
  }

  pause(downloadId: string): Promise<void> {
    return this.#downloads.pause(downloadId);
  }

  async resume(downloadId: string): Promise<void> {
    this.#downloads.resume(downloadId);
  }

  cancel(downloadId: string): Promise<void> {
    return this.#downloads.cancel(downloadId);
  }

  async importFolder(path: string): Promise<string> {
    if (!isAbsolute(path)) throw errors.badUsage(`${path} is not an absolute path.`);
    const planned = await planImport(path);
    return this.#add({ ...planned, kind: 'import', source: path });
  }

  async addFile(path: string): Promise<t.InstalledModel> {
    const real = await canonicalPath(path);
    for (const model of this.#installed) if ((await canonicalPath(model.path)) === real) return model;
    const model = await withFacts(await this.#added.add(path), this.#catalogue);
    this.#installed = [...this.#installed, model];
    this.#fire();
    return model;
  }

  async verify(modelId: string): Promise<t.VerifyResult> {
    const model = this.#find(modelId);
    if (this.#verifying.has(modelId)) throw errors.modelBusy(model.name, 'is being checked already');
    const at = { id: modelId, bytesDone: 0, bytesTotal: model.bytes };
    this.#verifying.set(modelId, at);
    this.#fire();
    try {
      const result = await verifyFiles(folderOf(this.revealPath(modelId), model), model, bytesDone => {
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

  async delete(modelId: string): Promise<void> {
    const model = this.#find(modelId);
    if (model.origin.kind === 'embedded') throw errors.badUsage('The model that comes with Hearth stays.');
    if (this.#verifying.has(modelId)) throw errors.modelBusy(model.name, 'is being checked');
    if (model.managed) await this.#opened().remove(modelId);
    else await this.#added.forget(model.path);
    this.#installed = this.#installed.filter(({ id }) => id !== modelId);
    this.#fire();
  }

  revealPath(modelId: string): string {
    const model = this.#find(modelId);
    return model.path === '' ? this.options.embeddedPath : model.path;
  }

  async close(): Promise<void> {
    clearTimeout(this.#soon);
    this.#closing.abort();
    await this.#downloads.close();
    clearTimeout(this.#soon);
    this.#changed.dispose();
  }

  async #add(plan: Omit<Plan, 'version' | 'id' | 'createdAt'>): Promise<string> {
    const id = randomUUID();
    await this.#downloads.add({ version: 1, id, createdAt: new Date().toISOString(), ...plan });
    return id;
  }

  #opened(): ModelStore {
    if (!this.#store) throw errors.badUsage('The list of models has not been read yet.');
    return this.#store;
  }

  #tools(): TransferTools {
    const { fetch = globalFetch, disk = realDisk, limits = usualLimits, token, environment } = this.options;
    const attemptsMax = Math.min(limits.attemptsMax, askAttemptsMax);
    const hub = new Hub({ endpoint: hubEndpoint(environment), token, fetch }, { ...limits, attemptsMax });
    return { store: this.#opened(), hub, disk, limits, catalogue: this.#catalogue };
  }

  #find(modelId: string): t.InstalledModel {
    const model = this.#installed.find(({ id }) => id === modelId);
    if (!model) throw errors.badUsage('This model is not there any more.');
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

  async #embedded(): Promise<t.InstalledModel | undefined> {
    const path = this.options.embeddedPath;
    const found = await stat(path).catch(() => undefined);
    const entry = this.#catalogue.find(({ repository }) => repository === undefined);
    if (!found || !entry) return undefined;
    const { name, licence, shape, contextTokens } = entry;
    const files = [{ name: basename(path), bytes: found.size, fromHub: false }];
    const fixed = { id: 'embedded', path: '', origin: { kind: 'embedded' as const }, managed: false };
    return {
      ...fixed,
      name,
      bytes: found.size,
      files,
      licence,
      shape,
      contextTokens,
      addedAt: found.mtime.toISOString(),
    };
  }

  async #device(probe: t.DeviceProbe | undefined): Promise<t.DeviceFacts> {
    const diskFreeBytes = await (this.options.disk ?? realDisk).freeBytes(this.options.folder());
    const host = { hostMemoryBytes: totalmem(), hostMemoryFreeBytes: freemem() };
    return { probe, diskFreeBytes, ...host, loading: this.options.loading?.() };
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
function folderOf(path: string, { files }: t.InstalledModel): string {
  return files.some(({ name }) => name === basename(path)) ? dirname(path) : path;
}
