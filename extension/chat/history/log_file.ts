// The file of one conversation's log. Lines are appended whole and in order; what cannot be written now is tried again later.
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toLines, type LogEntry } from './log_entry.ts';

/** After a failure the next try comes with the next entry, or after this long. */
const retryMs = 5_000;

export interface LogFileEvents {
  /** Writing has failed; called once until it works again. */
  failed(error: unknown): void;
}

export class LogFile {
  /** Lines that are not written yet. */
  #waiting = '';
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** The file may end in half a line: of a disk that was full, or of a process that died. An empty line does no harm. */
  #mayBeTorn = true;
  #failing = false;

  constructor(
    readonly path: string,
    private readonly events: LogFileEvents,
  ) {}

  /** Adds entries to the end; returns at once. */
  append(entries: readonly LogEntry[]): void {
    this.#waiting += toLines(entries);
    this.#writing ??= this.#write();
  }

  /** Resolves when everything was written, or could not be. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Writes no more by itself. */
  dispose(): void {
    clearTimeout(this.#retry);
  }

  async #write(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      while (this.#waiting !== '') {
        const lines = this.#waiting;
        await mkdir(dirname(this.path), { recursive: true });
        await appendFile(this.path, this.#mayBeTorn ? `\n${lines}` : lines);
        this.#waiting = this.#waiting.slice(lines.length);
        this.#mayBeTorn = false;
        this.#failing = false;
      }
    } catch (error) {
      this.#mayBeTorn = true;
      if (!this.#failing) this.events.failed(error);
      this.#failing = true;
      this.#retry = setTimeout(() => this.append([]), retryMs).unref();
    } finally {
      this.#writing = undefined;
    }
  }
}
