// The folder with the state of texts, one file each, that engines of all windows share. What it takes has a bound: the text used longest
// ago goes first, and what nobody has used for a month. A file that cannot be read is deleted and its text is read anew; nothing here
// is ever needed.
import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { HearthError } from '../protocol/errors.ts';
import { errorLine } from '../protocol/log_line.ts';
import { stateSuffix } from '../shared/caches/cache_directory.ts';
import { StateFile, stateBytes, writeState, type OpenFile, type TextState } from './state_file.ts';

/** Of one workspace: branches of a repository come and go. */
const textsPerWorkspaceMax = 3;
const dayMs = 24 * 60 * 60 * 1000;
const expiryMs = 30 * dayMs;
/** Files that are being written are younger. */
const partExpiryMs = dayMs;

export interface StateStoreOptions {
  directory: string;
  /** Most bytes of all files; 0: nothing is kept, and what is there is deleted. */
  bytesMax: number;
  /** The time, in ms. */
  now?: () => number;
  openFile?: OpenFile;
}

/** A file of the folder. */
interface Entry {
  name: string;
  bytes: number;
  /** When it was last written or used, in ms. */
  usedAt: number;
}
/** What is known of a file that was looked into. Another one may come to its name, with the same ids and other positions. */
interface Known {
  key: string;
  workspace: string;
  ids: readonly number[];
  positions: readonly number[];
}

/** A text of the store. */
export interface FoundText {
  name: string;
  /** The last of its positions up to which it and what was asked for are the same. */
  position: number;
}

export class StateStore {
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;
  readonly #openFile: OpenFile;

  constructor(private readonly options: StateStoreOptions) {
    this.#now = options.now ?? Date.now;
    this.#openFile = options.openFile ?? open;
  }

  /** True when something may be kept. */
  get isOn(): boolean {
    return this.options.bytesMax > 0;
  }

