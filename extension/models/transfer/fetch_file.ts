// Fetches one file of the hub into a part file: several ranges at a time, each retried on its own, until all bytes are there.
import { phrase, type Phrase } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';
import type { ByteRange } from './byte_ranges.ts';
import type { Hub, HubFile } from '../hub/hub.ts';
import { reasonOf } from '../hub/hub_request.ts';
import type { PartFile } from './part_file.ts';
import { retrying, TemporaryFailure, type RetryPolicy } from '../hub/retry.ts';

/** Sizes and times of fetching; tests take smaller ones. */
export interface FetchLimits extends RetryPolicy {
  connections: number;
  /** One request asks for at most this much. */
  pieceBytes: number;
  /** A connection that delivers nothing for this long is given up. */
  silenceMsMax: number;
}

export interface FetchTarget {
  hub: Hub;
  repository: string;
  revision: string;
  file: HubFile;
  part: PartFile;
  limits: FetchLimits;
  onBytes(count: number): void;
}

/** Resolves when the part is whole. When retries do not help, throws the first failure once all connections have ended. */
export async function fetchFile(target: FetchTarget, signal: AbortSignal): Promise<void> {
  const pieces = target.part.missing(target.limits.pieceBytes);
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const connection = async (): Promise<void> => {
    try {
      for (let piece = pieces.shift(); piece; piece = pieces.shift()) await fetchPiece(target, piece, both);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const count = Math.min(target.limits.connections, pieces.length);
  const ended = await Promise.allSettled(Array.from({ length: count }, connection));
  signal.throwIfAborted();
  // The reason is the first failure itself; the other connections only ended because of it.
  if (ended.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
}

/** Each attempt goes on from where the last one ended. */
async function fetchPiece(target: FetchTarget, piece: ByteRange, signal: AbortSignal): Promise<void> {
  let at = piece.start;
  await retrying(
    async () => {
      if (at >= piece.end) return;
      await readRange(target, { start: at, end: piece.end }, signal, async bytes => {
        await target.part.write(bytes, at);
        at += bytes.length;
        target.onBytes(bytes.length);
      });
    },
    target.limits,
    { signal, progress: () => at },
  );
}

async function readRange(
  target: FetchTarget,
  range: ByteRange,
  signal: AbortSignal,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const { hub, file, limits } = target;
  const silence = new AbortController();
  const stop = AbortSignal.any([signal, silence.signal]);
  let timer: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), limits.silenceMsMax);
  };
  const passing = (what: Phrase): TemporaryFailure =>
    new TemporaryFailure(modelErrors.hubFailed(hub.host, what));
  let left = range.end - range.start;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    heard();
    reader = (await hub.openRange(target, range, stop)).getReader();
    while (left > 0) {
      const { done, value } = await readNext(reader, signal, file.path, hub.host);
      heard();
      if (done) throw passing(phrase`the connection ended before all of ${file.path} was there`);
      const bytes = value.length > left ? value.subarray(0, left) : value;
      await take(bytes);
      left -= bytes.length;
      heard();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted) throw passing(phrase`nothing more of ${file.path} arrived`);
    throw error;
  } finally {
    clearTimeout(timer);
    // A server without ranges may send more than was asked for. A stream that has failed cannot be cancelled.
    await reader?.cancel().catch(() => undefined);
  }
}

async function readNext(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
  path: string,
  host: string,
): Promise<Awaited<ReturnType<typeof reader.read>>> {
  try {
    return await reader.read();
  } catch (error) {
    signal.throwIfAborted();
    throw new TemporaryFailure(
      modelErrors.hubFailed(host, phrase`the connection for ${path} broke (${reasonOf(error)})`),
    );
  }
}
