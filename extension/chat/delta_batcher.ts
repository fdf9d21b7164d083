// Gathers the pieces of a streaming answer for a moment, so that the page gets tens of messages a second, not hundreds.
// Order is kept: whatever else is posted pushes the gathered pieces out first. No vscode.
import type { Disposable } from '../dispose.ts';
import type { ToPanel } from '../../webview/protocol.ts';

const batchMs = 30;

type Piece = Extract<ToPanel, { type: 'delta' | 'thinking' | 'reading' }>;

export class DeltaBatcher implements Disposable {
  #pending: Piece | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (message: ToPanel) => void) {}

  /** Sends now or, for a piece of an answer, within a moment. */
  post(message: ToPanel): void {
    if (message.type === 'snapshot') {
      // It already contains every gathered piece.
      this.#take();
      this.send(message);
    } else if (message.type === 'delta' || message.type === 'thinking' || message.type === 'reading')
      this.#gather(message);
    else {
      this.flush();
      this.send(message);
    }
  }

  /** Sends what is gathered. */
  flush(): void {
    const pending = this.#take();
    if (pending) this.send(pending);
  }

  dispose(): void {
    this.#take();
  }

  #gather(piece: Piece): void {
    const last = this.#pending;
    if (last && (last.type !== piece.type || last.turnId !== piece.turnId)) this.flush();
    // One that was not pushed out is of the same kind.
    const before = this.#pending && 'text' in this.#pending ? this.#pending.text : '';
    this.#pending = 'text' in piece ? { ...piece, text: before + piece.text } : piece;
    this.#timer ??= setTimeout(() => this.flush(), batchMs);
  }

  #take(): Piece | undefined {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }
}
