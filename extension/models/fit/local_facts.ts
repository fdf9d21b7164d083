// Sizes of a model on this machine, from the beginning of its own files, for advice about it.
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { configBytesMax, configFacts, type ConfigFacts } from './config_shape.ts';
import { headBytes } from './gguf_head.ts';
import { ggufFacts } from './gguf_shape.ts';
import type { CatalogueEntry, InstalledModel } from '../types.ts';

/** The model with what is known of its network by its files, and by the catalogue when it came from there. Never rejects. */
export async function withFacts(
  model: InstalledModel,
  catalogue: readonly CatalogueEntry[],
): Promise<InstalledModel> {
  const { origin } = model;
  const found = await readFacts(model.path).catch((): ConfigFacts => ({ kind: 'unclear' }));
  const facts = found.kind === 'known' ? found : undefined;
  const entry = origin.kind === 'hub' ? catalogue.find(({ id }) => id === origin.entryId) : undefined;
  if (entry) {
    const { shape, contextTokens, shapeUnconfirmed } = entry;
    if (!facts) return { ...model, shape, contextTokens, shapeUnconfirmed };
    // The file itself knows best, but for the head, which only the list of its tensors tells.
    const { contextTokens: own } = facts;
    return { ...model, shape: { ...facts.shape, tied: shape.tied }, contextTokens: own, shapeUnconfirmed };
  }
  if (!facts) return model;
  const { shape, contextTokens, unconfirmed } = facts;
  return { ...model, shape, contextTokens, shapeUnconfirmed: unconfirmed };
}

async function readFacts(path: string): Promise<ConfigFacts> {
  if (/\.gguf$/i.test(path)) {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return ggufFacts(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }
  const config = join(path, 'config.json');
  if ((await stat(config)).size > configBytesMax) return { kind: 'unclear' };
  return configFacts(await readFile(config, 'utf8'));
}
