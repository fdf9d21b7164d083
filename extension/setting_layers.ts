// Writes a setting into the layer (user, workspace or folder) that its value comes from now: a value in an outer layer would
// have no effect. No vscode.
import { isLanguageEnabled } from './settings.ts';

/** From the outermost to the innermost, which wins. */
const layers = ['user', 'workspace', 'folder'] as const;
export type SettingLayer = (typeof layers)[number];

/** What each layer says of one setting, as `WorkspaceConfiguration.inspect` tells it. */
export interface InspectedSetting {
  defaultValue?: unknown;
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
}

/** The settings as the editor keeps them, by their names without "hearth.". */
export interface LayeredSettings {
  inspect(name: string): InspectedSetting | undefined;
  update(name: string, value: unknown, layer: SettingLayer): PromiseLike<void>;
}

/** Writes a value into the layer that the present one comes from; when that is only the default, into the user's. */
export async function writeSetting(settings: LayeredSettings, name: string, value: unknown): Promise<void> {
  const values = valuesByLayer(settings.inspect(name));
  const layer = layers.findLast(candidate => values[candidate] !== undefined) ?? 'user';
  await settings.update(name, value, layer);
}

/**
 * Turns completions for one language on or off and tells which. The editor merges the entries of all layers; only the
 * language's own entry is written, into the layer that decides about the language now.
 */
export async function toggleLanguage(settings: LayeredSettings, languageId: string): Promise<boolean> {
  const name = 'completion.enable';
  const inspected = settings.inspect(name);
  const values = valuesByLayer(inspected);
  const entries = {
    user: entriesOf(values.user),
    workspace: entriesOf(values.workspace),
    folder: entriesOf(values.folder),
  };
  const merged = {
    ...entriesOf(inspected?.defaultValue),
    ...entries.user,
    ...entries.workspace,
    ...entries.folder,
  };
  const on = !isLanguageEnabled(merged, languageId);
  const deciding = languageId in merged ? languageId : '*';
  const layer = layers.findLast(candidate => deciding in entries[candidate]) ?? 'user';
  await settings.update(name, { ...entries[layer], [languageId]: on }, layer);
  return on;
}

function valuesByLayer(inspected: InspectedSetting | undefined): Record<SettingLayer, unknown> {
  return {
    user: inspected?.globalValue,
    workspace: inspected?.workspaceValue,
    folder: inspected?.workspaceFolderValue,
  };
}

function entriesOf(value: unknown): Record<string, boolean> {
  return typeof value === 'object' && value !== null ? (value as Record<string, boolean>) : {};
}
