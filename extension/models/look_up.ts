// What any repository on the hub holds, as choices with advice: from its config.json, or else from the start of a GGUF file.
import { phrase } from '../../engine/protocol/phrase.ts';
import { architectureName } from '../../engine/shared/architecture/other_models.ts';
import { modelErrors } from './errors.ts';
import type { CatalogueEntry } from '../../engine/shared/architecture/catalogue.ts';
import { adviseFit, type FitAdvice, type MachineFacts } from './fit/advice.ts';
import { configBytesMax, configFacts, type ConfigFacts } from './fit/config_shape.ts';
import { headBytes } from './fit/gguf_head.ts';
import { ggufFacts } from './fit/gguf_shape.ts';
import type { Hub, HubFile, HubListing } from './hub/hub.ts';
import { fileSets, type FileSet } from './transfer/file_sets.ts';
import { quantizationOf, shardsOf, type ReadText } from './transfer/small_files.ts';
import { factsOfFile, type FileFacts } from './transfer/model_on_disk.ts';

/** Advice is not worth a longer wait. */
const headMsMax = 20_000;

/** Files that belong together in some repository: the parts of one GGUF, or a safetensors folder. */
export interface RepositoryChoice {
  /** E.g. "Q4_K_M" or "safetensors". */
  label: string;
  files: FileFacts[];
  bytes: number;
  advice?: FitAdvice;
  /** Set when its weights are quantised in this way, which Hearth does not read: a download would be useless. */
  unreadQuantization?: string;
}

/** What the hub says about a repository. */
export interface RepositoryFacts {
  repository: string;
  /** The commit that `main`, or the revision asked for, is now. */
  revision: string;
  licence?: string;
  gated: boolean;
  /** Its models were made for more than text; Hearth uses their text part. */
  textOnly: boolean;
  /** Set when Hearth does not run the architecture of its models, so that a download would be useless. */
  unsupportedArchitecture?: string;
  choices: RepositoryChoice[];
}

export interface LookUpTools {
  hub: Hub;
  catalogue: readonly CatalogueEntry[];
  machine: MachineFacts;
  /** Ends the look-up with the signal's reason. */
  signal: AbortSignal;
  /** A hub that has not answered by then counts as unreachable. */
  lookUpMsMax: number;
  warn(message: string): void;
}

/** Asks the hub; downloads no model. */
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
    throw modelErrors.hubUnreachable(
      hub.host,
      phrase`no answer within ${Math.ceil(lookUpMsMax / 1000)} seconds`,
    );
  }
}

async function readRepository(
  repository: string,
  revision: string | undefined,
  tools: LookUpTools,
): Promise<RepositoryFacts> {
  const { hub, catalogue, machine, signal } = tools;
  const listing = await hub.list(repository, revision, signal);
  const texts = new Map<string, Promise<string>>();
  const readText = (path: string): Promise<string> => {
    const asked = texts.get(path) ?? hub.readText(repository, listing.revision, path, signal);
    texts.set(path, asked);
    return asked;
  };
  const sets = fileSets(listing.files, await shardsOf(listing.files, readText));
  const quantized = sets.some(({ kind }) => kind === 'safetensors')
    ? await quantizationOf(listing.files, readText)
    : undefined;
  const row = catalogue.find(entry => entry.repository === repository);
  const facts = await factsOf(row, () => readFacts(listing, sets, readText, tools));
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
        machine,
      );
    return {
      label,
      files: files.map(file => factsOfFile(file.path, file)),
      bytes,
      advice,
      unreadQuantization: kind === 'safetensors' ? quantized : undefined,
    };
  });
  return {
    repository,
    revision: listing.revision,
    licence: listing.licence,
    gated: listing.gated,
    textOnly: known?.textOnly ?? false,
    unsupportedArchitecture: facts.kind === 'unsupported' ? architectureName(facts.architecture) : undefined,
    choices,
  };
}

/** A row whose sizes nobody has seen yet is checked by the repository, and stands where that says nothing. */
async function factsOf(
  row: CatalogueEntry | undefined,
  read: () => Promise<ConfigFacts>,
): Promise<ConfigFacts> {
  if (row && !row.shapeUnconfirmed) return factsOfRow(row);
  const facts = await read();
  return row && facts.kind === 'unclear' ? factsOfRow(row) : facts;
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
  readText: ReadText,
  { hub, signal, warn }: LookUpTools,
): Promise<ConfigFacts> {
  const { repository, revision, files } = listing;
  const config = files.find(({ path }) => path === 'config.json');
  if (config && config.bytes <= configBytesMax) {
    const facts = configFacts(await readText(config.path));
    if (facts.kind !== 'unclear') return facts;
  }
  const [file] = sets.find(({ kind }) => kind === 'gguf')?.files ?? [];
  if (!file) return { kind: 'unclear' };
  try {
    const of = { repository, revision, file };
    const both = AbortSignal.any([signal, AbortSignal.timeout(headMsMax)]);
    return ggufFacts(await hub.readStart(of, headBytes, both));
  } catch (error) {
    signal.throwIfAborted();
    // The files of the repository can be listed without advice.
    warn(`${file.path} of ${repository} could not be looked into: ${String(error)}`);
    return { kind: 'unclear' };
  }
}
