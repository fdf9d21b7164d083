// Ghost text for the editor: decides whether to ask, reuses what is known, asks the engine, filters, and notes in the
// trace what became of it. A late, cancelled or failed request gives an empty list; a failure never pops up.
import { setTimeout as delay } from 'node:timers/promises';
import {
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
import { filterCompletion } from '../../engine/shared/completion/completion_filters.ts';
import { completionRequest } from '../../engine/shared/completion/completion_request.ts';
import { forbiddingRule, wantsBlock } from '../../engine/shared/completion/completion_rules.ts';
import { contextAt, type SelectedItem } from '../../engine/shared/completion/cursor_context.ts';
import { isSecretPath } from '../../engine/shared/files/secret_files.ts';
import { limits } from '../../engine/protocol/limits.ts';
import type { Config } from '../config.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { asKnownError } from '../known_error.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import { isLanguageEnabled } from '../settings.ts';
import { CompletionCache } from './cache.ts';
import { RecentFiles } from './neighbours.ts';
import { CompletionTrace } from './trace.ts';

/** Where people write. The editor's own input boxes (chat, search, commit message) have other schemes. */
const completionSchemes = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs'];
/** Run by the editor when a suggestion was accepted whole. */
export const acceptedCommand = 'hearth.completion.accepted';

export interface CompletionDeps {
  config: Config;
  engine: EngineSupervisor;
  workspaceName(): string | undefined;
  pathOf(uri: Uri): string | undefined;
  log: Log;
}
type Outcome = { text: string; decidedBy: string; says: string } | { decidedBy: string; says: string };
const cancelled: Outcome = {
  decidedBy: 'cancelled',
  says: 'you typed on, or the editor no longer wanted it',
};

/** Registers itself for all kinds of documents until disposed. */
export class CompletionProvider implements InlineCompletionItemProvider, Disposable {
  readonly trace = new CompletionTrace();
  readonly #cache = new CompletionCache();
  readonly #recent = new RecentFiles();
  readonly #subscriptions = new DisposableStore();
  /** The document in which a suggestion was accepted last; its next request may ask for a block. */
  #acceptedIn: string | undefined;

  constructor(private readonly deps: CompletionDeps) {
    const visit = (document: TextDocument): void => this.#visit(document);
    const selector = completionSchemes.map(scheme => ({ scheme }));
    this.#subscriptions.add(languages.registerInlineCompletionItemProvider(selector, this));
    if (window.activeTextEditor) visit(window.activeTextEditor.document);
    this.#subscriptions.add(window.onDidChangeActiveTextEditor(editor => editor && visit(editor.document)));
    this.#subscriptions.add(
      workspace.onDidCloseTextDocument(document => this.#recent.forget(document.uri.toString())),
    );
    this.#subscriptions.add(
      deps.engine.onDidChangeState(({ kind }) => kind === 'loading' && this.#cache.clear()),
    );
  }

  async provideInlineCompletionItems(
    document: TextDocument,
    position: Position,
    context: InlineCompletionContext,
    token: CancellationToken,
  ): Promise<InlineCompletionItem[]> {
    const startedAt = performance.now();
    const explicit = context.triggerKind === InlineCompletionTriggerKind.Invoke;
    const info = context.selectedCompletionInfo;
    const selected = info && { text: info.text, startCharacter: info.range.start.character };
    let outcome: Outcome;
    try {
      outcome = await this.#complete(document, position, { explicit, selected, token });
    } catch (error) {
      const { code, message } = asKnownError(error);
      this.deps.log.warn(`Completion: ${code}: ${message}`);
      outcome = { decidedBy: code, says: message };
    }
    const text = 'text' in outcome && !token.isCancellationRequested ? outcome.text : undefined;
    this.trace.add({
      place: `${this.#pathOf(document)}:${position.line + 1}:${position.character + 1}`,
      explicit,
      ...('text' in outcome && text === undefined
        ? cancelled
        : { decidedBy: outcome.decidedBy, says: outcome.says }),
      shown: text !== undefined,
      tookMs: performance.now() - startedAt,
      at: new Date(),
    });
    if (text === undefined) return [];
    const item = new InlineCompletionItem(
      (info?.text ?? '') + text,
      new Range(info?.range.start ?? position, position),
    );
    item.command = { title: 'Accepted', command: acceptedCommand, arguments: [document.uri.toString()] };
    return [item];
  }

  /** Called when a suggestion was accepted whole. */
  accepted(documentId: string): void {
    this.#acceptedIn = documentId;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #complete(
    document: TextDocument,
    position: Position,
    {
      explicit,
      selected,
      token,
    }: { explicit: boolean; selected: SelectedItem | undefined; token: CancellationToken },
  ): Promise<Outcome> {
    const settings = this.deps.config.settingsFor(document.uri);
    const documentId = document.uri.toString();
    const context = contextAt(document, position, selected);
    const editor = window.activeTextEditor;
    const rule = forbiddingRule({
      explicit,
      enabled: settings['completion.enabled'],
      languageEnabled: isLanguageEnabled(settings['completion.enable'], document.languageId),
      secretFile: isSecretPath(document.uri.path),
      cursorCount: editor?.document === document ? editor.selections.length : 1,
      context,
    });
    if (rule) return { decidedBy: rule.name, says: rule.says };

    const afterAccept = this.#acceptedIn === documentId;
    this.#acceptedIn = undefined;
    const multiline = wantsBlock(settings['completion.multiline'], { context, explicit, afterAccept });
    const place = { documentId, context, multiline };
    const known = this.#cache.find(place);
    if (known !== undefined)
      return { text: known, decidedBy: 'cache', says: 'an earlier suggestion still fits' };

    if (!explicit && settings['completion.debounceMs'] > 0) await delay(settings['completion.debounceMs']);
    if (token.isCancellationRequested) return cancelled;
    const engine = await this.deps.engine.whenReady(token, { retryFailed: false });
    if (!engine) return cancelled;
    if (!engine.model.canComplete)
      return { decidedBy: 'model', says: 'the model was not made for completion' };

    const neighbours = this.#recent.neighboursOf(
      { documentId, languageId: document.languageId },
      settings['completion.neighbourFiles'],
    );
    const params = completionRequest({
      documentId,
      path: this.#pathOf(document),
      languageId: document.languageId,
      context,
      workspaceName: this.deps.workspaceName(),
      neighbours,
      multiline,
      maxTokens: settings['completion.maxTokens'],
      deadlineMs: limits.completionDeadlineMs,
    });
    const { text: raw, finishReason } = await engine.client.complete(params, token);
    if (token.isCancellationRequested || finishReason === 'cancelled' || finishReason === 'superseded')
      return cancelled;
    const filtered = filterCompletion({ text: raw, context, multiline });
    if ('droppedBy' in filtered) {
      const { name, says } = filtered.droppedBy;
      return { decidedBy: name, says: finishReason === 'deadline' ? 'the model was too slow' : says };
    }
    this.#cache.put(place, filtered.text);
    return { text: filtered.text, decidedBy: 'model', says: `the model's suggestion (${finishReason})` };
  }

  #visit(document: TextDocument): void {
    if (!completionSchemes.includes(document.uri.scheme) || isSecretPath(document.uri.path)) return;
    this.#recent.visit({
      documentId: document.uri.toString(),
      path: this.#pathOf(document),
      languageId: document.languageId,
      beginning: chars => document.getText(new Range(0, 0, chars, 0)).slice(0, chars),
    });
  }

  #pathOf(document: TextDocument): string {
    return this.deps.pathOf(document.uri) ?? document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1);
  }
}
