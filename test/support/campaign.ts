// Campaigns: tests of thousands of cases. Each leaves one line on how it went, which the end of a full run prints.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../test-results/report/campaigns/', import.meta.url));

/** `name` is a file name too. */
export function reportCampaign(name: string, summary: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.txt`), `${name.replaceAll('_', ' ')}: ${summary}`);
}
