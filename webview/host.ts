// The wire to the extension host. The only caller of acquireVsCodeApi; nothing else in the page posts or listens. Host and page
// come in one package, so the page trusts the types of what it is sent; a message it cannot show is reported (page_fault.ts).
import type { FromPanel, ToPanel } from './protocol.ts';

/** What the page keeps for itself when VS Code throws the page away and makes it anew. */
interface SavedPage {
  draft: string;
  useWorkspace: boolean;
}

export interface Host {
  post(message: FromPanel): void;
  onMessage(listener: (message: ToPanel) => void): void;
  save(page: SavedPage): void;
  saved(): SavedPage | undefined;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** Connects to the extension host; may be called once in the life of a page. */
export function connectHost(): Host {
  const api = acquireVsCodeApi();
  return {
    post: message => api.postMessage(message),
    onMessage: listener => {
      window.addEventListener('message', (event: MessageEvent<ToPanel>) => {
        // The host posts from the frame around the page. A message that the page posted to itself comes from another script, such
        // as one that a browser extension adds to every page.
        if (event.source !== window) listener(event.data);
      });
    },
    save: page => api.setState(page),
    saved: () => readSaved(api.getState()),
  };
}

function readSaved(value: unknown): SavedPage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { draft, useWorkspace } = value as Partial<Record<keyof SavedPage, unknown>>;
  if (typeof draft !== 'string' || typeof useWorkspace !== 'boolean') return undefined;
  return { draft, useWorkspace };
}
