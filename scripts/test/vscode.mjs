// The product in a real VS Code: packs the extension, runs the suite inside the extension host, then drives the editor as
// a person would. HEARTH_SCENARIOS="chat,models" runs only these parts of the drive, and not the suite.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { makePackage } from '../package.mjs';
import { findBrowser } from '../setup/browser.mjs';
import { root } from '../setup/places.mjs';
import { checkRow, heading, runNode } from './run.mjs';

export async function vscode(results) {
  heading('package');
  const vsix = await makePackage();
  process.stdout.write(`${vsix}\n`);
  await build({ only: ['engine', 'hostTests'] });
  const rows = [checkRow('package', true)];
  if (!process.env.HEARTH_SCENARIOS)
    rows.push(await drive('in VS Code’s extension host', 'host', { results, vsix }));
  rows.push(await drive('driven as a person', 'drive', { results, vsix }));
  return rows;
}

/** `mode`: what test/e2e/main.ts is to run. It leaves its counts in a file; without one it did not finish. */
async function drive(name, mode, { results, vsix }) {
  heading(name);
  const report = join(results, 'report', `${mode}.json`);
  rmSync(report, { force: true });
  const ok = await runNode(
    ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', join(root, 'test', 'e2e', 'main.ts'), mode],
    {
      env: { HEARTH_VSIX: vsix, HEARTH_REPORT: report, CHROMIUM: findBrowser() },
      limitMinutes: 20,
    },
  );
  if (!existsSync(report)) return checkRow(name, false);
  const { passed, failed, failures } = JSON.parse(readFileSync(report, 'utf8'));
  return { name, passed, failed: failed === 0 && (!ok || passed === 0) ? 1 : failed, failures };
}
