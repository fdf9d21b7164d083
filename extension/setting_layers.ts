// Reads and writes settings by the layer (user, workspace or folder) that a value comes from: a value written into an outer
// layer would have no effect. No vscode.
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

const languagesName = 'completion.languages';
/** What the setting was called before. It is read, and moved to its new name where it is written. */
const oldLanguagesName = 'completion.enable';

/**
 * Writes a value into the layer that the present one comes from; when that is only the default, into the user's. A user's value
 * that is the default again is taken out.
 */
export async function writeSetting(settings: LayeredSettings, name: string, value: unknown): Promise<void> {
  const inspected = settings.inspect(name);
  const values = valuesByLayer(inspected);
  const layer = layers.findLast(candidate => values[candidate] !== undefined) ?? 'user';
  const isDefault = layer === 'user' && value === inspected?.defaultValue;
  await settings.update(name, isDefault ? undefined : value, layer);
}

/** The languages in force, where a layer still has them under their old name; undefined where none has. */
export function languagesUnderOldName(
  settings: Pick<LayeredSettings, 'inspect'>,
): Record<string, boolean> | undefined {
  const old = valuesByLayer(settings.inspect(oldLanguagesName));
  if (layers.every(layer => old[layer] === undefined)) return undefined;
  return merged(languageEntries(settings));
}

/**
 * Turns completions for one language on or off, or over, and tells which. The editor merges the entries of all layers; only the
 * language's own entry is written, into the layer that decides about the language now, and taken out where nothing needs it.
 */
export async function setLanguage(
  settings: LayeredSettings,
  languageId: string,
  wanted?: boolean,
): Promise<boolean> {
  const entries = languageEntries(settings);
  const inForce = merged(entries);
  const on = wanted ?? !isLanguageEnabled(inForce, languageId);
  const deciding = languageId in inForce ? languageId : '*';
  const layer = layers.findLast(candidate => deciding in entries[candidate]) ?? 'user';
  const { [languageId]: _, ...others } = entries[layer];
  const without = { ...entries, [layer]: others };
  // Other workspaces must find what they found, and an entry of another layer must not come to decide.
  const isNeeded =
    layers.some(other => other !== layer && languageId in entries[other]) ||
    [merged(without), merged(outward(without, layer))].some(map => isLanguageEnabled(map, languageId) !== on);
  const written = isNeeded ? { ...entries[layer], [languageId]: on } : others;
  await settings.update(languagesName, Object.keys(written).length > 0 ? written : undefined, layer);
  if (valuesByLayer(settings.inspect(oldLanguagesName))[layer] !== undefined)
    await settings.update(oldLanguagesName, undefined, layer);
  return on;
}

type Entries = Record<string, boolean>;
type LanguageEntries = Record<'default' | SettingLayer, Entries>;

/** What each layer says of languages, under either name; the new one wins. */
function languageEntries(settings: Pick<LayeredSettings, 'inspect'>): LanguageEntries {
  const inspected = settings.inspect(languagesName);
  const [now, old] = [valuesByLayer(inspected), valuesByLayer(settings.inspect(oldLanguagesName))];
  const of = (layer: SettingLayer): Entries => ({ ...entriesOf(old[layer]), ...entriesOf(now[layer]) });
  return {
    default: entriesOf(inspected?.defaultValue),
    user: of('user'),
    workspace: of('workspace'),
    folder: of('folder'),
  };
}

/** Without the layers inside of this one. */
function outward(entries: LanguageEntries, layer: SettingLayer): LanguageEntries {
  const inner = layers.slice(layers.indexOf(layer) + 1);
  return { ...entries, ...Object.fromEntries(inner.map(one => [one, {}])) };
}

function merged(entries: LanguageEntries): Entries {
  return { ...entries.default, ...entries.user, ...entries.workspace, ...entries.folder };
}

function valuesByLayer(inspected: InspectedSetting | undefined): Record<SettingLayer, unknown> {
  return {
    user: inspected?.globalValue,
    workspace: inspected?.workspaceValue,
    folder: inspected?.workspaceFolderValue,
  };
}

function entriesOf(value: unknown): Entries {
  return typeof value === 'object' && value !== null ? (value as Entries) : {};
}
