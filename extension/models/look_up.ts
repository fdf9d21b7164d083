// What any repository on the hub holds, as choices with advice.
import { adviseFit } from './advice.ts';
import { configFacts, type ConfigFacts } from './config_shape.ts';
import { fileSets } from './file_sets.ts';
import { factsOfFile } from './hash.ts';
import type { Hub, HubListing } from './hub.ts';
import type { CatalogueEntry, DeviceFacts, RepositoryFacts } from './types.ts';

/** Larger ones are no configuration. */
const configBytesMax = 1_000_000;

/** Asks the hub; needs no download. */
export async function lookUp(
  repository: string,
  revision: string | undefined,
  { hub, catalogue, device }: { hub: Hub; catalogue: readonly CatalogueEntry[]; device: DeviceFacts },
): Promise<RepositoryFacts> {
  const listing = await hub.list(repository, revision, undefined);
  const row = catalogue.find(entry => entry.repository === repository);
  const facts: ConfigFacts = row
    ? { kind: 'known', ...row, textOnly: row.textOnly ?? false }
    : await readConfig(hub, listing);
  const known = facts.kind === 'known' ? facts : undefined;
  const choices = fileSets(listing.files).map(({ label, files, kind }) => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const quantization = kind === 'gguf' ? label : 'BF16';
    const question = {
      shape: known?.shape,
      contextTokens: known?.contextTokens ?? 0,
      quantization,
      fileBytes: bytes,
    };
    const advice = known ? adviseFit(question, device) : undefined;
    return { label, files: files.map(file => factsOfFile(file.path, file)), bytes, advice };
  });
  const unsupportedArchitecture = facts.kind === 'unsupported' ? facts.architecture : undefined;
  const { licence, gated, revision: commit } = listing;
  const textOnly = known?.textOnly ?? false;
  return { repository, revision: commit, licence, gated, textOnly, unsupportedArchitecture, choices };
}

async function readConfig(hub: Hub, { repository, revision, files }: HubListing): Promise<ConfigFacts> {
  const file = files.find(({ path }) => path === 'config.json');
  if (!file || file.bytes > configBytesMax) return { kind: 'unclear' };
  return configFacts(await hub.readText(repository, revision, file.path));
}
