// The wire to the extension host. The only caller of acquireVsCodeApi; nothing else in the page posts or listens. Host and page
// come in one package, so the page trusts the types of what it is sent; a message it cannot show is reported (page_fault.ts).
import { MessageLog } from './message_log.ts';
import type { FromPanel, Numbered, ToPanel } from './protocol.ts';

/** When everything was asked for and did not come, it is asked for again after this. */
const askAgainMs = 1000;

/** What the page keeps for itself when VS Code throws the page away and makes it anew. */
interface SavedPage {
  draft: string;
  useWorkspace: boolean;
  summary?: SavedSummary;
}
/** A summary that was offered and neither used nor left, with what the user has changed in it. */
export interface SavedSummary {
  conversationId: string;
  text: string;
}

export interface Host {
  /** Asks for everything; messages follow. */
  start(): void;
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
  const before = api.getState();
  const page = readSaved(before);
  const log = new MessageLog();
  let kept: object = { ...page };
  let asking: ReturnType<typeof setTimeout> | undefined;
  const post = (message: FromPanel): void => api.postMessage(message);
  const askAgain = (): void => {
    post({ type: 'ready', ...log.memory });
    asking = setTimeout(askAgain, askAgainMs);
  };
  const save = (): void => api.setState({ ...kept, ...log.memory });
  return {
    start: () => post({ type: 'ready', ...readMemory(before) }),
    post,
    onMessage: listener => {
      window.addEventListener('message', (event: MessageEvent<Numbered>) => {
        // The host posts from the frame around the page. A message that the page posted to itself comes from another script, such
        // as one that a browser extension adds to every page.
        if (event.source === window) return;
        const message = log.take(event.data);
        if (message === 'missing') {
          if (asking === undefined) askAgain();
        } else if (message !== undefined) {
          if (message?.type === 'snapshot') {
            clearTimeout(asking);
            asking = undefined;
          }
          listener(message);
          // What changes with every piece of an answer is in the next snapshot; how far it is need not be noted then.
          if (!changesOnly.has(message?.type)) save();
        }
      });
    },
    save: now => {
      kept = now;
      save();
    },
    saved: () => page,
  };
}

/** Messages that a snapshot makes up for. */
const changesOnly: ReadonlySet<ToPanel['type']> = new Set([
  'delta',
  'thinking',
  'reading',
  'turn',
  'engine',
  'meter',
]);

function readMemory(value: unknown): { log?: string; seen?: number } {
  if (typeof value !== 'object' || value === null) return {};
  const { log, seen } = value as Partial<Record<'log' | 'seen', unknown>>;
  return typeof log === 'string' && typeof seen === 'number' ? { log, seen } : {};
}

function readSaved(value: unknown): SavedPage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { draft, useWorkspace, summary } = value as Partial<Record<keyof SavedPage, unknown>>;
  if (typeof draft !== 'string' || typeof useWorkspace !== 'boolean') return undefined;
  const known = readSummary(summary);
  return { draft, useWorkspace, ...(known && { summary: known }) };
}

function readSummary(value: unknown): SavedSummary | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { conversationId, text } = value as Partial<Record<keyof SavedSummary, unknown>>;
  if (typeof conversationId !== 'string' || typeof text !== 'string') return undefined;
  return { conversationId, text };
}
