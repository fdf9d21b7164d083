// Settings that a folder or a workspace file names although they are the user's alone (scope "machine"). The editor does not
// apply them there, and says so only inside the file. No vscode.
import stripJsonComments from 'strip-json-comments';
import { t } from './l10n.ts';
import type { SettingName } from './settings.ts';

/** What decides about the model and the engine: a folder that is opened must not load another model or run another program. */
export const userOnlySettings = [
  'model.path',
  'context.maxTokens',
  'engine.start',
  'engine.idleMinutes',
  'model.quantize',
  'context.yarnFactor',
  'models.directory',
  'engine.nodePath',
  'gpu.adapter',
  'gpu.memoryLimitMB',
  'engine.diskCacheMB',
] as const satisfies SettingName[];

/**
 * The names of such settings in the text of a settings file, or of a workspace file, whose settings are one level deeper. A file
 * that cannot be read names none: the editor tells of that itself.
 */
export function userOnlyIn(text: string): string[] {
  const parsed = parse(text);
  const names = new Set([...keysOf(parsed), ...keysOf(parsed?.['settings'])]);
  return userOnlySettings.map(name => `hearth.${name}`).filter(name => names.has(name));
}

/** What the user is told. */
export function userOnlyWarning(place: string, names: readonly string[]): string {
  const list = names.map(name => `"${name}"`).join(', ');
  return t(
    '{0} sets {1}. That is ignored: these settings are yours alone. Put them into your own settings if you want them.',
    place,
    list,
  );
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(stripJsonComments(text, { trailingCommas: true }));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
