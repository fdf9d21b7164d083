import { phrase } from '../../../engine/protocol/phrase.ts';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../engine/protocol/limits.ts';
import { batched, type Batch } from '../../../extension/workspace/batches.ts';
import type { WalkEntry } from '../../../engine/shared/files/walk.ts';

const file = (path: string, text: string): WalkEntry => ({
  kind: 'file',
  file: { path, uri: `u:${path}`, text },
});
const skipped = (path: string): WalkEntry => ({ kind: 'skipped', path, reason: phrase`not text` });

async function cut(entries: WalkEntry[], batchBytesMax = 1000, skippedMax = 10): Promise<Batch[]> {
  const stream = (async function* () {
    yield* entries;
  })();
  const batches: Batch[] = [];
  for await (const batch of batched(stream, { batchBytesMax, skippedMax })) batches.push(batch);
  return batches;
}

describe('ingest batches', () => {
  test('one empty final batch stands for an empty workspace', async () => {
    expect(await cut([])).toEqual([{ files: [], skipped: [], final: true }]);
  });

  test('no batch is over the limit, the order stays, and only the last is final', async () => {
    const batches = await cut(Array.from({ length: 10 }, (_, index) => file(`${index}`, 'é'.repeat(150))));
    expect(batches.length).toBeGreaterThan(3);
    for (const batch of batches) expect(Buffer.byteLength(JSON.stringify(batch.files))).toBeLessThan(1200);
    expect(batches.flatMap(batch => batch.files.map(entry => entry.path))).toEqual(
      Array.from({ length: 10 }, (_, index) => `${index}`),
    );
    expect(batches.map(batch => batch.final)).toEqual(
      batches.map((_, index) => index === batches.length - 1),
    );
  });

  test('a file larger than a batch goes alone', async () => {
    const batches = await cut([file('a', 'x'.repeat(5000)), file('b', 'x'.repeat(5000)), file('c', 'x')]);
    expect(batches.map(batch => batch.files.length)).toEqual([1, 1, 1]);
  });

  test('names so many skipped files and counts the rest', async () => {
    const [batch] = await cut(
      Array.from({ length: 15 }, (_, index) => skipped(`${index}`)),
      1_000_000,
    );
    expect(batch?.skipped).toHaveLength(11);
    expect(batch?.skipped.at(-1)?.reason).toEqual(phrase`${5} more files were skipped`);
    expect(batch?.skipped.at(-1)?.files).toBe(5);
  });

  test('the largest batch fits into a message however its text is escaped', async () => {
    const worst = '\u0001'.repeat(limits.fileBytesMax);
    const batches = await cut(
      Array.from({ length: 8 }, (_, index) => file(`${index}`, worst)),
      limits.ingestBatchBytesMax,
    );
    for (const batch of batches)
      expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(limits.rpcMessageBytesMax);
  });
});
