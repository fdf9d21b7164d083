// Copies a file of this machine into a part file, piece by piece, so that it can be paused and resumed like a download.
import { open } from 'node:fs/promises';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import type { PartFile } from './part_file.ts';

const pieceBytes = 4 * 1024 * 1024;

/** Copies what the part lacks. Throws fileUnreadable when the source is gone or has another length. */
export async function copyIntoPart(
  of: { from: string; bytes: number; part: PartFile; onBytes(count: number): void },
  signal: AbortSignal,
): Promise<void> {
  const unreadable = (cause: unknown): never => {
    throw errors.fileUnreadable(of.from, cause);
  };
  const source = await open(of.from, 'r').catch(unreadable);
  try {
    const { size } = await source.stat();
    if (size !== of.bytes) unreadable(phrase`its length has changed`);
    const buffer = Buffer.allocUnsafe(pieceBytes);
    for (const { start, end } of of.part.missing(pieceBytes)) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(buffer, 0, end - start, start).catch(unreadable);
      if (bytesRead !== end - start) unreadable(phrase`it ended early`);
      await of.part.write(buffer.subarray(0, bytesRead), start);
      of.onBytes(bytesRead);
    }
  } finally {
    await source.close();
  }
}
