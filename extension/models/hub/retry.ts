// Retries after temporary failures, such as a lost network or a busy server. Every wait is longer than the one before, or as long
// as the server asks.
import type { HearthError } from '../../../engine/protocol/errors.ts';

/** A failure that another attempt may cure; `failure` is reported when none does. */
export class TemporaryFailure extends Error {
  override readonly name = 'TemporaryFailure';
  constructor(
    readonly failure: HearthError,
    /** What the server's Retry-After asked for. */
    readonly retryAfterMs?: number,
  ) {
    super(failure.message, { cause: failure });
  }
}

/** How long to go on trying. */
export interface RetryPolicy {
  /** Attempts without any progress before giving up. */
  attemptsMax: number;
  /** Ends early, with the signal's reason, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

const waitFirstMs = 1000;
const waitMaxMs = 60_000;
/** A server that asks for more than this is treated as having failed. */
const retryAfterMaxMs = 10 * 60_000;

export const defaultRetryPolicy: RetryPolicy = { attemptsMax: 7, sleep };

/** Runs `action` until it succeeds, fails for good, or has failed too often since `progress()` last changed. */
export async function retrying<T>(
  action: () => Promise<T>,
  policy: RetryPolicy,
  { signal, progress = () => 0 }: { signal?: AbortSignal; progress?: () => number } = {},
): Promise<T> {
  let attempt = 0;
  for (let before = progress(); ;) {
    try {
      return await action();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TemporaryFailure)) throw error;
      const now = progress();
      attempt = now === before ? attempt + 1 : 1;
      before = now;
      const asked = error.retryAfterMs ?? 0;
      if (attempt >= policy.attemptsMax || asked > retryAfterMaxMs) throw error.failure;
      await policy.sleep(Math.max(asked, waitMs(attempt)), signal);
    }
  }
}

/** Doubles each time; the random part keeps several connections from retrying at the same moment. */
function waitMs(attempt: number): number {
  return Math.min(waitMaxMs, waitFirstMs * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
