// The chat as a tab of the editor, which the user may split off into a window of its own. It shows the same conversation as the side
// bar, and is there again after a reload.
import { commands, Uri, ViewColumn, window, type WebviewPanel } from 'vscode';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { ChatPlace, type ChatPlaceDeps } from './chat_place.ts';

const tabType = 'hearth.chatTab';

export interface ChatTabsDeps extends ChatPlaceDeps {
  /** A tab has come to the front. */
  onDidActivate(place: ChatPlace): void;
  onDidClose(place: ChatPlace): void;
}

export class ChatTabs implements Disposable {
  readonly #subscriptions = new DisposableStore();
  readonly #tabs = new Map<WebviewPanel, ChatPlace>();

  constructor(private readonly deps: ChatTabsDeps) {
    this.#subscriptions.add(
      window.registerWebviewPanelSerializer(tabType, {
        deserializeWebviewPanel: async panel => void this.#adopt(panel),
      }),
    );
  }

  get places(): ChatPlace[] {
    return [...this.#tabs.values()];
  }

  /** Brings the tab into view, and makes it where there is none. */
  open(): ChatPlace {
    const [first] = this.#tabs.values();
    if (first) {
      first.reveal();
      return first;
    }
    const panel = window.createWebviewPanel(tabType, 'Hearth', ViewColumn.Active);
    return this.#adopt(panel);
  }

  /** Moves the tab into a window of its own. */
  async moveToNewWindow(): Promise<void> {
    this.open();
    await commands.executeCommand('workbench.action.moveEditorToNewWindow');
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const place of this.#tabs.values()) place.dispose();
    this.#tabs.clear();
  }

  #adopt(panel: WebviewPanel): ChatPlace {
    const place = new ChatPlace(this.deps, () => panel.reveal());
    this.#tabs.set(panel, place);
    panel.iconPath = Uri.joinPath(this.deps.extensionUri, 'media', 'panel.svg');
    panel.onDidChangeViewState(() => {
      if (!panel.visible) place.hide();
      if (panel.active) this.deps.onDidActivate(place);
    });
    panel.onDidDispose(() => {
      this.#tabs.delete(panel);
      place.dispose();
      this.deps.onDidClose(place);
    });
    place.fill(panel.webview);
    if (panel.active) this.deps.onDidActivate(place);
    return place;
  }
}
