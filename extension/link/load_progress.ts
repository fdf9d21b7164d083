// A load as a progress bar sees it: how far it is, its end, and giving it up. No vscode.
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { EngineSupervisor } from './supervisor.ts';

/** What the editor's progress takes; `increment` in percent. */
export interface LoadStep {
  message: string;
  increment: number;
}

/**
 * Reports until the model is ready; throws the error when it cannot be loaded. Cancelling the token gives the load up and
 * waits until the engine has let go of it.
 */
export async function followLoad(
  supervisor: Pick<EngineSupervisor, 'onDidChangeState' | 'whenReady' | 'cancelLoad'>,
  report: (step: LoadStep) => void,
  token: CancellationToken,
): Promise<void> {
  let shown = 0;
  const subscription = supervisor.onDidChangeState(state => {
    if (state.kind !== 'loading' || !state.progress || state.progress.totalBytes === 0) return;
    const percent = (100 * state.progress.doneBytes) / state.progress.totalBytes;
    report({ message: state.progress.stage, increment: Math.max(0, percent - shown) });
    shown = Math.max(shown, percent);
  });
  try {
    const ready = await supervisor.whenReady(token, { retryFailed: false });
    if (!ready) await supervisor.cancelLoad();
  } finally {
    subscription.dispose();
  }
}
