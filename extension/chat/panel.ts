// The chat view: makes its page, passes messages between page and extension, and does for the page what only the editor
// can. The page may vanish at any time; a new one gets a snapshot. Every message of the page is checked first.
import { randomBytes } from 'node:crypto';
import { commands, Uri, window, type WebviewView, type WebviewViewProvider } from 'vscode';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { FromPanel, PanelAction, ToPanel } from '../../webview/protocol.ts';
import { asKnownError } from '../known_error.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { texts } from '../l10n.ts';
import type { CodeActions } from '../edit/register.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import type { ModelsPage } from '../models/page/page.ts';
import { notifyError } from '../notify.ts';
import type { UsedRules } from '../prompts/expanded.ts';
import type { EditorFile } from '../prompts/facts.ts';
import type { Slash } from '../prompts/slash.ts';
import type { WorkspaceIngest } from '../workspace/ingest.ts';
import { DeltaBatcher } from './delta_batcher.ts';
import { diagramPreviews, previewDiagram } from './diagram_preview.ts';
import { copyCode, openLink, openSource, selectionAsQuestion } from './editor_actions.ts';
import { pageHtml } from './html.ts';
import { isWebLink, readPageMessage } from './page_message.ts';
import { PanelFeed } from './panel_feed.ts';
import { shownText } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { compareBranches, nameBranch, showHistory } from './history_actions.ts';
import type { History } from './history/history.ts';
import type { Question } from './session.ts';
import type { ThinkingChoice } from './thinking_choice.ts';

const chatViewId = 'hearth.chat';
/** Tokens of a summary: half of the room that is left, within these. */
const summaryTokensMin = 128;
const summaryTokensMax = 1024;

export interface ChatPanelDeps {
  extensionUri: Uri;
  conversations: Conversations;
  history: History;
  engine: EngineSupervisor;
  workspace: WorkspaceIngest;
  models: ModelsPage;
  code: CodeActions;
  slash: Slash;
  thinking: ThinkingChoice;
  pathOf(uri: Uri): string | undefined;
  log: Log;
}

/** Registers itself as the chat view until disposed. */
export class ChatPanel implements WebviewViewProvider, Disposable {
  readonly #subscriptions = new DisposableStore();
  readonly #feed: PanelFeed;
  readonly #batcher = new DeltaBatcher(message => this.#send(message));
  #view: WebviewView | undefined;
  #pageReady = false;
  /** Messages about the input box that wait for a page. */
  #waiting: ToPanel[] = [];

  constructor(private readonly deps: ChatPanelDeps) {
    this.#feed = this.#subscriptions.add(new PanelFeed({ ...deps, diagrams: diagramPreviews }));
    this.#subscriptions.add(this.#feed.onMessage(message => this.#post(message)));
    this.#subscriptions.add(this.#batcher);
    this.#subscriptions.add(window.registerWebviewViewProvider(chatViewId, this));
  }

