// Typed settings of the editor. The only caller of getConfiguration.
import { ConfigurationTarget, workspace, type Uri } from 'vscode';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { Disposable } from './dispose.ts';
import { isLanguageEnabled, readSettings, type SettingName, type Settings } from './settings.ts';

export interface ConfigChange {
  before: Settings;
  now: Settings;
}

export class Config implements Disposable {
  readonly #changed = new Emitter<ConfigChange>();
  readonly #subscription: Disposable;
  readonly #warned = new Set<string>();
  #settings: Settings;

  /** `warn` hears once about each wrong value. */
  constructor(private readonly warn: (message: string) => void) {
    this.#settings = this.#read();
    this.#subscription = workspace.onDidChangeConfiguration(event => {
      if (!event.affectsConfiguration('hearth')) return;
      const before = this.#settings;
      this.#settings = this.#read();
      this.#changed.fire({ before, now: this.#settings });
    });
  }

  get settings(): Settings {
    return this.#settings;
  }

  get onDidChange(): Event<ConfigChange> {
    return this.#changed.event;
  }

  /** Writes the user's own setting (not the workspace's). */
  async set<Name extends SettingName>(name: Name, value: Settings[Name]): Promise<void> {
    await workspace.getConfiguration('hearth').update(name, value, ConfigurationTarget.Global);
  }

  /** Turns completions for one language on or off and tells which. */
  async toggleLanguage(languageId: string): Promise<boolean> {
    const enable = this.#settings['completion.enable'];
    const on = !isLanguageEnabled(enable, languageId);
    await this.set('completion.enable', { ...enable, [languageId]: on });
    return on;
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

  /** Whether a new extension may open by itself: the editor starts with a page at all, and shows their walkthroughs. */
  static mayOpenByItself(): boolean {
    const workbench = workspace.getConfiguration('workbench');
    return (
      workbench.get('startupEditor') !== 'none' &&
      workbench.get('welcomePage.walkthroughs.openOnInstall') !== false
    );
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #read(): Settings {
    const configuration = workspace.getConfiguration('hearth');
    return readSettings(
      name => configuration.get(name),
      (_name, message) => {
        if (this.#warned.has(message)) return;
        this.#warned.add(message);
        this.warn(message);
      },
    );
  }
}
