// Prompt files and files of rules on the disk: found at the places of the editor's own chat, read through the editor's file system, and
// watched. Of a folder that is not trusted nothing is read; what lies in the user's own places is the user's.
import { homedir } from 'node:os';
import {
  Disposable as EditorDisposable,
  FileType,
  RelativePattern,
  Uri,
  workspace,
  type WorkspaceFolder,
} from 'vscode';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { limits } from '../../engine/protocol/limits.ts';
import { reasonOf } from '../../engine/protocol/errors.ts';
import { inEnglish, phrase, type Phrase } from '../../engine/protocol/phrase.ts';
import { decodeText } from '../../engine/shared/files/file_checks.ts';
import { foldersAbove } from '../../engine/shared/files/ignore_rules.ts';
import { isSecretPath } from '../../engine/shared/files/secret_files.ts';
import { Config } from '../config.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { Log } from '../log.ts';
import { instructionsPlace, placesOf, promptsPlace, type Place } from './places.ts';
import { promptFileEnding, readPromptFile } from './prompt_file.ts';
import type { FoundPrompt, LinkedFile } from './prompt_sources.ts';
import type { RuleFile } from './rules.ts';

/** Files of one place, so that a wrong setting does not read a whole disk. */
const filesOfPlaceMax = 200;
/** How deep folders of instructions are looked into. */
const depthMax = 5;
/** A list this old is made anew when somebody is about to look at it. */
const freshMs = 5_000;
/** Files of a new folder come one after the other, some of them without an event of their own: these are waited for. */
const settleMs = 300;

export interface PromptFoldersDeps {
  /** Where the editor keeps what belongs to this extension; the user's own prompts lie beside it. */
  globalStorageUri: Uri;
  pathOf(uri: Uri): string | undefined;
  log: Log;
}

/** A folder that is looked into; `path` says where it lies in an open folder. */
interface FoundPlace {
  uri: Uri;
  folder?: WorkspaceFolder;
  path?: string;
}
interface Found {
  uri: Uri;
  name: string;
}

