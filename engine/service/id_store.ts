// Counts of ids on disk, beside the variants that were chosen for the device. A file that is missing or damaged means counting anew.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { cacheDirectory } from '../shared/caches/cache_directory.ts';
import { IdCounts, vocabularyKey, type CountedVocabulary } from './id_counts.ts';

const version = 1;
const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 24);
const kept = z.strictObject({
  version: z.literal(version),
  counts: z.array(z.tuple([count, count])),
});

export class IdStore {
  constructor(private readonly directory = join(cacheDirectory(), 'ids')) {}

  /** The counts kept for this vocabulary, or none. Never rejects. */
  async read(vocabulary: CountedVocabulary): Promise<IdCounts> {
    const text = await readFile(this.#path(vocabulary), 'utf8').catch(() => '');
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return new IdCounts(vocabulary);
    }
    const result = kept.safeParse(value);
    return new IdCounts(vocabulary, result.success ? result.data.counts : []);
  }

  /** Keeps counts, if there are new ones. Rejects when the folder cannot be written; nothing half-written is left. */
  async write(counts: IdCounts): Promise<void> {
    if (!counts.isNew) return;
    await mkdir(this.directory, { recursive: true });
    const path = this.#path(counts.vocabulary);
    const part = `${path}.${randomUUID()}`;
    try {
      await writeFile(part, `${JSON.stringify({ version, counts: counts.kept() })}\n`);
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    counts.isNew = false;
  }

  #path(vocabulary: CountedVocabulary): string {
    const hash = createHash('sha256').update(vocabularyKey(vocabulary)).digest('hex').slice(0, 24);
    return join(this.directory, `${hash}.json`);
  }
}
