// Checks the part of a message that is about the model page.
import { flag, listOf, number, oneOf, optional, shape, text } from './checks.ts';
import type {
  CatalogueView,
  ContextBound,
  DownloadView,
  FilesView,
  FitView,
  InstalledView,
  LookUpView,
  ModelsView,
  ProblemView,
  VariantView,
} from './protocol.ts';

/** Why a context is shorter than the model's own. */
export const contextBound = shape<ContextBound>({
  by: oneOf('setting', 'machine'),
  modelTokens: optional(number),
});
const problem = shape<ProblemView>({ message: text, remedy: text });
const memory = shape<FitView['memory'][number]>({
  contextTokens: number,
  bytes: number,
  fits: optional(flag),
  yarn: flag,
});
const fit = shape<FitView>({
  verdict: oneOf('fits', 'fits-short-context', 'does-not-fit', 'unknown'),
  why: text,
  memory: listOf(memory),
  bytesPerToken: number,
  tokensPerSecond: optional(shape<{ low: number; high: number }>({ low: number, high: number })),
  rough: flag,
  diskFits: optional(flag),
});
const files = shape<FilesView>({
  revision: optional(text),
  licence: optional(text),
  files: listOf(shape<FilesView['files'][number]>({ name: text, bytes: number, sha256: optional(text) })),
});
const variant = shape<VariantView>({
  label: text,
  bytes: number,
  bytesKnown: flag,
  fit: optional(fit),
  state: oneOf('available', 'arriving', 'installed', 'current', 'unusable'),
  modelId: optional(text),
  files: optional(files),
});
const entry = shape<CatalogueView>({
  id: text,
  name: text,
  description: text,
  goodAt: listOf(text),
  licence: text,
  contextTokens: number,
  contextTokensMax: optional(number),
  textOnly: flag,
  repository: text,
  recommended: flag,
  offered: text,
  variants: listOf(variant),
});
const installed = shape<InstalledView>({
  id: text,
  name: text,
  origin: text,
  bytes: number,
  current: flag,
  removal: oneOf('delete', 'forget', 'none'),
  fit: optional(fit),
  context: optional(shape<{ tokens: number; bound: ContextBound }>({ tokens: number, bound: contextBound })),
  verifying: optional(
    shape<{ bytesDone: number; bytesTotal: number }>({ bytesDone: number, bytesTotal: number }),
  ),
  checked: optional(shape<{ ok: boolean; text: string }>({ ok: flag, text })),
  files,
});
const download = shape<DownloadView>({
  id: text,
  kind: oneOf('download', 'import'),
  name: text,
  origin: text,
  phase: oneOf('queued', 'running', 'paused', 'verifying', 'done', 'failed'),
  bytesTotal: number,
  bytesDone: number,
  bytesVerified: number,
  bytesPerSecond: optional(number),
  secondsLeft: optional(number),
  notice: optional(text),
  problem: optional(problem),
  needsToken: flag,
  modelId: optional(text),
  files: optional(files),
});
const lookUp = shape<LookUpView>({
  state: oneOf('idle', 'asking', 'found', 'failed'),
  reference: text,
  title: text,
  notes: listOf(text),
  variants: listOf(variant),
  problem: optional(problem),
  needsToken: flag,
});
/** A whole model page. */
export const models = shape<ModelsView>({
  device: text,
  storage: text,
  hasToken: flag,
  installed: listOf(installed),
  catalogue: listOf(entry),
  downloads: listOf(download),
  lookUp,
  problem: optional(problem),
});
