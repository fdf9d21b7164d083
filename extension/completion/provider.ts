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
import type { Phrase } from '../../engine/protocol/phrase.ts';
import { say, t } from '../l10n.ts';
import { cellScheme, isWrittenText } from '../text_schemes.ts';
import { CompletionDecider, type CompletionPlace } from './decide.ts';
import { beginningOf } from './neighbours.ts';
import { cellsAround, type CellsAround } from './notebook.ts';
import type { CompletionTrace } from './trace.ts';

/** How long the status bar says why nothing came of what was asked for by hand. */
const nothingShownMs = 6_000;
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
    const tellNothing = (why: Phrase): void =>
      void window.setStatusBarMessage(t('Hearth has no suggestion: {0}', say(why)), nothingShownMs);
    this.#decider = new CompletionDecider({ ...deps, tellNothing });
    // Of any language; what is not written is left alone when it is asked about.
    this.#subscriptions.add(languages.registerInlineCompletionItemProvider('*', this));
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
    if (!isWritten(document)) return [];
    const editor = window.activeTextEditor;
    const selected = context.selectedCompletionInfo;
    const text = await this.#decider.decide(
      {
        ...this.#nameOf(document),
        document,
        position,
        cursorCount: editor?.document === document ? editor.selections.length : 1,
        explicit: context.triggerKind === InlineCompletionTriggerKind.Invoke,
        selected: selected && {
          text: selected.text,
          startCharacter: selected.range.start.character,
          endCharacter: selected.range.end.character,
        },
        cells: cellsAroundOf(document),
        settings: this.deps.config.settingsFor(document.uri),
      },
      token,
    );
    if (text === undefined) return [];
    const item = new InlineCompletionItem(
      (selected?.text ?? '') + text,
      selected?.range ?? new Range(position, position),
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
    // Of a notebook, its own cells go along in their order, and those of another tell nothing.
    if (!isWritten(document) || document.uri.scheme === cellScheme) return;
    const beginning = (chars: number): string => beginningOf(document, chars);
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

function isWritten({ uri }: TextDocument): boolean {
  return isWrittenText(uri, scheme => workspace.fs.isWritableFileSystem(scheme));
}

/** The other cells of the notebook that the document is a cell of; undefined when it is none. */
function cellsAroundOf(document: TextDocument): CellsAround | undefined {
  if (document.uri.scheme !== cellScheme) return undefined;
  const own = document.uri.toString();
  for (const notebook of workspace.notebookDocuments) {
    const cells = notebook.getCells().map(cell => cell.document);
    const index = cells.findIndex(({ uri }) => uri.toString() === own);
    if (index >= 0)
      return cellsAround(
        cells.map(cell => ({ languageId: cell.languageId, document: cell })),
        index,
      );
  }
  return undefined;
}
