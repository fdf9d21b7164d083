// The model page in the extension host: does what its buttons ask, and says anew what it shows whenever that changes. Knows
// neither the editor (its dialogs are passed in) nor the page. The list of models is read when the page is first opened.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { errors, fromWire, type EngineError } from '../../engine/protocol/errors.ts';
import type { ModelsAction, ModelsView, ToPanel } from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { Log } from '../log.ts';
import { realDisk } from './disk.ts';
import { choiceLabel, modelsView, type LookUp } from './page_model.ts';
import { cancelQuestion, checkText, removeQuestion, type Question } from './page_texts.ts';
import type * as t from './types.ts';

/** What only the editor can do. A dialog that was closed answers undefined. */
export interface PageDialogs {
  pickFile(): Promise<string | undefined>;
  pickFolder(purpose: 'use' | 'import'): Promise<string | undefined>;
  /** True when the user agreed. */
  confirm(question: Question): Promise<boolean>;
  /** The token; empty to forget it. */
  askToken(hasToken: boolean): Promise<string | undefined>;
  reveal(path: string): Promise<void>;
  openFolderSetting(): Promise<void>;
}
export interface ModelsPageDeps {
  library: t.Library;
  dialogs: PageDialogs;
  token: { get(): Promise<string | undefined>; set(token: string | undefined): Promise<void> };
  /** The settings "hearth.model.path" and "hearth.models.directory" in force. */
  currentPath(): string;
  folder(): string;
  /** Makes a model the one in use; settles once that is under way. */
  use(path: string): Promise<void>;
  /** Looks at the GPU; undefined when the engine cannot. */
  probe(): Promise<t.DeviceProbe | undefined>;
  /** Whether the user sees the page while it is open. */
  isShown(): boolean;
  /** Tells of a model that has arrived while the page is not to be seen. */
  arrived(name: string, use: () => Promise<void>): void;
  log: Log;
}

export class ModelsPage implements Disposable {
  readonly #messages = new Emitter<ToPanel>();
  readonly #subscriptions = new DisposableStore();
  readonly #checked = new Map<string, { ok: boolean; text: string }>();
  readonly #finished = new Set<string>();
  #open = false;
  #advice: t.VariantAdvice[] = [];
  #probe: t.DeviceProbe | undefined;
  #lookUp: LookUp = { reference: '', state: 'idle' };
  #diskFreeBytes: number | undefined;
  #hasToken = false;
  #problem: t.ModelProblem | undefined;

  constructor(private readonly deps: ModelsPageDeps) {
    this.#subscriptions.add(deps.library.onDidChange(state => this.#libraryChanged(state)));
  }

  /** What changed, as the page should hear it. */
  get onMessage(): Event<ToPanel> {
    return this.#messages.event;
  }

  /** What the page shows; undefined while it is closed. */
  get view(): ModelsView | undefined {
    if (!this.#open) return undefined;
    const { library, currentPath, folder } = this.deps;
    return modelsView({
      library: library.state,
      catalogue: library.catalogue(),
      advice: this.#advice,
      probe: this.#probe,
      currentPath: currentPath(),
      lookUp: this.#lookUp,
      checked: this.#checked,
      folder: folder(),
      diskFreeBytes: this.#diskFreeBytes,
      hasToken: this.#hasToken,
      problem: this.#problem,
    });
  }

  /** Opens the page; settles when everything on it is known. */
  async open(): Promise<void> {
    this.#open = true;
    this.#problem = undefined;
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
        return this.#use(this.#find(action.modelId).path);
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
        return this.#downloadFound(action.label);
      case 'pause':
        return library.pause(action.downloadId);
      case 'resume':
        return library.resume(action.downloadId);
      case 'cancel':
        return this.#cancel(action.downloadId);
      case 'lookUp':
        return this.#ask(action.reference);
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

  async #use(path: string): Promise<void> {
    await this.deps.use(path);
    this.#post();
  }

  async #add(path: string | undefined): Promise<void> {
    if (path === undefined) return;
    const model = await this.deps.library.addFile(path);
    await this.#use(model.path);
  }

  async #verify(modelId: string): Promise<void> {
    this.#checked.delete(modelId);
    const result = await this.deps.library.verify(modelId);
    this.#checked.set(modelId, { ok: result.ok, text: checkText(result) });
    this.#post();
  }

  async #remove(modelId: string): Promise<void> {
    const { library, dialogs, currentPath } = this.deps;
    const model = this.#find(modelId);
    const inUse = model.path === currentPath();
    if (!(await dialogs.confirm(removeQuestion(model, { inUse })))) return;
    if (inUse) await this.#use('');
    this.#checked.delete(modelId);
    await library.delete(modelId);
    await this.#advise();
  }

  async #cancel(downloadId: string): Promise<void> {
    const { library, dialogs } = this.deps;
    const download = library.state.downloads.find(({ id }) => id === downloadId);
    const question = download && cancelQuestion(download);
    if (question && !(await dialogs.confirm(question))) return;
    await library.cancel(downloadId);
  }

  async #ask(reference: string): Promise<void> {
    const asked: LookUp = { reference, state: 'asking' };
    this.#lookUp = asked;
    this.#post();
    let answer: LookUp;
    try {
      const facts = await this.deps.library.lookUp(reference, this.#probe);
      answer = { reference, state: 'found', facts };
    } catch (error) {
      answer = { reference, state: 'failed', problem: problemOf(fromWire(error)) };
    }
    // A later question counts, not this one.
    if (this.#lookUp !== asked) return;
    this.#lookUp = answer;
    this.#post();
  }

  async #downloadFound(label: string): Promise<void> {
    const { facts } = this.#lookUp;
    const choice = facts?.choices.find(one => choiceLabel(one, facts) === label);
    if (!facts || !choice) throw errors.badUsage('This repository is not shown any more: ask for it again.');
    const { repository, revision } = facts;
    await this.deps.library.download({
      kind: 'repository',
      ...{ repository, revision, files: choice.files, label: choice.label },
    });
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
    const path = currentPath();
    if (path === '' || library.list().some(model => model.path === path)) return;
    await library
      .addFile(path)
      .catch((error: unknown) => log.warn(`Models: ${path} is not listed: ${fromWire(error).message}`));
  }

  async #advise(): Promise<void> {
    this.#advice = await this.deps.library.advise(this.#probe);
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
    const known = fromWire(error);
    this.deps.log.error(`Models: ${known.code}: ${known.message}`);
    this.#problem = problemOf(known);
    this.#post();
  }

  #post(): void {
    this.#messages.fire({ type: 'models', models: this.view });
  }
}

function problemOf({ code, message, remedy }: EngineError): t.ModelProblem {
  return { code, message, remedy };
}