  /** Deletes what has expired, and all that is more than its bound. Never rejects: what cannot be deleted is told. */
  async tidy(): Promise<void> {
    for (const { name, usedAt } of await this.#list('.part'))
      if (usedAt < this.#now() - partExpiryMs) await this.#delete(name);
    for (const { name, usedAt } of await this.#list(stateSuffix))
      if (usedAt < this.#now() - expiryMs) await this.#delete(name);
    await this.#makeRoom(0);
  }

  /** The text that has most in common with `ids` from their beginning; undefined when there is none. Never rejects. */
  async find(key: string, ids: readonly number[]): Promise<FoundText | undefined> {
    if (!this.isOn) return undefined;
    let best: FoundText | undefined;
    for (const { name } of await this.#list(stateSuffix)) {
      const known = await this.#look(name);
      if (!known || known.key !== key) continue;
      const common = commonLength(known.ids, ids);
      const position = known.positions.findLast(one => one <= common) ?? 0;
      if (position > (best?.position ?? 0)) best = { name, position };
    }
    return best;
  }

  /** How the text of a workspace that was used last was laid out; undefined when there is none. Never rejects. */
  async layout(key: string, workspace: string): Promise<string | undefined> {
    if (!this.isOn) return undefined;
    for (const { name } of (await this.#list(stateSuffix)).toReversed()) {
      const known = await this.#look(name);
      if (!known || known.key !== key || known.workspace !== workspace) continue;
      const file = await this.#opened(name);
      if (!file) continue;
      try {
        return await file.layout();
      } catch (error) {
        await this.drop({ name }, error);
      } finally {
        await file.close();
      }
    }
    return undefined;
  }

  /** Opens what find() gave, which counts as used now; undefined when it is gone or damaged, which is told. Never rejects. */
  async open({ name }: FoundText): Promise<StateFile | undefined> {
    const file = await this.#opened(name);
    if (file) await this.use({ name });
    return file;
  }

  /** What find() gave counts as used now. Never rejects. */
  async use({ name }: Pick<FoundText, 'name'>): Promise<void> {
    const now = new Date(this.#now());
    await utimes(this.#path(name), now, now).catch((error: unknown) =>
      tell(`the time of ${name} could not be set`, error),
    );
  }

  /** A file turned out to be damaged, or not to fit: it is deleted. */
  async drop({ name }: Pick<FoundText, 'name'>, why: unknown): Promise<void> {
    tell(`the state in ${name} is not used`, why);
    await this.#delete(name);
  }

  /**
   * Keeps a text, unless it takes more than all may take; others go for it. Yields between its parts. Never throws for the disk: a text
   * that cannot be kept is told, and read anew another time. Throws gpuError, deviceLost.
   */
  async *keep(text: TextState): AsyncGenerator<void, void> {
    const bytes = stateBytes(text);
    const { bytesMax } = this.options;
    if (bytes > bytesMax)
      return tell('the state of a text is not kept', `it takes ${bytes} bytes, and all may take ${bytesMax}`);
    const name = nameOf(text);
    try {
      await mkdir(this.options.directory, { recursive: true, mode: 0o700 });
      await chmod(this.options.directory, 0o700);
      await this.#makeRoom(bytes);
      yield* writeState(this.#path(name), text, this.#openFile);
    } catch (error) {
      if (error instanceof HearthError) throw error;
      tell('the state of a text could not be kept', error);
      return;
    }
    await this.#dropOlder(text, name);
  }

  /** Of one workspace few texts are kept, and none that another one begins with. */
  async #dropOlder({ key, workspace, ids }: TextState, kept: string): Promise<void> {
    let others = 0;
    for (const { name } of (await this.#list(stateSuffix)).toReversed()) {
      if (name === kept) continue;
      const known = await this.#look(name);
      if (!known || known.workspace !== workspace || known.key !== key) continue;
      const isPart = commonLength(known.ids, ids) === known.ids.length;
      if (isPart || ++others >= textsPerWorkspaceMax) await this.#delete(name);
    }
  }

  /** Deletes those that were used longest ago until so many bytes more would fit. */
  async #makeRoom(bytes: number): Promise<void> {
    const entries = await this.#list(stateSuffix);
    let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries) {
      if (total + bytes <= this.options.bytesMax) return;
      await this.#delete(entry.name);
      total -= entry.bytes;
    }
  }

  /** Files with this ending, the one used longest ago first. */
  async #list(ending: string): Promise<Entry[]> {
    const { directory } = this.options;
    const names = await readdir(directory).catch((error: unknown) => {
      if (!isMissing(error)) tell(`${directory} cannot be read`, error);
      return [];
    });
    const entries: Entry[] = [];
    for (const name of names) {
      if (!name.endsWith(ending)) continue;
      // Another window may have deleted it meanwhile.
      const found = await stat(this.#path(name)).catch(() => undefined);
      if (found?.isFile()) entries.push({ name, bytes: found.size, usedAt: found.mtimeMs });
    }
    // What is gone is not remembered.
    const there = new Set<string>(names);
    for (const name of this.#known.keys()) if (!there.has(name)) this.#known.delete(name);
    return entries.sort((a, b) => a.usedAt - b.usedAt || (a.name < b.name ? -1 : 1));
  }

  /** What is in a file; undefined when it is gone or damaged. */
  async #look(name: string): Promise<Known | undefined> {
    const before = this.#known.get(name);
    if (before) return before;
    const file = await this.#opened(name);
    if (!file) return undefined;
    const { description, ids } = file;
    const { key, workspace, states } = description;
    const known = { key, workspace, ids, positions: states.map(({ position }) => position) };
    this.#known.set(name, known);
    await file.close();
    return known;
  }

  async #opened(name: string): Promise<StateFile | undefined> {
    try {
      return await StateFile.open(this.#path(name), this.#openFile);
    } catch (error) {
      if (isMissing(error)) this.#known.delete(name);
      else await this.drop({ name }, error);
      return undefined;
    }
  }

  async #delete(name: string): Promise<void> {
    this.#known.delete(name);
    await rm(this.#path(name), { force: true }).catch((error: unknown) =>
      tell(`${name} could not be deleted`, error),
    );
  }

  #path(name: string): string {
    return join(this.options.directory, name);
  }
}

/** The same text under the same key has the same file. */
function nameOf({ key, ids }: TextState): string {
  const hash = createHash('sha256').update(key).update(Uint32Array.from(ids));
  return `${hash.digest('hex').slice(0, 32)}${stateSuffix}`;
}

function commonLength(one: readonly number[], other: readonly number[]): number {
  let common = 0;
  while (common < one.length && common < other.length && one[common] === other[common]) common++;
  return common;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function tell(what: string, error: unknown): void {
  console.error(errorLine(`${what}: ${error instanceof Error ? error.message : String(error)}`));
}
