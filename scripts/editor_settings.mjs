// The user's settings of a VS Code that the scripts start, in a server or on the desktop.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Quiet, offline, without VS Code's own chat in the way, and with nothing that opens by itself. */
const baseSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/** Writes the user's settings of a new VS Code; one that has some keeps them. Returns their file. */
export function writeUserSettings(userData, settings) {
  const path = join(userData, 'User', 'settings.json');
  mkdirSync(join(userData, 'User'), { recursive: true });
  if (!existsSync(path))
    writeFileSync(path, `${JSON.stringify({ ...baseSettings, ...settings }, null, 2)}\n`);
  return path;
}
