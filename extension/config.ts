// Typed settings of the editor. The only caller of getConfiguration.
import { ConfigurationTarget, workspace, type Uri } from 'vscode';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { Disposable } from './dispose.ts';
import { languagesUnderOldName, setLanguage, writeSetting, type LayeredSettings } from './setting_layers.ts';
import { readSettings, type SettingName, type Settings } from './settings.ts';

export interface ConfigChange {
  /** The settings of the window. */
  before: Settings;
  now: Settings;
  /** True when the setting may have changed anywhere: for the window, or for some folder only. */
  affects(name: SettingName): boolean;
}

/** Settings of the editor's own chat that Hearth goes by. */
export interface EditorChatSettings {
  promptFilesLocations: unknown;
  instructionsFilesLocations: unknown;
  useAgentsMdFile: boolean;
  useNestedAgentsMdFiles: boolean;
  useInstructionFiles: boolean;
}

const targets = {
  user: ConfigurationTarget.Global,
  workspace: ConfigurationTarget.Workspace,
  folder: ConfigurationTarget.WorkspaceFolder,
} as const;

export class Config implements Disposable {
  readonly #changed = new Emitter<ConfigChange>();
  readonly #subscription: Disposable;
  readonly #warned = new Set<string>();
  #settings: Settings;

  /** `warn` is called once for each wrong value. */
  constructor(private readonly warn: (message: string) => void) {
    this.#settings = this.settingsFor(undefined);
    this.#subscription = workspace.onDidChangeConfiguration(event => {
      if (!event.affectsConfiguration('hearth')) return;
      const before = this.#settings;
      this.#settings = this.settingsFor(undefined);
      const affects = (name: SettingName): boolean => event.affectsConfiguration(`hearth.${name}`);
      this.#changed.fire({ before, now: this.#settings, affects });
    });
  }

  /** The settings of the window: of its workspace and its user, not of one folder. */
  get settings(): Settings {
    return this.#settings;
  }

  /** The settings for a file or folder; where several folders are open, each may have its own. */
  settingsFor(resource: Uri | undefined): Settings {
    const configuration = workspace.getConfiguration('hearth', resource);
    const moved = languagesUnderOldName(configuration);
    return readSettings(
      name => (name === 'completion.languages' && moved ? moved : configuration.get(name)),
      (_name, message) => {
        if (this.#warned.has(message)) return;
        this.#warned.add(message);
        this.warn(message);
      },
    );
  }

  get onDidChange(): Event<ConfigChange> {
    return this.#changed.event;
  }

  /** Writes a setting of the window into the layer that its value comes from now. */
  async set<Name extends SettingName>(name: Name, value: Settings[Name]): Promise<void> {
    await writeSetting(layersOfWindow(), name, value);
  }

  /** Turns completions for one language on or off, or over, and tells which. */
  async setLanguage(languageId: string, on?: boolean): Promise<boolean> {
    return setLanguage(layersOfWindow(), languageId, on);
  }

  /** Patterns hidden by the editor itself for files under `folder`: files.exclude and search.exclude. */
  static editorExcludes(folder: { readonly uri: Uri }): string[] {
    const merged: Record<string, unknown> = {
      ...workspace.getConfiguration('files', folder.uri).get<Record<string, unknown>>('exclude'),
      ...workspace.getConfiguration('search', folder.uri).get<Record<string, unknown>>('exclude'),
    };
    return Object.entries(merged)
      .filter(([, value]) => value === true)
      .map(([pattern]) => pattern);
  }

  /** Where the editor's own chat finds prompts and rules, and which rules it reads. */
  static editorChat(folder?: { readonly uri: Uri }): EditorChatSettings {
    const chat = workspace.getConfiguration('chat', folder?.uri);
    const copilot = workspace.getConfiguration('github.copilot.chat.codeGeneration', folder?.uri);
    return {
      promptFilesLocations: chat.get('promptFilesLocations'),
      instructionsFilesLocations: chat.get('instructionsFilesLocations'),
      useAgentsMdFile: chat.get('useAgentsMdFile') !== false,
      // An experiment of the editor's own, and off unless the user wants it.
      useNestedAgentsMdFiles: chat.get('useNestedAgentsMdFiles') === true,
      useInstructionFiles: copilot.get('useInstructionFiles') !== false,
    };
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

function layersOfWindow(): LayeredSettings {
  const configuration = workspace.getConfiguration('hearth');
  return {
    inspect: name => configuration.inspect(name),
    update: (name, value, layer) => configuration.update(name, value, targets[layer]),
  };
}
