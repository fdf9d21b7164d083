// What the engine takes of a request: every field that the protocol names.
import { expect, test } from 'vitest';
import { phrase } from '../../../engine/protocol/phrase.ts';
import type { IngestFile, IngestParams } from '../../../engine/protocol/workspace.ts';
import { checked, paramSchemas } from '../../../engine/rpc/params.ts';

test('every field of a batch of files arrives', () => {
  // A field that is added to the protocol must be added here, and then to the schema.
  const file: Required<IngestFile> = { path: 'a.ts', uri: 'file:///a.ts', text: 'x', changedAt: 5 };
  const batch: Required<IngestParams> = {
    workspace: 'file:///w',
    name: 'w',
    reset: true,
    final: true,
    files: [file],
    removedPaths: ['b.ts'],
    skipped: [
      { path: '.env', reason: phrase`may hold secrets`, by: 'secrets' },
      { path: '…', reason: phrase`${2} more files were skipped`, files: 2 },
    ],
    blockTokensMax: 9,
    recentPaths: ['a.ts'],
    readLater: true,
    packAnew: true,
  };
  expect(checked(paramSchemas.ingest, structuredClone(batch))).toEqual(batch);
});
