// The model page in the extension host: does what its buttons ask, and posts a new view on every change. Knows neither the editor,
// whose dialogs are passed in, nor the page itself. The list of models is read when the page is first opened.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';
import type { ModelFacts } from '../../../engine/protocol/lifecycle.ts';
import type { ContextBound, ModelsAction, ModelsView, ToPanel } from '../../../webview/protocol.ts';
import { asKnownError } from '../../known_error.ts';
import { DisposableStore, type Disposable } from '../../dispose.ts';
import type { KnownDevice } from '../../known_device.ts';
import type { Log } from '../../log.ts';
import { KnownPaths } from '../canonical_path.ts';
import { automaticContext, type AutomaticContexts } from '../fit/automatic_context.ts';
import type { InstalledModel } from '../installed_model.ts';
import type { LibraryState, ModelLibrary } from '../library.ts';
import type { MachineAdvice } from '../machine_advice.ts';
import { realDisk } from '../transfer/disk.ts';
import { problemOf, type ModelProblem } from '../transfer/problem.ts';
import type { VerifyResult } from '../transfer/verify.ts';
import type { PageDialogs } from './dialogs.ts';
import { modelsView } from './models_view.ts';
import { cancelQuestion, removeQuestion } from './questions.ts';
import { RepositoryLookUp } from './repository_look_up.ts';
import { contextBound } from './view_parts.ts';

/** The settings that the page depends on, as they are in force. */
export interface PageSettings {
  /** "hearth.model.path". */
  modelPath: string;
  /** "hearth.context.maxTokens"; 0 leaves it open. */
  contextTokensMax: number;
  /** "hearth.models.directory", or the folder that stands for an empty one. */
  modelsFolder: string;
}

export interface ModelsPageDeps {
  library: ModelLibrary;
  dialogs: PageDialogs;
  settings(): PageSettings;
  token: { get(): Promise<string | undefined>; set(token: string | undefined): Promise<void> };
  /** How long a context models are loaded with when the setting leaves it open. */
  contexts: Pick<AutomaticContexts, 'of' | 'set'>;
  device: {
    /** The GPU as it was found last, in this session or an earlier one. */
    remembered(): KnownDevice | undefined;
    /** Looks at the GPU; undefined when no engine can. */
    look(): Promise<KnownDevice | undefined>;
  };
  engine: {
    /** Makes the model at `path` the one in use; resolves once it is being loaded or has been loaded. */
    use(path: string): Promise<void>;
    /** Resolves when the engine has let go of every model but the one that the setting names. */
    switched(): Promise<void>;
  };
  log: Log;
}

/** A model that has just been downloaded or imported. */
export interface Arrival {
  name: string;
  use(): Promise<void>;
}

export class ModelsPage implements Disposable {
  readonly #messages = new Emitter<ToPanel>();
  readonly #arrivals = new Emitter<Arrival>();
  readonly #dialogClosed = new Emitter<void>();
  readonly #subscriptions = new DisposableStore();
  readonly #checked = new Map<string, VerifyResult>();
  readonly #finished = new Set<string>();
  readonly #paths = new KnownPaths();
  readonly #lookUp: RepositoryLookUp;
  #open = false;
  #advice: MachineAdvice = { variants: [], installed: [] };
  #device: KnownDevice | undefined;
  #diskFreeBytes: number | undefined;
  #hasToken = false;
  #problem: ModelProblem | undefined;

  constructor(private readonly deps: ModelsPageDeps) {
    this.#lookUp = new RepositoryLookUp(deps.library, () => this.#post());
    this.#subscriptions.add(this.#lookUp);
    this.#subscriptions.add(deps.library.onDidChange(state => this.#libraryChanged(state)));
  }

  /** What the page should be told. */
  get onMessage(): Event<ToPanel> {
    return this.#messages.event;
  }

  /** Fires when a model has arrived and can be used. */
  get onDidArrive(): Event<Arrival> {
    return this.#arrivals.event;
  }

