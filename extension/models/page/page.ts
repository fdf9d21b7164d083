// The model page in the extension host: does what its buttons ask, and says anew what it shows whenever that changes. Knows
// neither the editor (its dialogs are passed in) nor the page. The list of models is read when the page is first opened.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { errors, fromWire } from '../../../engine/protocol/errors.ts';
import type { ModelFacts } from '../../../engine/protocol/lifecycle.ts';
import type { ContextBound, ModelsAction, ModelsView, ToPanel } from '../../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../../dispose.ts';
import { automaticContext } from '../fit/automatic_context.ts';
import { realDisk } from '../transfer/disk.ts';
import type { ModelsPageDeps } from './page_deps.ts';
import { RepositoryLookUp } from './page_look_up.ts';
import { modelsView } from './page_model.ts';
import { boundOf } from './page_parts.ts';
import { cancelQuestion, checkText, removeQuestion } from './page_texts.ts';
import { KnownPaths } from '../same_model.ts';
import type * as t from '../types.ts';

export class ModelsPage implements Disposable {
  readonly #messages = new Emitter<ToPanel>();
  readonly #subscriptions = new DisposableStore();
  readonly #checked = new Map<string, { ok: boolean; text: string }>();
  readonly #finished = new Set<string>();
  readonly #paths = new KnownPaths();
  readonly #lookUp: RepositoryLookUp;
  #open = false;
  #advice: t.MachineAdvice = { variants: [], installed: [] };
  #probe: t.DeviceProbe | undefined;
  #diskFreeBytes: number | undefined;
  #hasToken = false;
  #problem: t.ModelProblem | undefined;

  constructor(private readonly deps: ModelsPageDeps) {
    this.#lookUp = new RepositoryLookUp(deps.library, () => this.#post());
    this.#subscriptions.add(this.#lookUp);
    this.#subscriptions.add(deps.library.onDidChange(state => this.#libraryChanged(state)));
  }

  /** What changed, as the page should hear it. */
  get onMessage(): Event<ToPanel> {
    return this.#messages.event;
  }

  /** What the page shows; undefined while it is closed. */
  get view(): ModelsView | undefined {
    if (!this.#open) return undefined;
    const { library, contexts, contextSetting, folder } = this.deps;
    return modelsView({
      library: library.state,
      catalogue: library.catalogue(),
      advice: this.#advice,
      probe: this.#probe,
      isCurrent: model => this.#isCurrent(model),
      contextOf: path => contexts.of(path),
      contextSetting: contextSetting(),
      lookUp: this.#lookUp.now,
      checked: this.#checked,
      folder: folder(),
      diskFreeBytes: this.#diskFreeBytes,
      hasToken: this.#hasToken,
      problem: this.#problem,
    });
  }

  /** Why the context of the loaded model is shorter than the model's own; undefined when it is not. */
  contextBound(
    model: Pick<ModelFacts, 'contextTokensMax' | 'contextTokensTrained'>,
  ): ContextBound | undefined {
    return boundOf(model.contextTokensMax, model.contextTokensTrained, this.deps.contextSetting());
  }

  /** Opens the page; settles when everything on it is known. */
  async open(): Promise<void> {
    this.#open = true;
    this.#problem = undefined;
    this.#probe ??= this.deps.remembered();
    this.#post();
    try {
      this.#hasToken = (await this.deps.token.get()) !== undefined;
      await this.#readModels();
      await this.#advise();
      this.#probe = (await this.deps.probe()) ?? this.#probe;
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
        return this.#lookUp.ask(action.reference, this.#probe);
      case 'addFile':
        return this.#add(await dialogs.pickFile());
      case 'addFolder':
        return this.#add(await dialogs.pickFolder('use'));
      case 'importFolder': {
        const path = await dialogs.pickFolder('import');
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

  /** What fits is found anew at every choice; where nothing is known of the machine, what was found before stays. */
  async #use({ id, path }: t.InstalledModel): Promise<void> {
    await this.#advise();
    const { advice } = this.#advice.installed.find(({ modelId }) => modelId === id) ?? {};
    if (this.#probe && advice) await this.deps.contexts.set(path, automaticContext(advice));
    await this.deps.use(path);
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
    this.#checked.set(modelId, { ok: result.ok, text: checkText(result) });
    this.#post();
  }

  async #remove(modelId: string): Promise<void> {
    const { library, dialogs, use, switched, contexts } = this.deps;
    const model = this.#find(modelId);
    const inUse = this.#isCurrent(model);
    if (!(await dialogs.confirm(removeQuestion(model, { inUse })))) return;
    if (inUse) {
      await use('');
      this.#post();
      // Until then the engine may be reading its files.
      await switched();
      if (this.#isCurrent(model))
        throw errors.modelBusy(model.name, 'is still named by the setting "hearth.model.path"');
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
    if (question && !(await dialogs.confirm(question))) return;
    await library.cancel(downloadId);
  }

  async #setToken(): Promise<void> {
    const { dialogs, token } = this.deps;
    const given = await dialogs.askToken(this.#hasToken);
    if (given === undefined) return;
    await token.set(given === '' ? undefined : given);
    this.#hasToken = given !== '';
    this.#post();
  }

  /** Reads what is on the disk now. The model in use is on the list wherever it lies. */
  async #readModels(): Promise<void> {
    const { library, currentPath, log } = this.deps;
    await library.open();
    this.#paths.forget();
    await this.#lookAtPaths();
    const path = currentPath();
    if (path === '' || library.list().some(model => this.#isCurrent(model))) return;
    await library
      .addFile(path)
      .catch((error: unknown) => log.warn(`Models: ${path} is not listed: ${fromWire(error).message}`));
    await this.#lookAtPaths();
  }

  async #lookAtPaths(): Promise<void> {
    const { library, currentPath } = this.deps;
    await this.#paths.look([currentPath(), ...library.list().map(({ path }) => path)]);
  }

  #isCurrent({ path }: t.InstalledModel): boolean {
    return this.#paths.areSame(path, this.deps.currentPath());
  }

  async #advise(): Promise<void> {
    this.#advice = await this.deps.library.advise(this.#probe);
    await this.#lookAtPaths();
    this.#diskFreeBytes = await realDisk.freeBytes(this.deps.folder());
    this.#post();
  }

  #libraryChanged({ downloads }: t.LibraryState): void {
    for (const { id, phase, name, installedId } of downloads) {
      if (phase !== 'done' || this.#finished.has(id)) continue;
      this.#finished.add(id);
      this.#advise().catch((error: unknown) => this.#fail(error));
      if (installedId !== undefined && !(this.#open && this.deps.isShown()))
        this.deps.arrived(name, () => this.act({ kind: 'use', modelId: installedId }));
    }
    this.#post();
  }

  #find(modelId: string): t.InstalledModel {
    const model = this.deps.library.list().find(({ id }) => id === modelId);
    if (!model) throw errors.badUsage('This model is not there any more.');
    return model;
  }

  #fail(error: unknown): void {
    const { code, message, remedy } = fromWire(error);
    this.deps.log.error(`Models: ${code}: ${message}`);
    this.#problem = { code, message, remedy };
    this.#post();
  }

  #post(): void {
    this.#messages.fire({ type: 'models', models: this.view });
  }
}