export class PromptFolders implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #subscriptions = new DisposableStore();
  /** Of the places that were looked into last. */
  #watchers: DisposableStore | undefined;
  #prompts: Promise<readonly FoundPrompt[]> | undefined;
  #readAt = 0;
  #settling: NodeJS.Timeout | undefined;

  constructor(private readonly deps: PromptFoldersDeps) {
    const forget = (): void => this.#forget();
    this.#subscriptions.add(workspace.onDidChangeWorkspaceFolders(forget));
    this.#subscriptions.add(workspace.onDidGrantWorkspaceTrust(forget));
    this.#subscriptions.add(
      workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration('chat.promptFilesLocations')) forget();
      }),
    );
  }

  /** Whether the open folders are trusted; of others nothing is read. */
  get isTrusted(): boolean {
    return workspace.isTrusted;
  }

  /** When the prompt files that were read last may no longer be those that there are. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** The prompt files, those of the folders first. They are read when this is first called, and again after a change. */
  prompts(): Promise<readonly FoundPrompt[]> {
    if (!this.#prompts) {
      this.#readAt = Date.now();
      this.#prompts = this.#readPrompts();
    }
    return this.#prompts;
  }

  /**
   * Somebody may be about to look at the prompt files: unless they have just been read, they are read again. The editor's watcher may
   * miss whatever happens in a folder that was made together with the one above it.
   */
  lookAgain(): void {
    if (!this.#prompts || Date.now() - this.#readAt < freshMs) return;
    this.#prompts = undefined;
    this.#changed.fire();
  }

  /** The files of rules that may apply to files of these paths. */
  async rules(paths: readonly string[]): Promise<readonly RuleFile[]> {
    const folders = trustedFolders();
    const ofFolders = folders.map(folder => this.#rulesOf(folder, paths));
    const instructions = this.#placesOf('instructionsFilesLocations', instructionsPlace).map(
      async ({ uri, folder }) => {
        const files = await this.#list(uri, '.instructions.md', depthMax);
        return Promise.all(files.map(file => this.#ruleFile(file.uri, { kind: 'patterns', folder })));
      },
    );
    const all = await Promise.all([...ofFolders, ...instructions]);
    const seen = new Set<string>();
    return all
      .flat()
      .filter(file => file !== undefined)
      .filter(({ uri }) => !seen.has(uri) && seen.add(uri) !== undefined);
  }

  /** A file that a prompt file links to: in an open folder, or beside the user's own prompts. */
  async linked(prompt: FoundPrompt, link: string): Promise<LinkedFile> {
    const from = Uri.parse(prompt.uri, true);
    const folder = workspace.getWorkspaceFolder(from);
    const base = link.startsWith('/') ? folder?.uri : Uri.joinPath(from, '..');
    const uri = base && Uri.joinPath(base, ...link.split('/'));
    const path = uri && (this.deps.pathOf(uri) ?? this.#pathOfOwn(uri));
    if (!uri || path === undefined) return { missing: link, why: phrase`in no open folder` };
    if (isSecretPath(uri.path)) return { missing: link, why: phrase`may hold secrets` };
    const read = await this.#read(uri);
    return 'text' in read
      ? { name: path, uri: uri.toString(), text: read.text }
      : { missing: link, why: read.fault };
  }

  dispose(): void {
    clearTimeout(this.#settling);
    this.#subscriptions.dispose();
    this.#watchers?.dispose();
    this.#changed.dispose();
  }

  /** Tells of a change once the changes have come to rest. */
  #forget(): void {
    if (!this.#prompts) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#prompts = undefined;
      this.#watchers?.dispose();
      this.#watchers = undefined;
      this.#changed.fire();
    }, settleMs);
  }

  async #readPrompts(): Promise<readonly FoundPrompt[]> {
    const places = this.#placesOf('promptFilesLocations', promptsPlace);
    if (!this.#watchers) {
      this.#watchers = new DisposableStore();
      for (const place of places) this.#watchers.add(this.#watch(place));
    }
    const lists = await Promise.all(places.map(({ uri }) => this.#list(uri, promptFileEnding, 0)));
    const read = await Promise.all(lists.flat().map(file => this.#readPrompt(file)));
    return read.filter(prompt => prompt !== undefined);
  }

  async #readPrompt({ uri, name }: Found): Promise<FoundPrompt | undefined> {
    const read = await this.#read(uri);
    const path = this.deps.pathOf(uri) ?? name;
    if ('fault' in read) {
      this.deps.log.warn(`Prompt file ${path}: ${inEnglish(read.fault)}`);
      return undefined;
    }
    const prompt = readPromptFile(read.text, name);
    if (prompt.headerFault)
      this.deps.log.warn(`Prompt file ${path}: its header is no YAML: ${prompt.headerFault}`);
    return { ...prompt, path, uri: uri.toString() };
  }

  async #rulesOf(folder: WorkspaceFolder, paths: readonly string[]): Promise<(RuleFile | undefined)[]> {
    const settings = Config.editorChat(folder);
    const root = { kind: 'folder' as const, about: '' };
    const wanted: Promise<RuleFile | undefined>[] = [];
    if (settings.useAgentsMdFile) wanted.push(this.#ruleFile(Uri.joinPath(folder.uri, 'AGENTS.md'), root));
    if (settings.useInstructionFiles)
      wanted.push(this.#ruleFile(Uri.joinPath(folder.uri, '.github', 'copilot-instructions.md'), root));
    if (settings.useAgentsMdFile && settings.useNestedAgentsMdFiles) {
      const prefix = prefixOf(folder, this.deps.pathOf);
      const inside = paths.filter(path => path.startsWith(prefix)).map(path => path.slice(prefix.length));
      const nested = new Set(inside.flatMap(path => foldersAbove(path)).filter(above => above !== ''));
      for (const above of nested)
        wanted.push(
          this.#ruleFile(Uri.joinPath(folder.uri, above, 'AGENTS.md'), {
            kind: 'folder',
            about: prefix + above,
          }),
        );
    }
    return Promise.all(wanted);
  }

  async #ruleFile(
    uri: Uri,
    scope: { kind: 'folder'; about: string } | { kind: 'patterns'; folder: WorkspaceFolder | undefined },
  ): Promise<RuleFile | undefined> {
    const read = await this.#read(uri);
    const path = this.deps.pathOf(uri) ?? uri.path.split('/').at(-1) ?? uri.path;
    if ('fault' in read) {
      if (!read.absent) this.deps.log.warn(`Rules in ${path}: ${inEnglish(read.fault)}`);
      return undefined;
    }
    const file = { path, uri: uri.toString(), text: read.text };
    if (scope.kind === 'folder') return { ...file, kind: 'folder', folder: scope.about };
    return { ...file, kind: 'patterns', prefix: scope.folder && prefixOf(scope.folder, this.deps.pathOf) };
  }

  /** The folders that a setting of the editor's chat names, and last the user's own. */
  #placesOf(setting: 'promptFilesLocations' | 'instructionsFilesLocations', usual: string): FoundPlace[] {
    const ofFolders = trustedFolders().flatMap(folder =>
      placesOf(Config.editorChat(folder)[setting], usual)
        .filter(({ from }) => from === 'folder')
        .map(({ path }) => ({ uri: Uri.joinPath(folder.uri, path), folder, path })),
    );
    const ofUser = placesOf(Config.editorChat()[setting], usual)
      .filter(({ from }) => from !== 'folder')
      .map(place => ({ uri: uriOf(place) }));
    return [...ofFolders, ...ofUser, { uri: this.#ownFolder }];
  }

  /** `User/prompts` of the editor's default profile: two folders above what it keeps for an extension. */
  get #ownFolder(): Uri {
    return Uri.joinPath(this.deps.globalStorageUri, '..', '..', 'prompts');
  }

  #pathOfOwn(uri: Uri): string | undefined {
    const root = `${this.#ownFolder.path}/`;
    return uri.scheme === this.#ownFolder.scheme && uri.path.startsWith(root)
      ? uri.path.slice(root.length)
      : undefined;
  }

  /** In an open folder, a place that is not there yet is watched from above. */
  #watch({ uri, folder, path = '' }: FoundPlace): Disposable {
    const files = `*${promptFileEnding}`;
    const above = foldersAbove(`${path}/${files}`).filter(one => one !== '');
    const pattern = folder
      ? new RelativePattern(folder, `{${[...above, `${path}/${files}`].join(',')}}`)
      : new RelativePattern(uri, files);
    const watcher = workspace.createFileSystemWatcher(pattern);
    const forget = (): void => this.#forget();
    return EditorDisposable.from(
      watcher,
      watcher.onDidChange(forget),
      watcher.onDidCreate(forget),
      watcher.onDidDelete(forget),
    );
  }

  /** The files with an ending in a folder; none when it is not there. */
  async #list(folder: Uri, ending: string, depth: number): Promise<Found[]> {
    let entries: [string, FileType][];
    try {
      entries = await workspace.fs.readDirectory(folder);
    } catch (error) {
      if (!isAbsent(error)) this.deps.log.warn(`${folder.toString()} cannot be read: ${reasonOf(error)}`);
      return [];
    }
    const found: Found[] = [];
    for (const [name, type] of entries.toSorted(([one], [other]) => one.localeCompare(other))) {
      const uri = Uri.joinPath(folder, name);
      if (type & FileType.Directory) {
        if (depth > 0) found.push(...(await this.#list(uri, ending, depth - 1)));
      } else if (name.toLowerCase().endsWith(ending)) found.push({ uri, name });
    }
    return found.slice(0, filesOfPlaceMax);
  }

  /** The text of a file; or the end of a sentence that says why there is none. */
  async #read(uri: Uri): Promise<{ text: string } | { fault: Phrase; absent: boolean }> {
    try {
      const { size } = await workspace.fs.stat(uri);
      if (size > limits.fileBytesMax) return { fault: phrase`too large`, absent: false };
      const text = decodeText(await workspace.fs.readFile(uri));
      return text === undefined ? { fault: phrase`not text`, absent: false } : { text };
    } catch (error) {
      if (isAbsent(error)) return { fault: phrase`not there`, absent: true };
      return { fault: phrase`cannot be read: ${reasonOf(error)}`, absent: false };
    }
  }
}

function trustedFolders(): readonly WorkspaceFolder[] {
  return workspace.isTrusted ? (workspace.workspaceFolders ?? []) : [];
}

function uriOf({ from, path }: Place): Uri {
  return from === 'home' ? Uri.joinPath(Uri.file(homedir()), path) : Uri.file(path);
}

/** What the paths of a folder begin with; empty when it is the only one. */
function prefixOf(folder: WorkspaceFolder, pathOf: (uri: Uri) => string | undefined): string {
  const name = 'x';
  return pathOf(Uri.joinPath(folder.uri, name))?.slice(0, -name.length) ?? '';
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['FileNotFound', 'FileNotADirectory'].includes(String(error.code))
  );
}
