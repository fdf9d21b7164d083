// A model that may be chosen now, with what is known of its network.
import type { CatalogueEntry } from '../../engine/shared/architecture/catalogue.ts';
import { localFacts } from './fit/local_facts.ts';
import type { ModelShape } from '../../engine/shared/architecture/shape.ts';
import type { ModelOnDisk } from './transfer/model_on_disk.ts';

export interface InstalledModel extends ModelOnDisk {
  /** For advice about it; some of it may be a guess. */
  shape?: ModelShape;
  shapeUnconfirmed?: boolean;
  contextTokens?: number;
}

/** Adds what the model's own files say of its network, and the catalogue where the model came from there. Never rejects. */
export async function withFacts(
  model: ModelOnDisk,
  catalogue: readonly CatalogueEntry[],
): Promise<InstalledModel> {
  const { origin } = model;
  const found = await localFacts(model.path);
  const facts = found.kind === 'known' ? found : undefined;
  const entry = origin.kind === 'hub' ? catalogue.find(({ id }) => id === origin.entryId) : undefined;
  if (entry) {
    const { shape, contextTokens, shapeUnconfirmed } = entry;
    if (!facts) return { ...model, shape, contextTokens, shapeUnconfirmed };
    // The file itself is right about everything but the head: whether that is tied, only its list of tensors says.
    const { contextTokens: own } = facts;
    return { ...model, shape: { ...facts.shape, tied: shape.tied }, contextTokens: own, shapeUnconfirmed };
  }
  if (!facts) return model;
  const { shape, contextTokens, unconfirmed } = facts;
  return { ...model, shape, contextTokens, shapeUnconfirmed: unconfirmed };
}
