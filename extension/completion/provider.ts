// Ghost text for the editor: hands the place of the cursor to decide.ts and shows what comes back.
import {
  commands,
  InlineCompletionItem,
  InlineCompletionTriggerKind,
  languages,
  Range,
  window,
  workspace,
  type CancellationToken,
  type InlineCompletionContext,
  type InlineCompletionItemProvider,
  type Position,
  type TextDocument,
  type Uri,
} from 'vscode';
import type { Config } from '../config.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import { CompletionDecider, type CompletionPlace } from './decide.ts';
import type { CompletionTrace } from './trace.ts';

/** Where people write. The editor's own input boxes (chat, search, commit message) have other schemes. */
const completionSchemes = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs'];
/** Run by the editor when a suggestion was accepted whole. */
export const acceptedCommand = 'hearth.completion.accepted';
/** The context key that ticks the walkthrough's step of completions. */
export const acceptedKey = 'hearth.suggestionAccepted';

export interface CompletionDeps {
  config: Config;
  engine: EngineSupervisor;
  workspaceName(): string | undefined;
  pathOf(uri: Uri): string | undefined;
  log: Log;
}

/** Registers itself for all kinds of documents until disposed. */
export class CompletionProvider implements InlineCompletionItemProvider, Disposable {
  #hasAccepted = false;
  readonly #decider: CompletionDecider;
  readonly #subscriptions = new DisposableStore();

  constructor(private readonly deps: CompletionDeps) {
    this.#decider = new CompletionDecider(deps);
    const selector = completionSchemes.map(scheme => ({ scheme }));
    this.#subscriptions.add(languages.registerInlineCompletionItemProvider(selector, this));
    if (window.activeTextEditor) this.#visit(window.activeTextEditor.document);
    this.#subscriptions.add(
      window.onDidChangeActiveTextEditor(editor => editor && this.#visit(editor.document)),
    );
    this.#subscriptions.add(
      workspace.onDidCloseTextDocument(document => this.#decider.forget(document.uri.toString())),
    );
    this.#subscriptions.add(
      deps.engine.onDidChangeState(({ kind }) => kind === 'loading' && this.#decider.forgetAnswers()),
    );
  }

  /** What became of the last requests. */
  get trace(): CompletionTrace {
    return this.#decider.trace;
  }

  async provideInlineCompletionItems(
    document: TextDocument,
    position: Position,
    context: InlineCompletionContext,
    token: CancellationToken,
  ): Promise<InlineCompletionItem[]> {
    const editor = window.activeTextEditor;
    const selected = context.selectedCompletionInfo;
    const text = await this.#decider.decide(
      {
        ...this.#nameOf(document),
        document,
        position,
        cursorCount: editor?.document === document ? editor.selections.length : 1,
        explicit: context.triggerKind === InlineCompletionTriggerKind.Invoke,
        selected: selected && { text: selected.text, startCharacter: selected.range.start.character },
        settings: this.deps.config.settingsFor(document.uri),
      },
      token,
    );
    if (text === undefined) return [];
    const item = new InlineCompletionItem(
      (selected?.text ?? '') + text,
      new Range(selected?.range.start ?? position, position),
    );
    item.command = { title: acceptedCommand, command: acceptedCommand, arguments: [document.uri.toString()] };
    return [item];
  }

  /** True once a suggestion was accepted in this window. */
  get hasAccepted(): boolean {
    return this.#hasAccepted;
  }

  /** Called when a suggestion was accepted whole. */
  accepted(documentId: string): void {
    this.#decider.accepted(documentId);
    this.#hasAccepted = true;
    void commands.executeCommand('setContext', acceptedKey, true);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #visit(document: TextDocument): void {
    if (!completionSchemes.includes(document.uri.scheme)) return;
    const beginning = (chars: number): string => document.getText(new Range(0, 0, chars, 0)).slice(0, chars);
    this.#decider.visit({ ...this.#nameOf(document), beginning });
  }

  #nameOf({
    uri,
    languageId,
  }: TextDocument): Pick<CompletionPlace, 'documentId' | 'path' | 'location' | 'languageId'> {
    const path = this.deps.pathOf(uri) ?? uri.path.slice(uri.path.lastIndexOf('/') + 1);
    return { documentId: uri.toString(), path, location: uri.path, languageId };
  }
}
