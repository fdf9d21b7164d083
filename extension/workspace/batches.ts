// Cuts the stream of walked files into batches that fit one message. Pure.
import { inEnglish, phrase } from '../../engine/protocol/phrase.ts';
import type { WalkEntry } from '../../engine/shared/files/walk.ts';
import type { LeftOutFile } from '../../engine/protocol/chat.ts';
import type { IngestFile } from '../../engine/protocol/workspace.ts';

export interface Batch {
  files: IngestFile[];
  skipped: LeftOutFile[];
  /** True for the last batch of the stream; there is always one. */
  final: boolean;
}

/**
 * Batches of at most `batchBytesMax` bytes, or of one file that is larger. At most `skippedMax` skipped files are listed
 * over all batches.
 */
export async function* batched(
  entries: AsyncIterable<WalkEntry>,
  { batchBytesMax, skippedMax }: { batchBytesMax: number; skippedMax: number },
): AsyncGenerator<Batch> {
  let batch: Batch = { files: [], skipped: [], final: false };
  let bytes = 0;
  let skippedCount = 0;
  for await (const entry of entries) {
    if (entry.kind === 'skipped' && ++skippedCount > skippedMax) continue;
    const entryBytes = sizeOf(entry);
    if (bytes > 0 && bytes + entryBytes > batchBytesMax) {
      yield batch;
      batch = { files: [], skipped: [], final: false };
      bytes = 0;
    }
    bytes += entryBytes;
    if (entry.kind === 'file') batch.files.push(entry.file);
    else {
      const { kind: _, ...skipped } = entry;
      batch.skipped.push(skipped);
    }
  }
  if (skippedCount > skippedMax)
    batch.skipped.push({
      path: '…',
      reason: phrase`${skippedCount - skippedMax} more files were skipped`,
      files: skippedCount - skippedMax,
    });
  yield { ...batch, final: true };
}

function sizeOf(entry: WalkEntry): number {
  const frame = 100;
  if (entry.kind === 'skipped')
    return frame + Buffer.byteLength(entry.path) + Buffer.byteLength(inEnglish(entry.reason));
  const { path, uri, text } = entry.file;
  return frame + Buffer.byteLength(path) + Buffer.byteLength(uri) + Buffer.byteLength(text);
}
