// What the engine keeps on the disk of workspaces that it has read: how much that is, and its end. The engine need not run. No vscode.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDirectory } from '../../engine/shared/caches/cache_directory.ts';

export class DiskCache {
  constructor(private readonly directory = stateDirectory()) {}

  /** Bytes of all its files; 0 when there is none. Rejects when the folder cannot be read. */
  async bytes(): Promise<number> {
    let sum = 0;
    for (const path of await this.#paths()) sum += (await stat(path).catch(() => undefined))?.size ?? 0;
    return sum;
  }

  /** Deletes everything. A running engine keeps what it has in memory. Rejects when something cannot be deleted. */
  async clear(): Promise<void> {
    for (const path of await this.#paths()) await rm(path, { force: true });
  }

  async #paths(): Promise<string[]> {
    try {
      return (await readdir(this.directory)).map(name => join(this.directory, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
