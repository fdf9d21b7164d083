// A load as its followers see it: how far it is, in words and as a fraction, its end, and giving it up. No vscode.
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { KernelProgress, LoadProgress } from '../../engine/protocol/lifecycle.ts';
import { formatNumber, t } from '../l10n.ts';
import type { EngineState } from './engine_state.ts';
import type { EngineSupervisor } from './supervisor.ts';

/** What the editor's progress takes; `increment` in percent. */
export interface LoadStep {
  message: string;
  increment: number;
}

/** Tells a user who waits for kernels why they compile. */
export function firstTimeNote(): string {
  return t('Slow only the first time on this machine; the driver keeps what it has compiled.');
}

/** The part of a load that ends when the weights are there; the rest is for the kernels. */
const weightsShare = 0.8;
/** The most that is shown before a load has ended. */
const fractionMax = 0.99;

/** How far a load is, from 0 to 1, and below 1 until it ends; undefined when that is not known. */
export function loadFraction({ stage, doneBytes, totalBytes, kernels }: LoadProgress): number | undefined {
  if (stage === 'compiling') {
    const compiled = kernels && kernels.total > 0 ? kernels.done / kernels.total : 0;
    return Math.min(fractionMax, weightsShare + (1 - weightsShare) * compiled);
  }
  return totalBytes > 0 ? weightsShare * Math.min(1, doneBytes / totalBytes) : undefined;
}

/** The fraction as "40 %"; empty when it is not known. */
export function loadPercent(progress: LoadProgress | undefined): string {
  const fraction = progress && loadFraction(progress);
  return fraction === undefined ? '' : t('{0} %', formatNumber(100 * fraction));
}

/** What a load is doing, in a few words. */
export function loadText(progress: LoadProgress | undefined): string {
  if (progress?.stage === 'reading') return t('Reading the model');
  if (progress?.stage === 'compiling') return compilingText(progress.kernels);
  const percent = loadPercent(progress);
  return percent === '' ? t('Loading the model') : t('Loading the model, {0}', percent);
}

/** "Preparing the GPU: 12 of 60": kernels that compile. */
export function compilingText(kernels: KernelProgress | undefined): string {
  return kernels ? t('Preparing the GPU: {0} of {1}', kernels.done, kernels.total) : t('Preparing the GPU');
}

/**
 * Reports until the model is ready; throws the error when it cannot be loaded, even if another model stays loaded.
 * Cancelling the token gives the load up and waits until the engine has let go of it.
 */
export async function followLoad(
  supervisor: Pick<EngineSupervisor, 'onDidChangeState' | 'whenReady' | 'cancelLoad'>,
  report: (step: LoadStep) => void,
  token: CancellationToken,
): Promise<void> {
  let shown = 0;
  const subscription = supervisor.onDidChangeState(state => {
    const message = stepMessage(state);
    if (message === undefined) return;
    const progress = state.kind === 'loading' ? state.progress : undefined;
    const percent = 100 * ((progress && loadFraction(progress)) ?? 0);
    report({ message, increment: Math.max(0, percent - shown) });
    shown = Math.max(shown, percent);
  });
  try {
    const ready = await supervisor.whenReady(token, { retryFailed: false });
    if (!ready) await supervisor.cancelLoad();
    else if (ready.refused) throw ready.refused.error;
  } finally {
    subscription.dispose();
  }
}

function stepMessage(state: EngineState): string | undefined {
  if (state.kind === 'starting') return t('Starting the engine');
  if (state.kind !== 'loading') return undefined;
  const text = loadText(state.progress);
  return state.progress?.stage === 'compiling' ? `${text}. ${firstTimeNote()}` : text;
}
