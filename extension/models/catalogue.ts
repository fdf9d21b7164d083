// Reads the catalogue that comes with the extension, and finds in it what was chosen. It works without a network.
import { readFile } from 'node:fs/promises';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import {
  parseCatalogue,
  type CatalogueEntry,
  type CatalogueVariant,
} from '../../engine/shared/architecture/catalogue.ts';
import { modelErrors } from './errors.ts';

/** Reads the catalogue that comes with the extension. */
export async function readCatalogue(path: string): Promise<CatalogueEntry[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw errors.fileUnreadable(path, cause);
  });
  return parseCatalogue(text, path);
}

/** The row and variant of a choice. Throws hubNotFound. */
export function findVariant(
  catalogue: readonly CatalogueEntry[],
  { entryId, quantization }: { entryId: string; quantization: string },
): { entry: CatalogueEntry; variant: CatalogueVariant } {
  const entry = catalogue.find(({ id }) => id === entryId);
  const variant = entry?.variants.find(one => one.quantization === quantization);
  if (!entry || !variant)
    throw modelErrors.hubNotFound(phrase`${entryId} (${quantization}) in the catalogue`);
  return { entry, variant };
}
