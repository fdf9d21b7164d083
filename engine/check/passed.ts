// What was found right, kept on disk beside the tuned variants: checked once for a device, its driver and this engine. What was wrong is
// not kept, so it is looked at again with every start, and a repaired device is told nothing.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import { cacheDirectory } from '../shared/caches/cache_directory.ts';
import { variantSchema } from '../tuning/store.ts';
import { thisEngine } from './this_engine.ts';

const kept = z.strictObject({ key: z.string(), variant: variantSchema });

/** What a check holds for: this engine, the device with its driver and limits, and what was checked. */
export function checkKey({ facts, limits }: Gpu, subject: unknown): string {
  return JSON.stringify({ engine: thisEngine(), device: facts, limits, subject });
}

export class PassedChecks {
  constructor(private readonly directory = join(cacheDirectory(), 'checks')) {}

  /** The variants that passed, if this check was passed. Never rejects. */
  async read(key: string): Promise<TunedVariant | undefined> {
    try {
      const result = kept.safeParse(JSON.parse(await readFile(this.#path(key), 'utf8')));
      return result.success && result.data.key === key ? result.data.variant : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps what passed. Rejects when the folder cannot be written; nothing half-written is left. */
  async write(key: string, variant: TunedVariant): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const path = this.#path(key);
    const part = `${path}.${randomUUID()}`;
    try {
      await writeFile(part, `${JSON.stringify({ key, variant })}\n`);
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  #path(key: string): string {
    return join(this.directory, `${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`);
  }
}
