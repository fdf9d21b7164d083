// One place where the chat is shown: the view in the side bar, or a tab of the editor. The editor may throw its page away and make it
// anew at any time; the place stays. Every message of the page is checked first.
import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';
import type { FromPanel, PanelState } from '../../webview/protocol.ts';
import type { Disposable } from '../dispose.ts';
import { texts } from '../l10n.ts';
import type { Log } from '../log.ts';
import { pageHtml } from './html.ts';
import { PageLog } from './page_log.ts';
import { readPageMessage } from './page_message.ts';

export interface ChatPlaceDeps {
  extensionUri: Uri;
  snapshot(): PanelState;
  /** The page wants something; that it asks for everything is the place's own affair. */
  receive(message: FromPanel, place: ChatPlace): void;
  log: Log;
}

export class ChatPlace implements Disposable {
  readonly page: PageLog;
  #webview: Webview | undefined;
  #listening: Disposable | undefined;
  /** The input is wanted, and there is no page yet that could have the focus. */
  #wantsFocus = false;
  #hasFocus = false;

  /** `reveal` brings it into view. */
  constructor(
    private readonly deps: ChatPlaceDeps,
    readonly reveal: () => unknown,
  ) {
    this.page = new PageLog({
      snapshot: deps.snapshot,
      send: message =>
        void this.#webview
          ?.postMessage(message)
          .then(undefined, (error: unknown) => deps.log.warn(`Chat page: ${String(error)}`)),
    });
  }

  /** True while the user's keys go to the page, as far as the page has told. */
  get hasFocus(): boolean {
    return this.#hasFocus;
  }

  /** Makes the page in a fresh webview. */
  fill(webview: Webview): void {
    const dist = Uri.joinPath(this.deps.extensionUri, 'dist');
    this.leave();
    this.#webview = webview;
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.#listening = webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    webview.html = pageHtml({
      nonce: randomBytes(18).toString('base64url'),
      cspSource: webview.cspSource,
      scriptUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.js')).toString(),
      styleUri: webview.asWebviewUri(Uri.joinPath(dist, 'webview.css')).toString(),
      texts: texts(),
    });
  }

  /** Its webview is gone; one that another has followed already is not its own any more. */
  leave(webview = this.#webview): void {
    if (webview !== this.#webview) return;
    this.#listening?.dispose();
    this.#listening = undefined;
    this.#webview = undefined;
    this.hide();
  }

  /** It is out of view; its page may be gone or is asleep. */
  hide(): void {
    this.#hasFocus = false;
    this.page.close();
  }

  /** Brings it into view, and the cursor into its input. */
  async focusInput(): Promise<void> {
    this.#wantsFocus = !this.page.isOpen;
    await this.reveal();
    this.page.post({ type: 'focusInput' });
  }

  dispose(): void {
    this.leave();
    this.page.dispose();
  }

  #receive(raw: unknown): void {
    const read = readPageMessage(raw);
    if ('fault' in read) return this.deps.log.warn(`Chat page: a message was refused: ${read.fault}`);
    const { message } = read;
    if (message.type === 'focused') this.#hasFocus = message.focused;
    if (message.type === 'ready') {
      this.page.open(message);
      // Before there was a page, the editor had nothing to give the focus to.
      if (this.#wantsFocus) void this.reveal();
      this.#wantsFocus = false;
    }
    this.deps.receive(message, this);
  }
}
