// What one page is sent, as a log: messages with ascending numbers, so that the page notices when one is missing and asks for all again.
// What is no part of the state (words for the input, a summary) is kept until the page has seen it. No vscode.
import { randomUUID } from 'node:crypto';
import type { Numbered, PanelState, ToPanel } from '../../webview/protocol.ts';
import { DeltaBatcher } from './delta_batcher.ts';
import type { Disposable } from '../dispose.ts';

export interface PageLogDeps {
  send(message: Numbered): void;
  /** Everything that is shown now. */
  snapshot(): PanelState;
}

/** What a page says of itself when it asks for everything: how far it had come, where it has been here before. */
export interface PageMemory {
  log?: string;
  seen?: number;
}

/** A message that no snapshot can replace. `seq` is missing until it was sent. */
interface Once {
  message: ToPanel;
  seq?: number;
}

/** Of these not more are kept for a page that never says what it has seen. */
const onceMax = 50;

export class PageLog implements Disposable {
  readonly #id = randomUUID();
  readonly #batcher = new DeltaBatcher(message => this.#send(message));
  #seq = 0;
  #isOpen = false;
  #once: Once[] = [];

  constructor(private readonly deps: PageLogDeps) {}

  /** True while a page listens. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The page asks for everything: it is new, or has missed something. */
  open({ log, seen }: PageMemory): void {
    this.#isOpen = true;
    const known = log === this.#id ? (seen ?? 0) : undefined;
    const missed = this.#once.filter(({ seq }) => seq === undefined || (known !== undefined && seq > known));
    this.#once = [];
    this.#batcher.post({ type: 'snapshot', state: this.deps.snapshot() });
    for (const { message } of missed) this.post(message);
  }

  /** The page is gone or hidden; what it has to learn is in the snapshot that the next one gets. */
  close(): void {
    this.#isOpen = false;
    this.#batcher.dispose();
  }

  post(message: ToPanel): void {
    if (this.#isOpen) this.#batcher.post(message);
    else if (isOnce(message)) this.#keep({ message });
  }

  dispose(): void {
    this.close();
    this.#once = [];
  }

  #send(message: ToPanel): void {
    this.#seq += 1;
    if (isOnce(message)) this.#keep({ message, seq: this.#seq });
    this.deps.send({ log: this.#id, seq: this.#seq, message });
  }

  #keep(once: Once): void {
    this.#once = [...this.#once, once].slice(-onceMax);
  }
}

const onceTypes: ReadonlySet<ToPanel['type']> = new Set([
  'setInput',
  'focusInput',
  'focusBack',
  'insertText',
  'insertMention',
  'summary',
]);

/** Whether no snapshot can replace it. It is for the page in use alone. */
export function isOnce({ type }: ToPanel): boolean {
  return onceTypes.has(type);
}
