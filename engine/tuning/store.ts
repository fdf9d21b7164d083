// The variants chosen for a device and a model's shape, kept on disk: measured once, read at every later load. A file that is
// missing, damaged or of another version means measuring again, never a wrong variant.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Gpu, TunedVariant } from '../gpu/device.ts';
import type { Qwen3Next } from '../model/qwen3_next.ts';
import { cacheDirectory } from '../shared/caches/cache_directory.ts';
import { matricesOf } from '../model/weights/weights.ts';

/** Raised whenever a kernel changes so that other variants may be the fastest, or a name in the file changes. */
const version = 4;

const kept = z.strictObject({
  version: z.literal(version),
  /** What the choice holds for, in full: the file's name is only its hash. */
  key: z.string(),
  variant: z.strictObject({
    matmul: z.enum(['tile', 'shuffle', 'block']),
    attention: z.enum(['prefill', 'shuffle', 'flash', 'team']),
    batchHeldQuads: z.number().int().min(1).max(16),
    fewAttention: z.enum(['split', 'shuffle', 'team']),
    fewHeldQuads: z.number().int().min(1).max(16),
    groupsInFlight: z.number().int().min(1).max(65_536),
    teamLanes: z.number().int().min(1).max(64),
    subgroupSums: z.boolean(),
    teamRows: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    matvecLanes: z.number().int().min(1).max(256),
    sharedRows: z.boolean(),
    route: z.enum(['workgroup', 'subgroup']),
    staged: z.enum(['f32', 'f16', 'i8', 'matrix']),
  }) satisfies z.ZodType<TunedVariant>,
});

/** A whole variant as it is kept. */
export const variantSchema = kept.shape.variant;

/** What a choice of variants holds for: the device with its driver, and everything of the model that kernels are shaped by. */
export function tuningKey({ facts, limits }: Gpu, model: Qwen3Next): string {
  const { name, driver, vendor, architecture, backend, features, software } = facts;
  const { config, weights, kvPlan, batchTokensMax } = model;
  const matrices = matricesOf(weights).map(({ format, rows, columns }) => `${format} ${rows} ${columns}`);
  return JSON.stringify({
    device: { name, driver, vendor, architecture, backend, features, software, limits },
    model: { heads: [config.headCount, config.kvHeadCount, config.headDim], kvPlan, batchTokensMax },
    matrices: [...new Set(matrices)].sort(),
  });
}

export class TuningStore {
  constructor(private readonly directory = join(cacheDirectory(), 'variants')) {}

  /** The variant kept for this key, if there is one. Never rejects. */
  async read(key: string): Promise<TunedVariant | undefined> {
    const text = await readFile(this.#path(key), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    const result = kept.safeParse(value);
    return result.success && result.data.key === key ? result.data.variant : undefined;
  }

  /** Keeps a variant. Rejects when the folder cannot be written; nothing half-written is left. */
  async write(key: string, variant: TunedVariant): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const path = this.#path(key);
    const part = `${path}.${randomUUID()}`;
    try {
      await writeFile(part, `${JSON.stringify({ version, key, variant }, null, 2)}\n`);
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  /** Forgets what is kept for this key, if anything is. */
  async drop(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  #path(key: string): string {
    return join(this.directory, `${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`);
  }
}
