// Entry of the tests in a real VS Code: `main.ts host` runs the suite inside the extension host, `main.ts drive` uses the
// editor as a person would. Started by scripts/test.mjs under the pinned Node.js; leaves its counts in HEARTH_REPORT.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { drive } from './drive.ts';
import { runHostSuite } from './host_suite.ts';
import type { Counts, RunOptions } from './run.ts';

const root = join(import.meta.dirname, '..', '..');
const modes: Record<string, (options: RunOptions) => Promise<Counts>> = { host: runHostSuite, drive };

const run = modes[process.argv[2] ?? ''];
const { HEARTH_VSIX: vsix, HEARTH_REPORT: report } = process.env;
if (!run || !vsix || !report) {
  process.stderr.write(
    'main.ts host|drive, with HEARTH_VSIX and HEARTH_REPORT set; see scripts/test/vscode.mjs\n',
  );
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'hearth-vscode-'));
const shots = join(root, 'test-results', 'vscode');
mkdirSync(shots, { recursive: true });
const stops: (() => Promise<void>)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void Promise.allSettled(stops.map(stop => stop())).then(() => process.exit(130));
  });

try {
  const counts = await run({ directory, vsix, shots, onStop: stop => stops.push(stop) });
  mkdirSync(dirname(report), { recursive: true });
  writeFileSync(report, JSON.stringify(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
} finally {
  await Promise.allSettled(stops.map(stop => stop()));
  if (!process.env['HEARTH_KEEP'])
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