  resolveWebviewView(view: WebviewView): void {
    const dist = Uri.joinPath(this.deps.extensionUri, 'dist');
    const { webview } = view;
    this.#view = view;
    this.#pageReady = false;
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const store = new DisposableStore();
    store.add(webview.onDidReceiveMessage((message: unknown) => this.#receive(message)));
    store.add(view.onDidChangeVisibility(() => (this.#pageReady &&= view.visible)));
    view.onDidDispose(() => {
      store.dispose();
      if (this.#view === view) this.#view = undefined;
      this.#pageReady = false;
    });
    webview.html = pageHtml({
      nonce: randomBytes(18).toString('base64url'),
      cspSource: webview.cspSource,
      scriptUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.js')).toString(),
      styleUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.css')).toString(),
      texts: texts(),
    });
  }

  /** Brings the chat into view and the cursor into its input. */
  async open(): Promise<void> {
    await commands.executeCommand(`${chatViewId}.focus`);
    this.#post({ type: 'focusInput' });
  }

  /** Brings the model page into view. */
  async openModels(): Promise<void> {
    await commands.executeCommand(`${chatViewId}.focus`);
    await this.deps.models.open();
  }

  /** True while the user can see the page. */
  get isShown(): boolean {
    return this.#pageReady && this.#view?.visible === true;
  }

  /** Opens the chat with the editor's selection in the input. */
  async askAboutSelection(): Promise<void> {
    const question = selectionAsQuestion(this.deps.pathOf);
    await this.open();
    if (question !== undefined) this.deps.conversations.current.offerInput(question);
  }

  /** Opens the chat and asks there about a file, by a command that begins with a slash. */
  async askAbout(command: string, about: EditorFile | undefined): Promise<void> {
    await this.open();
    const { useWorkspace } = this.deps.conversations.current.conversation;
    await this.#ask(command, { useWorkspace, about });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /**
   * Asks what the user typed, expanded; in place of the question `edited`, if one is named. What cannot be expanded goes back into
   * the input.
   */
  async #ask(
    typed: string,
    how: { useWorkspace: boolean; about?: EditorFile; edited?: string },
  ): Promise<void> {
    const { conversations, slash } = this.deps;
    const session = conversations.current;
    const { useWorkspace, about, edited } = how;
    let expanded;
    try {
      expanded = await slash.expand(typed, about);
    } catch (error) {
      session.offerInput(typed, useWorkspace);
      throw error;
    }
    if (!expanded) return session.offerInput(typed, useWorkspace);
    const { shown, parts, instructions, rules } = expanded;
    const notes = [...expanded.notes, ...rulesNote(rules)];
    const isPlain = parts.every(part => part.type === 'text' && part.text === shown);
    const question: Question = {
      useWorkspace,
      parts,
      shown: isPlain ? undefined : shown,
      notes: notes.length > 0 ? notes : undefined,
      instructions,
    };
    await (edited === undefined ? session.submit(question) : session.edit(edited, question));
  }

  #receive(raw: unknown): void {
    const read = readPageMessage(raw);
    if ('fault' in read) this.deps.log.warn(`Chat page: a message was refused: ${read.fault}`);
    else
      this.#handle(read.message).catch((error: unknown) => {
        notifyError(asKnownError(error), this.deps.log);
      });
  }

  async #handle(message: FromPanel): Promise<void> {
    const { conversations, models, code, log } = this.deps;
    const session = conversations.current;
    switch (message.type) {
      case 'ready':
        return this.#welcome();
      case 'submit':
        return this.#ask(message.text, message);
      case 'stop':
        return session.stop();
      case 'answerNow':
        return void (await session.answerNow());
      case 'chooseThinking':
        return this.deps.thinking.choose(message);
      case 'goOn':
        return session.goOn(message.turnId);
      case 'newChat':
        return conversations.newChat();
      case 'history':
        return showHistory(this.deps);
      case 'edit':
        return this.#ask(message.text, { ...message, edited: message.turnId });
      case 'switchBranch':
        return session.switchTo(message.turnId);
      case 'nameBranch':
        return nameBranch(session, message.turnId);
      case 'compareBranch':
        return compareBranches(session.conversation, message.turnId);
      case 'queued':
        return this.#actOnQueued(message.action, message.queuedId);
      case 'summarise':
        return this.#summarise();
      case 'compact':
        return this.#compact(message.text);
      case 'models':
        return models.act(message.action);
      case 'copyCode':
        return copyCode(message.code);
      case 'insertCode':
        return code.insert(message);
      case 'applyCode':
        return code.apply(message);
      case 'newFile':
        return code.newFile(message);
      case 'runInTerminal':
        return code.run(message);
      case 'previewDiagram':
        return previewDiagram(message.code);
      case 'openSource':
        if (session.hasSource(message.uri))
          return openSource(message.uri, message.startLine, message.endLine);
        return log.warn(`Chat page: ${message.uri} is no source of an answer.`);
      case 'openLink':
        if (isWebLink(message.href)) return openLink(message.href);
        return log.warn('Chat page: a link that is not http or https was refused.');
      case 'action':
        return this.#act(message.action, message.turnId);
      default:
        return message satisfies never;
    }
  }

  async #act(action: PanelAction, turnId: string | undefined): Promise<void> {
    const { conversations, workspace } = this.deps;
    switch (action) {
      case 'retry':
        return conversations.current.retry(turnId);
      case 'newChat':
        return conversations.newChat();
      case 'ingestWorkspace':
        workspace.refresh();
        return void (await workspace.ensure(CancellationToken.None));
      case 'openLog':
        return commands.executeCommand('hearth.showLog');
      case 'openSettings':
        return commands.executeCommand('hearth.openSettings');
      case 'chooseModel':
        return this.openModels();
      case 'restartEngine':
        return commands.executeCommand('hearth.restartEngine');
      default:
        return action satisfies never;
    }
  }

  /** Takes a question of the queue back into the input, asks it now, or drops it. */
  async #actOnQueued(action: 'send' | 'edit' | 'remove', id: string): Promise<void> {
    const { current } = this.deps.conversations;
    if (action === 'send') return current.sendQueued(id);
    const question = current.unqueue(id);
    if (action === 'edit' && question) current.offerInput(shownText(question), question.useWorkspace);
  }

  /** Has the model sum up the conversation, and shows the text to the user, who may change it before it is used. */
  async #summarise(): Promise<void> {
    const session = this.deps.conversations.current;
    const { usedTokens, maxTokens } = session.context;
    const room = Math.max(
      summaryTokensMin,
      Math.min(summaryTokensMax, Math.floor((maxTokens - usedTokens) / 2)),
    );
    let text: string | undefined;
    try {
      text = await window.withProgress(
        { location: { viewId: chatViewId }, title: 'Hearth sums up the conversation' },
        () => session.summarise(room, CancellationToken.None),
      );
    } finally {
      // Without a text the page offers it again.
      if (session === this.deps.conversations.current) this.#post({ type: 'summary', text });
    }
  }

  /** Uses the summary; while an answer runs, the page gets it back. */
  #compact(text: string): void {
    try {
      this.deps.conversations.current.compact(text);
    } catch (error) {
      this.#post({ type: 'summary', text });
      throw error;
    }
  }

  /** A page has come up: tell it all. The engine starts only when something is asked. */
  #welcome(): void {
    const { conversations, workspace, slash } = this.deps;
    this.#pageReady = true;
    this.#post({ type: 'snapshot', state: this.#feed.snapshot() });
    for (const message of this.#waiting.splice(0)) this.#post(message);
    slash.refresh();
    if (conversations.current.conversation.useWorkspace) workspace.prepare();
  }

  #post(message: ToPanel): void {
    if (message.type === 'busy') void commands.executeCommand('setContext', 'hearth.busy', message.busy);
    if (this.#pageReady) this.#batcher.post(message);
    else if (message.type === 'focusInput' || message.type === 'setInput') this.#waiting.push(message);
  }

  #send(message: ToPanel): void {
    this.#view?.webview
      .postMessage(message)
      .then(undefined, (error: unknown) => this.deps.log.warn(`Chat page: ${String(error)}`));
  }
}

/** Which rules of the project go with a question. */
function rulesNote(rules: readonly UsedRules[]): string[] {
  if (rules.length === 0) return [];
  const names = rules.map(({ path, cut }) => (cut ? `${path} (cut, too long)` : path));
  return [`Rules: ${names.join(', ')}`];
}
