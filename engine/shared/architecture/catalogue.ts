// The catalogue of models that Hearth offers: media/catalogue.json, checked. The extension offers them, the engine's command line
// predicts for them. Pure.
import * as z from 'zod';
import { errors } from '../../protocol/errors.ts';
import type { ModelShape } from './shape.ts';

/** What a model does well. */
export type GoodAt = 'chat' | 'completion' | 'thinking';

/** One download of a catalogue row: the same model in one storage type. */
export interface CatalogueVariant {
  /** Unique within the row; the usual name of the storage type, e.g. "Q4_K_M" or "BF16". */
  quantization: string;
  /** Names of files in the repository; `*` stands for any characters. The hub decides what they match. */
  files: string[];
  /** Size of the download, when it is known without asking the hub. */
  bytes?: number;
  /** SHA-256 by file name, when known; a download that differs is refused. */
  sha256?: Record<string, string>;
}

/** A row of media/catalogue.json. */
export interface CatalogueEntry {
  id: string;
  name: string;
  /** One or two sentences for the user. */
  description: string;
  /** `owner/name` on the hub; absent for the model that comes with Hearth. */
  repository?: string;
  /** Commit that is downloaded; absent: the newest one, pinned when the download starts. */
  revision?: string;
  variants: CatalogueVariant[];
  /** The variant offered first. */
  defaultVariant: string;
  /** SPDX name, as on the model's card. */
  licence: string;
  architecture: 'qwen3_next' | 'qwen3_5' | 'qwen3_5_moe';
  contextTokens: number;
  /** Longest context that YaRN allows, when the model's card speaks of it. */
  contextTokensYarn?: number;
  goodAt: GoodAt[];
  /** The model was made for more than text; Hearth uses its text part. */
  textOnly?: boolean;
  shape: ModelShape;
  /** Some sizes in `shape` come from secondary sources, so figures computed from it are rough. */
  shapeUnconfirmed?: boolean;
}

const size = z.number().int().min(0);
const positive = z.number().int().min(1);
const commit = z.string().regex(/^[0-9a-f]{40}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const shape = z.strictObject({
  layers: positive,
  attentionLayers: positive,
  hidden: positive,
  vocabulary: positive,
  tied: z.boolean(),
  heads: positive,
  kvHeads: positive,
  headDim: positive,
  linearKeyHeads: positive,
  linearValueHeads: positive,
  linearKeyDim: positive,
  linearValueDim: positive,
  convKernel: positive,
  denseFf: size,
  experts: size,
  expertsPerToken: size,
  expertFf: size,
  sharedExpertFf: size,
  mtpLayers: size.optional(),
});

const variant = z.strictObject({
  quantization: z.string().min(1),
  files: z.array(z.string().min(1)).min(1),
  bytes: positive.optional(),
  sha256: z.record(z.string(), sha256).optional(),
});

const entry = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
    name: z.string().min(1),
    description: z.string().min(1),
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/)
      .optional(),
    revision: commit.optional(),
    variants: z.array(variant).min(1),
    defaultVariant: z.string(),
    licence: z.string().min(1),
    architecture: z.enum(['qwen3_next', 'qwen3_5', 'qwen3_5_moe']),
    contextTokens: positive,
    contextTokensYarn: positive.optional(),
    textOnly: z.boolean().optional(),
    goodAt: z.array(z.enum(['chat', 'completion', 'thinking'])).min(1),
    shape,
    shapeUnconfirmed: z.boolean().optional(),
  })
  .refine(
    ({ variants, defaultVariant }) => variants.some(one => one.quantization === defaultVariant),
    'the default variant is not one of the variants',
  )
  .refine(
    ({ variants }) => new Set(variants.map(one => one.quantization)).size === variants.length,
    'two variants have one name',
  );

const file = z
  .strictObject({ version: z.literal(1), models: z.array(entry).min(1) })
  .refine(
    ({ models }) => new Set(models.map(({ id }) => id)).size === models.length,
    'two models have one id',
  );

/** Checks the text of a catalogue. Throws fileUnreadable with the first fault. */
export function parseCatalogue(text: string, path: string): CatalogueEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw errors.fileUnreadable(path, cause);
  }
  const result = file.safeParse(value);
  if (result.success) return result.data.models;
  const [issue] = result.error.issues;
  throw errors.fileUnreadable(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
