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

  /** The tab, made where there is none. */
  open(): ChatPlace {
    const [first] = this.#tabs.values();
    if (first) return first;
    const panel = window.createWebviewPanel(tabType, 'Hearth', ViewColumn.Active, { enableFindWidget: true });
    return this.#adopt(panel);
  }

  /** Moves the tab, which is in front, into a window of its own. */
  async moveToNewWindow(): Promise<void> {
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
    // A picture in a tab takes no colour from the theme.
    const icon = (theme: string): Uri => Uri.joinPath(this.deps.extensionUri, 'media', `tab_${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
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
