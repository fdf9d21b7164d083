// Summaries of conversations, so that the list need not read every log again. An entry counts only as long as the file has the same
// size and time, so whatever is wrong with the cache costs time and nothing else.
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as z from 'zod';
import { reasonOf } from '../../../engine/protocol/errors.ts';
import { summarySchema, type Summary } from './summary.ts';

const entrySchema = z.object({ size: z.number(), mtimeMs: z.number(), summary: summarySchema });
const indexSchema = z.object({ version: z.literal(1), entries: z.record(z.string(), entrySchema) });

export class SummaryCache {
  #entries: Map<string, z.output<typeof entrySchema>> | undefined;
  #isChanged = false;

  constructor(
    private readonly path: string,
    private readonly warn: (message: string) => void,
  ) {}

  /** The summary of the conversation in this file; `make` makes it where none is known. */
  async get(file: string, make: () => Promise<Summary | undefined>): Promise<Summary | undefined> {
    this.#entries ??= await this.#load();
    const name = basename(file);
    let facts: { size: number; mtimeMs: number };
    try {
      facts = await stat(file);
    } catch {
      // Another window has removed it.
      return undefined;
    }
    const { size, mtimeMs } = facts;
    const known = this.#entries.get(name);
    if (known?.size === size && known.mtimeMs === mtimeMs) return known.summary;
    const summary = await make();
    if (!summary) return undefined;
    this.#entries.set(name, { size, mtimeMs, summary });
    this.#isChanged = true;
    return summary;
  }

  /** Keeps what is new for the next start; of files that are no longer there, nothing. */
  async save(names: readonly string[]): Promise<void> {
    if (!this.#isChanged || !this.#entries) return;
    const present = new Set(names);
    for (const name of this.#entries.keys()) if (!present.has(name)) this.#entries.delete(name);
    this.#isChanged = false;
    const temporary = `${this.path}.${process.pid}`;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await writeFile(temporary, JSON.stringify({ version: 1, entries: Object.fromEntries(this.#entries) }));
      await rename(temporary, this.path);
    } catch (error) {
      this.warn(`The list of conversations could not be kept: ${reasonOf(error)}`);
    }
  }

  async #load(): Promise<Map<string, z.output<typeof entrySchema>>> {
    try {
      const index = indexSchema.safeParse(JSON.parse(await readFile(this.path, 'utf8')));
      return new Map(index.success ? Object.entries(index.data.entries) : []);
    } catch {
      // None yet, or damaged: it is made anew.
      return new Map();
    }
  }
}