  /** Fires when a dialog that a button has opened is gone, before anything is done with its answer. */
  get onDidCloseDialog(): Event<void> {
    return this.#dialogClosed.event;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** What the page shows; undefined while it is closed. */
  get view(): ModelsView | undefined {
    if (!this.#open) return undefined;
    const { library, contexts } = this.deps;
    const settings = this.deps.settings();
    return modelsView({
      library: library.state,
      catalogue: library.catalogue(),
      advice: this.#advice,
      device: this.#device,
      isCurrent: model => this.#isCurrent(model),
      contextOf: path => contexts.of(path),
      contextSetting: settings.contextTokensMax,
      lookUp: this.#lookUp.now,
      checked: this.#checked,
      folder: settings.modelsFolder,
      diskFreeBytes: this.#diskFreeBytes,
      hasToken: this.#hasToken,
      problem: this.#problem,
    });
  }

  /** Why the context of the loaded model is shorter than the model's own; undefined when it is not. */
  contextBound(
    model: Pick<ModelFacts, 'contextTokensMax' | 'contextTokensTrained'>,
  ): ContextBound | undefined {
    return contextBound(
      model.contextTokensMax,
      model.contextTokensTrained,
      this.deps.settings().contextTokensMax,
    );
  }

  /** Opens the page; resolves when everything on it is known. */
  async open(): Promise<void> {
    this.#open = true;
    this.#problem = undefined;
    // By now it may be another GPU.
    this.#device = this.deps.device.remembered();
    this.#post();
    try {
      this.#hasToken = (await this.deps.token.get()) !== undefined;
      await this.#readModels();
      await this.#advise();
      this.#device = (await this.deps.device.look()) ?? this.#device;
      await this.#advise();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A setting that the page shows has changed. */
  async settingsChanged(): Promise<void> {
    if (this.#open) await this.open();
  }

  /** Does what a button asks; whatever goes wrong is shown on the page. */
  async act(action: ModelsAction): Promise<void> {
    try {
      await this.#act(action);
    } catch (error) {
      this.#fail(error);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#messages.dispose();
    this.#arrivals.dispose();
    this.#dialogClosed.dispose();
  }

  async #act(action: ModelsAction): Promise<void> {
    const { library, dialogs } = this.deps;
    switch (action.kind) {
      case 'close':
        this.#open = false;
        return this.#post();
      case 'use':
        return this.#use(this.#find(action.modelId));
      case 'verify':
        return this.#verify(action.modelId);
      case 'reveal':
        return dialogs.reveal(library.revealPath(action.modelId));
      case 'remove':
        return this.#remove(action.modelId);
      case 'download': {
        const { entryId, label: quantization } = action;
        return void (await library.download({ kind: 'catalogue', entryId, quantization }));
      }
      case 'downloadFound':
        return this.#lookUp.download(action.label);
      case 'pause':
        return library.pause(action.downloadId);
      case 'resume':
        return library.resume(action.downloadId);
      case 'cancel':
        return this.#cancel(action.downloadId);
      case 'lookUp':
        return this.#lookUp.ask(action.reference, this.#device);
      case 'addFile':
        return this.#add(await this.#closed(dialogs.pickFile()));
      case 'addFolder':
        return this.#add(await this.#closed(dialogs.pickFolder('use')));
      case 'importFolder': {
        const path = await this.#closed(dialogs.pickFolder('import'));
        return path === undefined ? undefined : void (await library.importFolder(path));
      }
      case 'token':
        return this.#setToken();
      case 'folderSetting':
        return dialogs.openFolderSetting();
      case 'dismissProblem':
        this.#problem = undefined;
        return this.#post();
      default:
        return action satisfies never;
    }
  }

  /** What a dialog answers. */
  async #closed<Answer>(dialog: Promise<Answer>): Promise<Answer> {
    try {
      return await dialog;
    } finally {
      this.#dialogClosed.fire();
    }
  }

  /** The context that fits is computed anew at every choice. While nothing is known of the machine, the last result stays. */
  async #use({ id, path }: InstalledModel): Promise<void> {
    await this.#advise();
    const { advice } = this.#advice.installed.find(({ modelId }) => modelId === id) ?? {};
    if (this.#device && advice) await this.deps.contexts.set(path, automaticContext(advice));
    await this.deps.engine.use(path);
    await this.#lookAtPaths();
    this.#post();
  }

  async #add(path: string | undefined): Promise<void> {
    if (path === undefined) return;
    await this.#use(await this.deps.library.addFile(path));
  }

  async #verify(modelId: string): Promise<void> {
    this.#checked.delete(modelId);
    const result = await this.deps.library.verify(modelId);
    this.#checked.set(modelId, result);
    this.#post();
  }

  async #remove(modelId: string): Promise<void> {
    const { library, dialogs, engine, contexts } = this.deps;
    const model = this.#find(modelId);
    const inUse = this.#isCurrent(model);
    if (!(await this.#closed(dialogs.confirm(removeQuestion(model, { inUse }))))) return;
    if (inUse) {
      await engine.use('');
      this.#post();
      // Until then the engine may be reading the model's files.
      await engine.switched();
      if (this.#isCurrent(model))
        throw modelErrors.modelBusy(phrase`${model.name} is still named by the setting "hearth.model.path".`);
    }
    this.#checked.delete(modelId);
    await library.delete(modelId);
    await contexts.set(model.path, undefined);
    await this.#advise();
  }

  async #cancel(downloadId: string): Promise<void> {
    const { library, dialogs } = this.deps;
    const download = library.state.downloads.find(({ id }) => id === downloadId);
    const question = download && cancelQuestion(download);
    if (question && !(await this.#closed(dialogs.confirm(question)))) return;
    await library.cancel(downloadId);
  }

  async #setToken(): Promise<void> {
    const { dialogs, token } = this.deps;
    const given = await this.#closed(dialogs.askToken(this.#hasToken));
    if (given === undefined) return;
    await token.set(given === '' ? undefined : given);
    this.#hasToken = given !== '';
    this.#post();
  }

  /** Reads what is on the disk now. The model in use is listed wherever it lies. */
  async #readModels(): Promise<void> {
    const { library, settings, log } = this.deps;
    await library.open();
    this.#paths.forget();
    await this.#lookAtPaths();
    const path = settings().modelPath;
    if (path === '' || library.list().some(model => this.#isCurrent(model))) return;
    await library
      .addFile(path)
      .catch((error: unknown) => log.warn(`Models: ${path} is not listed: ${asKnownError(error).message}`));
    await this.#lookAtPaths();
  }

  async #lookAtPaths(): Promise<void> {
    const { library, settings } = this.deps;
    await this.#paths.look([settings().modelPath, ...library.list().map(({ path }) => path)]);
  }

  #isCurrent({ path }: InstalledModel): boolean {
    return this.#paths.areSame(path, this.deps.settings().modelPath);
  }

  async #advise(): Promise<void> {
    this.#advice = await this.deps.library.advise(this.#device);
    await this.#lookAtPaths();
    this.#diskFreeBytes = await realDisk.freeBytes(this.deps.settings().modelsFolder);
    this.#post();
  }

  #libraryChanged({ downloads }: LibraryState): void {
    for (const { id, phase, name, installedId } of downloads) {
      if (phase !== 'done' || this.#finished.has(id)) continue;
      this.#finished.add(id);
      this.#advise().catch((error: unknown) => this.#fail(error));
      if (installedId !== undefined)
        this.#arrivals.fire({ name, use: () => this.act({ kind: 'use', modelId: installedId }) });
    }
    this.#post();
  }

  #find(modelId: string): InstalledModel {
    const model = this.deps.library.list().find(({ id }) => id === modelId);
    if (!model) throw errors.badUsage(phrase`This model is not there any more.`);
    return model;
  }

  #fail(error: unknown): void {
    this.#problem = problemOf(error);
    const { code, message } = asKnownError(error);
    this.deps.log.error(`Models: ${code}: ${message}`);
    this.#post();
  }

  #post(): void {
    this.#messages.fire({ type: 'models', models: this.view });
  }
}
