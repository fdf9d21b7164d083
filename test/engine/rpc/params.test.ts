// What the engine takes of a request: every field that the protocol names.
import { expect, test } from 'vitest';
import { phrase } from '../../../engine/protocol/phrase.ts';
import type {
  AskedSymbol,
  IngestFile,
  IngestParams,
  SymbolsParams,
} from '../../../engine/protocol/workspace.ts';
import { limits } from '../../../engine/protocol/limits.ts';
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
    decided: 'a digest',
  };
  expect(checked(paramSchemas.ingest, structuredClone(batch))).toEqual(batch);
});

test('every field of a look-up of symbols arrives, and no more of them than are looked up', () => {
  const symbol: Required<AskedSymbol> = { name: 'Stock.add', near: true };
  const params: Required<SymbolsParams> = { workspace: 'file:///w', symbols: [symbol] };
  expect(checked(paramSchemas.symbols, structuredClone(params))).toEqual(params);
  const many = Array.from({ length: limits.symbolsAskedMax + 1 }, () => symbol);
  expect(() => checked(paramSchemas.symbols, { ...params, symbols: many })).toThrow();
  const long = { ...symbol, name: 'x'.repeat(limits.symbolCharsMax + 1) };
  expect(() => checked(paramSchemas.symbols, { ...params, symbols: [long] })).toThrow();
});
