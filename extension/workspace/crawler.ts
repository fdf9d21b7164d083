// The open folders as a source of files, through the editor's file system only (it may be remote or virtual).
import { isAbsolute } from 'node:path';
import { FileType, Uri, workspace, type TextDocument, type WorkspaceFolder } from 'vscode';
import { commitTimes, type CommitTimes } from '../../engine/shared/files/commit_times.ts';
import { IgnoreRules } from '../../engine/shared/files/ignore_rules.ts';
import {
  listPaths,
  walkBelow,
  walkByName,
  walkChanged,
  walkRoots,
  type FileChoice,
  type FileTree,
  type Root,
  type TreeEntry,
  type WalkEntry,
} from '../../engine/shared/files/walk.ts';
import { globalExcludesFile } from '../../engine/shared/files/global_excludes.ts';
import { repositoryRules } from '../../engine/shared/files/repository_rules.ts';
import { limits } from '../../engine/protocol/limits.ts';
import { Config } from '../config.ts';
import { openUris } from '../edit/documents.ts';
import type { Choice, FileChoices } from './file_choices.ts';
import type { WorkspaceSource } from './ingest.ts';

/** Ignored paths that are remembered, for the user's list. */
const ignoredMax = 1_000;

export class WorkspaceCrawler implements WorkspaceSource {
  /** The roots of the last full read, with the rules found then. */
  #roots: Root[] = [];
  /** As git named it since the last full read. */
  #globalExcludes: Promise<string> | undefined;

  /** What the ignore rules left out of the last full read; at most so many are remembered. */
  readonly #ignored = new Set<string>();

  constructor(
    private readonly config: Config,
    private readonly choices: FileChoices,
  ) {}

  /** Paths that the ignore rules left out of the last full read; a folder ends with a slash. */
  get ignored(): ReadonlySet<string> {
    return this.#ignored;
  }

  readonly name = workspaceName;
  readonly uri = workspaceUri;
  readonly decided = (): string => this.choices.digest;
  readonly recentPaths = (): string[] => [
    ...new Set([...this.choices.pinned, ...openUris().flatMap(uri => pathOf(uri) ?? [])]),
  ];
  readonly unsavedPaths = (): string[] =>
    workspace.textDocuments.flatMap(document => (isUnsaved(document) ? (pathOf(document.uri) ?? []) : []));

