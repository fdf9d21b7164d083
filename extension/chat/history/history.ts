// The conversations of a workspace: a folder with a log for each (log_entry.ts). Several windows may use it at once. A conversation
// that was deleted stays for some days under another name, so that it can be brought back.
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, type HearthError } from '../../../engine/protocol/errors.ts';
import type { Disposable } from '../../dispose.ts';
import type { Conversation } from '../conversation.ts';
import { chatErrors } from '../errors.ts';
import { entriesOf, replay, wonClaim, type LogEntry } from './log_entry.ts';
import { LogFile } from './log_file.ts';
import { excerptFor, inOrder, summaryOf, type Summary } from './summary.ts';
import { SummaryCache } from './summary_cache.ts';

const ending = '.jsonl';
const deletedEnding = '.deleted';
/** For so long a deleted conversation can be brought back. */
const deletedKeptMs = 30 * 24 * 60 * 60_000;
/** Ids become names of files. */
const idPattern = /^[\w-]{1,80}$/;

export interface HistoryDeps {
  folder: string;
  warn(message: string): void;
  showError(error: HearthError): void;
}
/** A conversation that a search has found. */
export interface Found extends Summary {
  /** Where; '' in its title, or when nothing was searched for. */
  excerpt: string;
}

export class History implements Disposable {
  readonly #files = new Map<string, LogFile>();
  readonly #cache: SummaryCache;
  /** Tells this window from others. */
  readonly #window = randomUUID();

  constructor(private readonly deps: HistoryDeps) {
    this.#cache = new SummaryCache(join(deps.folder, 'index.json'), deps.warn);
  }

  /** Adds to the log of a conversation; returns at once. What cannot be written stays in memory, is told, and is tried again. */
  append(id: string, entries: readonly LogEntry[]): void {
    this.#file(id).append(entries);
  }

  /** Writes a whole conversation that has no log yet. */
  async add(conversation: Conversation): Promise<void> {
    this.append(conversation.id, entriesOf(conversation));
    await this.#file(conversation.id).flush();
  }

  /** Claims a question that waits, to ask it; false when another window is asking it or has asked it. */
  async claim(id: string, questionId: string): Promise<boolean> {
    const claim = { questionId, by: this.#window };
    this.append(id, [{ type: 'claim', ...claim, at: Date.now() }]);
    await this.#file(id).flush();
    return wonClaim(await this.#lines(this.#pathOf(id)), claim, Date.now());
  }

  /** The conversation as its log tells it, or undefined when there is none that can be read. */
  async load(id: string): Promise<Conversation | undefined> {
    if (!idPattern.test(id)) return undefined;
    await this.#files.get(id)?.flush();
    return this.#read(this.#pathOf(id));
  }

  /** All conversations that have a question, pinned ones first, then the newest. */
  async list(): Promise<Summary[]> {
    await this.flush();
    const names = await this.#names(ending);
    const found: Summary[] = [];
    for (const name of names) {
      const path = join(this.deps.folder, name);
      const summary = await this.#cache.get(path, async () => {
        const conversation = await this.#read(path);
        return conversation && summaryOf(conversation);
      });
      if (summary && summary.questions > 0) found.push(summary);
    }
    await this.#cache.save(names);
    return inOrder(found);
  }

  /** Those that hold all words of the query, in whatever case; all of them for an empty one. An aborted search finds less. */
  async search(query: string, signal?: AbortSignal): Promise<Found[]> {
    const all = await this.list();
    if (query.trim() === '') return all.map(summary => ({ ...summary, excerpt: '' }));
    const found: Found[] = [];
    for (const summary of all) {
      if (signal?.aborted) break;
      const conversation = await this.#read(this.#pathOf(summary.id));
      const excerpt = conversation && excerptFor(conversation, query);
      if (excerpt !== undefined) found.push({ ...summary, excerpt });
    }
    return found;
  }

  /** Takes the conversation off the list; `restore` brings it back. */
  async remove(id: string): Promise<void> {
    await this.#move(id, ending, deletedEnding);
    const now = new Date();
    // From now on counts how long it is kept.
    await utimes(this.#pathOf(id, deletedEnding), now, now);
  }

  /** Brings back a conversation that was removed; one that is there already stays as it is. */
  async restore(id: string): Promise<void> {
    if ((await this.#names(ending)).includes(`${id}${ending}`)) return;
    await this.#move(id, deletedEnding, ending);
  }

  /** Removes for good what was deleted long ago. */
  async purge(now: number = Date.now()): Promise<void> {
    for (const name of await this.#names(deletedEnding)) {
      const path = join(this.deps.folder, name);
      try {
        if (now - (await stat(path)).mtimeMs > deletedKeptMs) await rm(path, { force: true });
      } catch (error) {
        this.deps.warn(`${path} could not be removed: ${reasonOf(error)}`);
      }
    }
  }

  /** Resolves when everything was written, or could not be. */
  async flush(): Promise<void> {
    await Promise.all([...this.#files.values()].map(file => file.flush()));
  }

  dispose(): void {
    for (const file of this.#files.values()) file.dispose();
  }

  async #move(id: string, from: string, to: string): Promise<void> {
    await this.#files.get(id)?.flush();
    try {
      await rename(this.#pathOf(id, from), this.#pathOf(id, to));
    } catch (error) {
      throw chatErrors.historyUnwritable(this.deps.folder, error);
    }
  }

  async #read(path: string): Promise<Conversation | undefined> {
    return replay(await this.#lines(path));
  }

  /** None when the file cannot be read. */
  async #lines(path: string): Promise<string[]> {
    try {
      return (await readFile(path, 'utf8')).split('\n');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.deps.warn(`${path} cannot be read: ${reasonOf(error)}`);
      return [];
    }
  }

  async #names(end: string): Promise<string[]> {
    try {
      return (await readdir(this.deps.folder)).filter(name => name.endsWith(end));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.deps.warn(`${this.deps.folder} cannot be read: ${reasonOf(error)}`);
      return [];
    }
  }

  #file(id: string): LogFile {
    let file = this.#files.get(id);
    if (!file) {
      const failed = (error: unknown): void =>
        this.deps.showError(chatErrors.historyUnwritable(this.deps.folder, error));
      file = new LogFile(this.#pathOf(id), { failed });
      this.#files.set(id, file);
    }
    return file;
  }

  #pathOf(id: string, end: string = ending): string {
    return join(this.deps.folder, `${id}${end}`);
  }
}
