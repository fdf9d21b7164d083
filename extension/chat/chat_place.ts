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
    this.page.close();
  }

  dispose(): void {
    this.leave();
    this.page.dispose();
  }

  #receive(raw: unknown): void {
    const read = readPageMessage(raw);
    if ('fault' in read) return this.deps.log.warn(`Chat page: a message was refused: ${read.fault}`);
    if (read.message.type === 'ready') this.page.open(read.message);
    this.deps.receive(read.message, this);
  }
}
