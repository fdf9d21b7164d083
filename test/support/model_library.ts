// A model library over a fake hub, with small pieces, no waiting, and a folder of its own.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ModelLibrary,
  type LibraryLimits,
  type LibraryOptions,
  type LibraryState,
} from '../../extension/models/library.ts';
import type { DownloadState } from '../../extension/models/transfer/downloads.ts';
import type { FakeFile, HubServer } from '../fakes/hub_server.ts';
import { Random } from './random.ts';

export const quickLimits: LibraryLimits = {
  connections: 3,
  pieceBytes: 10_000,
  silenceMsMax: 60_000,
  lookUpMsMax: 60_000,
  attemptsMax: 4,
  sleep: async (_ms, signal) => signal?.throwIfAborted(),
};

export interface Opened {
  library: ModelLibrary;
  folder: string;
  warnings: string[];
}

/** The row of the model that comes with Hearth; the other one has the same shape. */
export const tinyEntry = {
  id: 'tiny',
  name: 'Tiny',
  description: 'Tiny.',
  licence: 'MIT',
  architecture: 'qwen3_next',
  variants: [{ quantization: 'Q8_0', files: ['tiny.gguf'] }],
  defaultVariant: 'Q8_0',
  contextTokens: 32_768,
  goodAt: ['chat'],
  shape: shape(),
};
const catalogue = {
  version: 1,
  models: [
    tinyEntry,
    {
      id: 'model',
      name: 'Model',
      description: 'A model.',
      licence: 'Apache-2.0',
      architecture: 'qwen3_5',
      repository: 'maker/model-GGUF',
      variants: [
        { quantization: 'Q8_0', files: ['Model-Q8_0.gguf', 'Model-Q8_0-*-of-*.gguf'] },
        { quantization: 'Q4_K_M', files: ['Model-Q4_K_M.gguf'] },
      ],
      defaultVariant: 'Q8_0',
      contextTokens: 32_768,
      goodAt: ['chat'],
      shape: shape(),
    },
  ],
};

/** Opens a library; pass the `folder` of an earlier one to see what another session would. */
export async function openLibrary(
  directory: string,
  hub: Pick<HubServer, 'endpoint'>,
  { folder, ...more }: Partial<Omit<LibraryOptions, 'folder'>> & { folder?: string | (() => string) } = {},
): Promise<Opened> {
  const place = folder ?? join(mkdtempSync(join(directory, 'library-')), 'models');
  const where = typeof place === 'function' ? place : () => place;
  const cataloguePath = join(directory, 'catalogue.json');
  writeFileSync(cataloguePath, JSON.stringify(catalogue));
  const warnings: string[] = [];
  let remembered: unknown;
  const library = new ModelLibrary({
    folder: where,
    cataloguePath,
    embeddedPath: cataloguePath,
    token: async () => undefined,
    added: {
      get: () => remembered,
      set: async value => void (remembered = value),
    },
    environment: { HF_ENDPOINT: hub.endpoint },
    warn: message => warnings.push(message),
    limits: quickLimits,
    ...more,
  });
  await library.open();
  return { library, folder: where(), warnings };
}

/** Resolves with a download as soon as it is as wanted. */
export function downloadWhen(
  library: ModelLibrary,
  id: string,
  isWanted: (state: DownloadState) => boolean,
): Promise<DownloadState> {
  return new Promise(resolve => {
    const look = ({ downloads }: LibraryState): void => {
      const found = downloads.find(one => one.id === id);
      if (!found || !isWanted(found)) return;
      subscription.dispose();
      resolve(found);
    };
    const subscription = library.onDidChange(look);
    look(library.state);
  });
}

/** Resolves when a download has ended, well or not. */
export function downloadEnded(library: ModelLibrary, id: string): Promise<DownloadState> {
  return downloadWhen(library, id, ({ phase }) => ['done', 'failed', 'paused'].includes(phase));
}

/** A file that begins like a GGUF and goes on with noise. */
export function ggufFile(path: string, bytes: number, seed = 1): FakeFile {
  const random = new Random(seed);
  const content = Buffer.from(Uint8Array.from({ length: bytes }, () => random.int(256)));
  content.write('GGUF', 0, 'latin1');
  return { path, content };
}

function shape() {
  return {
    layers: 4,
    attentionLayers: 1,
    hidden: 64,
    vocabulary: 1000,
    tied: true,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    convKernel: 4,
    denseFf: 128,
    linearKeyHeads: 2,
    linearValueHeads: 4,
    linearKeyDim: 16,
    linearValueDim: 16,
    experts: 0,
    expertsPerToken: 0,
    expertFf: 0,
    sharedExpertFf: 0,
  };
}