  async *readAll(isCancelled: () => boolean): AsyncIterable<WalkEntry> {
    const folders = workspace.workspaceFolders ?? [];
    this.#globalExcludes = undefined;
    this.#ignored.clear();
    const roots = await Promise.all(
      folders.map(async (folder): Promise<Root> => {
        const root = await this.#root(folder, folders);
        // Git reads the configuration of the repository.
        const mayAsk = folder.uri.scheme === 'file' && workspace.isTrusted;
        return {
          ...root,
          onIgnored: path => void (this.#ignored.size < ignoredMax && this.#ignored.add(path)),
          ...(mayAsk && { commits: commitsOf(folder.uri) }),
        };
      }),
    );
    this.#roots = roots;
    const caps = {
      totalBytesMax: limits.workspaceBytesMax,
      filesMax: limits.workspaceFilesMax,
      firstPaths: this.recentPaths(),
    };
    yield* walkRoots(roots, caps, isCancelled);
  }

  /** Files by name, read as they are found: for whoever wants only some. */
  async *readSome(isCancelled: () => boolean): AsyncIterable<WalkEntry> {
    const folders = workspace.workspaceFolders ?? [];
    for (const folder of folders) yield* walkByName(await this.#root(folder, folders), isCancelled);
  }

  async *readChanged(paths: readonly string[], isCancelled: () => boolean): AsyncIterable<WalkEntry> {
    for (const path of paths) {
      const root = this.#rootOf(path);
      if (root) yield* walkChanged(root, path.slice(root.prefix.length), isCancelled);
    }
  }

  /** Names of all files that may be read, and of their folders; at most as many as a workspace may have. */
  async *listPaths(): AsyncIterable<{ path: string; uri: string; kind: 'file' | 'directory' }> {
    const folders = workspace.workspaceFolders ?? [];
    let count = 0;
    for (const folder of folders) {
      const root = await this.#root(folder, folders);
      for await (const { path, kind } of listPaths(root, () => count >= limits.workspaceFilesMax)) {
        count += 1;
        yield { path: root.prefix + path, uri: root.tree.uri(path), kind };
      }
    }
  }

  /** Every file in a folder of the workspace. */
  async *readBelow(uri: Uri): AsyncIterable<WalkEntry> {
    const folder = workspace.getWorkspaceFolder(uri);
    if (!folder) return;
    const root = await this.#root(folder, workspace.workspaceFolders ?? []);
    yield* walkBelow(root, (pathOf(uri) ?? root.prefix).slice(root.prefix.length), () => false);
  }

  /** True when the rules that the last full read found ignore the path. */
  readonly ignores = (path: string): boolean => {
    const root = this.#rootOf(path);
    return root?.rules.ignoresChange(path.slice(root.prefix.length)) ?? false;
  };

  #rootOf(path: string): Root | undefined {
    return this.#roots.find(({ prefix }) => path.startsWith(prefix));
  }

  async #root(folder: WorkspaceFolder, folders: readonly WorkspaceFolder[]): Promise<Root> {
    const settings = this.config.settingsFor(folder.uri);
    const rules = new IgnoreRules({
      editorExcludes: Config.editorExcludes(folder),
      userExcludes: settings['workspace.exclude'],
      caseSensitive: process.platform === 'linux',
    });
    rules.setOuter(
      await repositoryRules({
        read: path => readRules(folder.uri, path),
        names: folder.uri.path.split('/').filter(Boolean),
        // The user's own file lies where the editor's files do only when the folder does too.
        ...(folder.uri.scheme === 'file' && {
          globalExcludes: () => (this.#globalExcludes ??= globalExcludesFile()),
        }),
      }),
    );
    const prefix = prefixOf(folder, folders);
    return {
      prefix,
      location: folder.uri.path,
      tree: treeOf(folder.uri),
      rules,
      fileBytesMax: settings['workspace.maxFileSizeKB'] * 1024,
      choice: path => walkChoice(this.choices.of(prefix + path)),
    };
  }
}

/** The name of the workspace as the model is told it; undefined when no folder is open. */
export function workspaceName(): string | undefined {
  const folders = workspace.workspaceFolders ?? [];
  return folders.length > 1 ? (workspace.name ?? folders[0]?.name) : folders[0]?.name;
}

/** What tells the workspace from others of the same name; undefined when no folder is open. */
function workspaceUri(): string | undefined {
  const folders = workspace.workspaceFolders ?? [];
  const several = folders.length > 1 ? workspace.workspaceFile : undefined;
  return (several ?? folders[0]?.uri)?.toString();
}

/** The path under which the engine knows a file; undefined outside the open folders. */
export function pathOf(uri: Uri): string | undefined {
  const folder = workspace.getWorkspaceFolder(uri);
  if (!folder || uri.toString() === folder.uri.toString()) return undefined;
  const root = folder.uri.path.endsWith('/') ? folder.uri.path : `${folder.uri.path}/`;
  return prefixOf(folder, workspace.workspaceFolders ?? []) + uri.path.slice(root.length);
}

/** Where the file with that path lies; undefined when no open folder can have it. */
export function uriOf(path: string): Uri | undefined {
  const folders = workspace.workspaceFolders ?? [];
  const folder = folders.find(one => path.startsWith(prefixOf(one, folders)));
  return folder && Uri.joinPath(folder.uri, ...path.slice(prefixOf(folder, folders).length).split('/'));
}

/** With several folders open, a path begins with its folder's name; a second folder of that name also gets a number. */
function prefixOf(folder: WorkspaceFolder, folders: readonly WorkspaceFolder[]): string {
  if (folders.length < 2) return '';
  const twin = folders.some(other => other.name === folder.name && other.index < folder.index);
  return twin ? `${folder.name} (${folder.index + 1})/` : `${folder.name}/`;
}

function treeOf(root: Uri): FileTree {
  const at = (path: string): Uri => (path === '' ? root : Uri.joinPath(root, ...path.split('/')));
  return {
    list: async folder =>
      (await workspace.fs.readDirectory(at(folder))).flatMap(([name, type]) => entryOf(name, type)),
    stat: async path => {
      const unsaved = unsavedText(at(path));
      if (unsaved) return { sizeBytes: unsaved.length, changedAt: Date.now() };
      const { size, mtime } = await workspace.fs.stat(at(path));
      return { sizeBytes: size, changedAt: mtime };
    },
    read: async path => unsavedText(at(path)) ?? workspace.fs.readFile(at(path)),
    decode: async (path, bytes) => workspace.decode(bytes, { uri: at(path) }),
    uri: path => at(path).toString(),
  };
}

/** What the editor has of a file beyond what is on the disk, as UTF-8. */
function unsavedText(uri: Uri): Uint8Array | undefined {
  const document = workspace.textDocuments.find(
    one => isUnsaved(one) && one.uri.toString() === uri.toString(),
  );
  return document && new TextEncoder().encode(document.getText());
}

function isUnsaved({ isDirty, isUntitled }: TextDocument): boolean {
  return isDirty && !isUntitled;
}

/** A pinned file is read by the same rules as any other. */
function walkChoice(choice: Choice | undefined): FileChoice | undefined {
  return choice === 'pinned' ? undefined : choice;
}

/** When the files of a folder were committed; nothing is known of those that the editor has changed. */
async function commitsOf(folder: Uri): Promise<CommitTimes | undefined> {
  const times = await commitTimes(folder.fsPath);
  return times && { of: path => (unsavedText(Uri.joinPath(folder, path)) ? undefined : times.of(path)) };
}

/** The text of a file around a folder; undefined when it cannot be read: for git, too, it has no rules then. */
async function readRules(folder: Uri, path: string): Promise<string | undefined> {
  try {
    const at = isAbsolute(path) ? folder.with({ path: Uri.file(path).path }) : Uri.joinPath(folder, path);
    return new TextDecoder().decode(await workspace.fs.readFile(at));
  } catch {
    return undefined;
  }
}

function entryOf(name: string, type: FileType): TreeEntry[] {
  if (type & FileType.SymbolicLink) return [{ name, kind: 'link' }];
  if (type & FileType.Directory) return [{ name, kind: 'directory' }];
  return type & FileType.File ? [{ name, kind: 'file' }] : [];
}
