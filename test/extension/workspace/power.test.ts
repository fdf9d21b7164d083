// Whether the machine runs on its battery.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linuxOnBattery, Power } from '../../../extension/workspace/power.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

function supplies(all: Record<string, Record<string, string>>): string {
  const folder = temporaryDirectory();
  for (const [name, files] of Object.entries(all)) {
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), `${text}\n`);
  }
  return folder;
}
const battery = { type: 'Battery', status: 'Discharging' };

test.each([
  ['a battery that is discharged', { BAT0: battery }, true],
  [
    'a battery beside a charger that is not plugged in',
    { BAT0: battery, AC: { type: 'Mains', online: '0' } },
    true,
  ],
  [
    'a battery that is discharged although a charger is plugged in',
    { BAT0: battery, AC: { type: 'Mains', online: '1' } },
    false,
  ],
  ['a battery that is charged', { BAT0: { ...battery, status: 'Charging' } }, false],
  ['the battery of a mouse', { mouse: { ...battery, scope: 'Device' } }, false],
  ['no battery', { AC: { type: 'Mains', online: '1' } }, false],
  ['nothing', {}, false],
] as [string, Record<string, Record<string, string>>, boolean][])('%s', async (_, all, expected) => {
  expect(await linuxOnBattery(supplies(all))).toBe(expected);
});

test('the system is asked once a minute at most', async () => {
  let [asked, now] = [0, 0];
  const power = new Power(
    async () => ++asked > 1,
    () => now,
  );
  expect([await power.onBattery(), await power.onBattery()]).toEqual([false, false]);
  now = 61_000;
  // Nobody waits for the new answer: it is that of the next time.
  expect([await power.onBattery(), await power.onBattery()]).toEqual([false, true]);
  expect(asked).toBe(2);
});
