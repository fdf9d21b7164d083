// The commands of this window: the list that the page offers, and what a message becomes.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { CommandsView } from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { commandList } from './command_list.ts';
import { expandMessage } from './expand.ts';
import type { Expanded } from './expanded.ts';
import type { EditorFile } from './facts.ts';
import type { PromptSources } from './prompt_sources.ts';

export interface SlashDeps {
  sources: PromptSources;
  /** When the prompt files may have changed. */
  onDidChangePrompts: Event<void>;
  /** Has the prompt files read again, unless they have just been. */
  lookAgain(): void;
  isFolderTrusted(): boolean;
  /** Shows an error that nobody waits for. */
  showError(error: unknown): void;
}

export class Slash implements Disposable {
  readonly #changed = new Emitter<CommandsView>();
  readonly #subscriptions = new DisposableStore();
  #view: CommandsView;
  #readings = 0;

  constructor(private readonly deps: SlashDeps) {
    this.#view = commandList([], deps.isFolderTrusted());
    this.#subscriptions.add(deps.onDidChangePrompts(() => this.refresh()));
  }

  /** What can be asked by name; without prompt files until `refresh` was called. */
  get view(): CommandsView {
    return this.#view;
  }

  get onDidChangeView(): Event<CommandsView> {
    return this.#changed.event;
  }

  /** Reads the prompt files where that has not been done, and tells whoever listens. */
  refresh(): void {
    this.#refresh().catch((error: unknown) => this.deps.showError(error));
  }

  /** The user is at the chat: what the editor has not told of is found. */
  lookAgain(): void {
    this.deps.lookAgain();
  }

  /** What the model gets for a message; undefined when the user was asked for a value and gave none. */
  expand(typed: string, about?: EditorFile): Promise<Expanded | undefined> {
    return expandMessage(typed, this.deps.sources, about);
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }

  async #refresh(): Promise<void> {
    const reading = ++this.#readings;
    const prompts = await this.deps.sources.prompts();
    // What was read before may be done later.
    if (reading !== this.#readings) return;
    this.#view = commandList(prompts, this.deps.isFolderTrusted());
    this.#changed.fire(this.#view);
  }
}
