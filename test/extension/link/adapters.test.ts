// The list of GPUs that the engine's command line gives, here by a program in its place.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listAdapters } from '../../../extension/link/adapters.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const base = temporaryDirectory();

/** The folder of an extension whose engine is this script. */
function extensionWith(script: string): string {
  const folder = mkdtempSync(join(base, 'extension-'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'engine.mjs'), script);
  return folder;
}

test('GPUs are listed whatever a driver prints before', async () => {
  const adapters = [{ name: "AMD Radeon (it's 'RADV')", backend: 'vulkan' }];
  const folder = extensionWith(
    `console.log('Warning: {a driver}'); if (process.argv.slice(2).join() === 'info,--adapters,--json') console.log(${JSON.stringify(JSON.stringify({ adapters }))});`,
  );
  expect(await listAdapters(process.execPath, folder)).toEqual(adapters);
});

test.each([
  ['fails', 'throw new Error("no driver")', /no driver/],
  ['says something else', 'console.log("{ hello }")', /\{ hello \}/],
])('an engine that %s is a named error', async (_, script, message) => {
  const error = await hearthErrorOf(() => listAdapters(process.execPath, extensionWith(script)));
  expect(error.code).toBe('noAdapter');
  expect(error.message).toMatch(message);
});
