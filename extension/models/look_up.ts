// What any repository on the hub holds, as choices with advice: from its config.json, or else from the beginning of a GGUF file.
import { adviseFit } from './fit/advice.ts';
import { configBytesMax, configFacts, type ConfigFacts } from './fit/config_shape.ts';
import { fileSets, type FileSet } from './transfer/file_sets.ts';
import { headBytes } from './fit/gguf_head.ts';
import { ggufFacts } from './fit/gguf_shape.ts';
import { factsOfFile } from './transfer/hash.ts';
import type { Hub, HubFile, HubListing } from './hub/hub.ts';
import type { CatalogueEntry, DeviceFacts, RepositoryFacts } from './types.ts';
import { errors } from '../../engine/protocol/errors.ts';

/** Advice is not worth waiting for longer. */
const headMsMax = 20_000;

export interface LookUpTools {
  hub: Hub;
  catalogue: readonly CatalogueEntry[];
  device: DeviceFacts;
  /** Ends the look-up with the signal's reason. */
  signal: AbortSignal;
  /** A hub that has not answered by then counts as unreachable. */
  lookUpMsMax: number;
  warn(message: string): void;
}

/** Asks the hub; needs no download. */
export async function lookUp(
  repository: string,
  revision: string | undefined,
  tools: LookUpTools,
): Promise<RepositoryFacts> {
  const { hub, lookUpMsMax } = tools;
  const deadline = AbortSignal.timeout(lookUpMsMax);
  const signal = AbortSignal.any([tools.signal, deadline]);
  try {
    return await readRepository(repository, revision, { ...tools, signal });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw errors.hubUnreachable(hub.host, `no answer within ${Math.ceil(lookUpMsMax / 1000)} seconds`);
  }
}

async function readRepository(
  repository: string,
  revision: string | undefined,
  tools: LookUpTools,
): Promise<RepositoryFacts> {
  const { hub, catalogue, device, signal } = tools;
  const listing = await hub.list(repository, revision, signal);
  const sets = fileSets(listing.files);
  const row = catalogue.find(entry => entry.repository === repository);
  const facts = row ? factsOfRow(row) : await readFacts(listing, sets, tools);
  const known = facts.kind === 'known' ? facts : undefined;
  const choices = sets.map(({ label, files, kind }) => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const advice =
      known &&
      adviseFit(
        {
          shape: known.shape,
          contextTokens: known.contextTokens,
          contextTokensYarn: row?.contextTokensYarn,
          quantization: kind === 'gguf' ? label : 'BF16',
          fileBytes: bytes,
          shapeUnconfirmed: known.unconfirmed,
        },
        device,
      );
    return { label, files: files.map(file => factsOfFile(file.path, file)), bytes, advice };
  });
  const unsupportedArchitecture = facts.kind === 'unsupported' ? facts.architecture : undefined;
  const { licence, gated, revision: commit } = listing;
  const textOnly = known?.textOnly ?? false;
  return { repository, revision: commit, licence, gated, textOnly, unsupportedArchitecture, choices };
}

function factsOfRow({
  shape,
  contextTokens,
  textOnly = false,
  shapeUnconfirmed,
}: CatalogueEntry): ConfigFacts {
  return { kind: 'known', shape, contextTokens, textOnly, unconfirmed: shapeUnconfirmed };
}

async function readFacts(
  listing: HubListing,
  sets: readonly FileSet<HubFile>[],
  { hub, signal, warn }: LookUpTools,
): Promise<ConfigFacts> {
  const { repository, revision, files } = listing;
  const config = files.find(({ path }) => path === 'config.json');
  if (config && config.bytes <= configBytesMax) {
    const facts = configFacts(await hub.readText(repository, revision, config.path, signal));
    if (facts.kind !== 'unclear') return facts;
  }
  const [file] = sets.find(({ kind }) => kind === 'gguf')?.files ?? [];
  if (!file) return { kind: 'unclear' };
  try {
    const of = { repository, revision, file };
    return ggufFacts(
      await hub.readStart(of, headBytes, AbortSignal.any([signal, AbortSignal.timeout(headMsMax)])),
    );
  } catch (error) {
    // What the repository holds is known all the same.
    warn(`${file.path} of ${repository} could not be looked into: ${String(error)}`);
    return { kind: 'unclear' };
  }
}
