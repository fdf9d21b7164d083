// Brings what the host sends into order by its numbers: what came twice counts once, and where something is missing, all is asked for
// again. Pure.
import type { Numbered, ToPanel } from './protocol.ts';

export class MessageLog {
  #log: string | undefined;
  #seen = 0;
  /** Something is missing: nothing counts before the next snapshot. */
  #isBroken = false;

  /** What the host should know when this page asks for everything. */
  get memory(): { log?: string; seen: number } {
    return { log: this.#log, seen: this.#seen };
  }

  /** The message, if it is the next one; 'missing' when one before it has not come, and undefined when it has been here. */
  take({ log, seq, message }: Numbered): ToPanel | 'missing' | undefined {
    if (log === this.#log && seq <= this.#seen) return undefined;
    if (message?.type === 'snapshot') this.#log = log;
    else if (this.#isBroken || log !== this.#log || seq !== this.#seen + 1) {
      this.#isBroken = true;
      return 'missing';
    }
    this.#isBroken = false;
    this.#seen = seq;
    return message;
  }
}
