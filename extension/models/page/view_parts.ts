// Parts of the view that the catalogue, the installed models and a repository have in common. Pure.
import type { ContextBound, FilesView, FitView, VariantView } from '../../../webview/protocol.ts';
import { t } from '../../l10n.ts';
import type { FitAdvice } from '../fit/advice.ts';
import type { InstalledModel } from '../installed_model.ts';
import type { FileFacts } from '../transfer/model_on_disk.ts';
import type { ModelProblem } from '../transfer/problem.ts';
import type { ViewSource } from './view_source.ts';

/** Whether a variant is there, in use, or on its way. */
export function variantState(
  model: InstalledModel | undefined,
  arriving: boolean,
  { isCurrent }: ViewSource,
): Pick<VariantView, 'state' | 'modelId'> {
  if (model) return { state: isCurrent(model) ? 'current' : 'installed', modelId: model.id };
  return { state: arriving ? 'arriving' : 'available' };
}

/** The part of an advice that the page shows. */
export function fitView(advice: FitAdvice): FitView {
  const { verdict, why, bytesNeeded, bytesPerToken, tokensPerSecond, rough, diskFits } = advice;
  return { verdict, why, memory: bytesNeeded, bytesPerToken, tokensPerSecond, rough, diskFits };
}

/** Names, sizes and hashes of files, with where they are from and how they may be used. */
export function filesView(
  files: readonly FileFacts[],
  { revision, licence }: { revision?: string; licence?: string },
): FilesView {
  return { revision, licence, files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) };
}

/** Why a context of `tokens` is shorter than the model's own; undefined when it is not. */
export function contextBound(
  tokens: number,
  modelTokens: number | undefined,
  setting: number,
): ContextBound | undefined {
  if (modelTokens !== undefined && tokens >= modelTokens) return undefined;
  return { by: tokens === setting ? 'setting' : 'machine', modelTokens };
}

/** Whether a token may solve the problem. The hub says "not found" of private repositories too. */
export function mayNeedToken(problem: ModelProblem | undefined): boolean {
  return problem?.code === 'hubAccessDenied' || problem?.code === 'hubNotFound';
}

/** A repository with the start of its commit, as far as that is known. */
export function atCommit(repository: string, revision: string | undefined): string {
  return revision === undefined ? repository : t('{0} at {1}', repository, revision.slice(0, 7));
}
