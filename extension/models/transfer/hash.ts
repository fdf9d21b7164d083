// Hashes of files, computed in a worker thread so that the extension host stays free.
import { Worker } from 'node:worker_threads';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import type { FileHash } from '../hub/hub.ts';

/** Runs in the worker, as text so that bundling needs no further file. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { openSync, readSync, fstatSync, closeSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { path, algorithm, pieceBytes } = workerData;
const file = openSync(path, 'r');
try {
  const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1');
  if (algorithm === 'git-sha1') hash.update('blob ' + fstatSync(file).size + '\\0');
  const piece = Buffer.allocUnsafe(pieceBytes);
  let told = 0;
  for (let done = 0, count; (count = readSync(file, piece, 0, piece.length, done)) > 0; ) {
    hash.update(piece.subarray(0, count));
    done += count;
    if (done - told >= 64 * 1024 * 1024) parentPort.postMessage({ bytes: (told = done) });
  }
  parentPort.postMessage({ hex: hash.digest('hex') });
} finally {
  closeSync(file);
}
`;

const pieceBytes = 4 * 1024 * 1024;

/** The hash of a file in hexadecimal. `onBytes` hears how far it is. */
export function hashFile(
  path: string,
  algorithm: FileHash['algorithm'],
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = new Worker(program, { eval: true, workerData: { path, algorithm, pieceBytes } });
    const finish = (settle: () => void): void => {
      signal?.removeEventListener('abort', stop);
      void worker.terminate();
      settle();
    };
    const stop = (): void => finish(() => reject(signal?.reason as Error));
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: { bytes?: number; hex?: string }) => {
      const { hex } = message;
      if (hex === undefined) onBytes?.(message.bytes ?? 0);
      else finish(() => resolve(hex));
    });
    worker.on('error', cause => finish(() => reject(errors.fileUnreadable(path, cause))));
    worker.on('exit', () =>
      finish(() => reject(errors.fileUnreadable(path, phrase`hashing it ended early`))),
    );
  });
}
