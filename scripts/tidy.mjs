// The rules of the house as checks. `--fix` writes the protocol's hash into docs/PROTOCOL.md.
import { pathToFileURL } from 'node:url';
import { borders } from './tidy/borders.mjs';
import { contents } from './tidy/contents.mjs';
import { contracts, refreshProtocolHash } from './tidy/contracts.mjs';
import { documentFaults } from './tidy/documents.mjs';
import { kernels } from './tidy/kernels.mjs';
import { sources } from './tidy/sources.mjs';

/** One line for each broken rule. */
export function faults() {
  const files = sources();
  return [
    ...contents(files),
    ...borders(files),
    ...kernels(files),
    ...contracts(files),
    ...documentFaults(files),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--fix')) refreshProtocolHash();
  const found = faults();
  for (const fault of found) process.stderr.write(`${fault}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
