// What all parts of the model page are made from, and what more than one of them shows. Pure.
import type { ContextBound, FilesView, FitView, LookUpView, VariantView } from '../../../webview/protocol.ts';
import type * as t from '../types.ts';

/** What was asked of the hub last. */
export interface LookUp {
  reference: string;
  state: LookUpView['state'];
  facts?: t.RepositoryFacts;
  problem?: t.ModelProblem;
}

/** All that the page is made from. */
export interface PageSource {
  library: t.LibraryState;
  catalogue: readonly t.CatalogueEntry[];
  advice: t.MachineAdvice;
  probe: t.DeviceProbe | undefined;
  /** Whether the setting names this model. */
  isCurrent(model: t.InstalledModel): boolean;
  /** The length of context that was found to fit, by path; and the setting, 0 when it leaves that open. */
  contextOf(path: string): number | undefined;
  contextSetting: number;
  lookUp: LookUp;
  checked: ReadonlyMap<string, { ok: boolean; text: string }>;
  folder: string;
  diskFreeBytes: number | undefined;
  hasToken: boolean;
  problem: t.ModelProblem | undefined;
}

export function stateOf(
  model: t.InstalledModel | undefined,
  arriving: boolean,
  { isCurrent }: PageSource,
): Pick<VariantView, 'state' | 'modelId'> {
  if (model) return { state: isCurrent(model) ? 'current' : 'installed', modelId: model.id };
  return { state: arriving ? 'arriving' : 'available' };
}

export function fitView(advice: t.FitAdvice): FitView {
  const { verdict, why, bytesNeeded, bytesPerToken, tokensPerSecond, rough, diskFits } = advice;
  return { verdict, why, memory: bytesNeeded, bytesPerToken, tokensPerSecond, rough, diskFits };
}

/** Names, sizes and hashes of files, with where they are from and how they may be used. */
export function filesView(
  files: readonly t.FileFacts[],
  { revision, licence }: { revision?: string; licence?: string },
): FilesView {
  return { revision, licence, files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) };
}

/** Why a context is shorter than the model's own. */
export function boundOf(
  tokens: number,
  modelTokens: number | undefined,
  setting: number,
): ContextBound | undefined {
  if (modelTokens !== undefined && tokens >= modelTokens) return undefined;
  return { by: tokens === setting ? 'setting' : 'machine', modelTokens };
}

export function mayNeedToken(problem: t.ModelProblem | undefined): boolean {
  return problem?.code === 'hubAccessDenied' || problem?.code === 'hubNotFound';
}

export function atCommit(repository: string, revision: string | undefined): string {
  return revision === undefined ? repository : `${repository} at ${revision.slice(0, 7)}`;
}
