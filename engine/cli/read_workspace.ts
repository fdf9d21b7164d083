// Reads a folder as the extension does with its default settings, by the same walk; only the disk is read directly.
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commitTimes } from '../shared/files/commit_times.ts';
import { globalExcludesFile } from '../shared/files/global_excludes.ts';
import { defaultExcludes, IgnoreRules } from '../shared/files/ignore_rules.ts';
import { repositoryRules } from '../shared/files/repository_rules.ts';
import { walkRoots, type FileTree, type Root, type TreeEntry } from '../shared/files/walk.ts';
import type { LeftOutFile } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { IngestFile } from '../protocol/workspace.ts';

/** files.exclude and search.exclude as the editor sets them itself. */
const editorExcludes = [
  '**/.git',
  '**/.svn',
  '**/.hg',
  '**/CVS',
  '**/.DS_Store',
  '**/Thumbs.db',
  '**/node_modules',
  '**/bower_components',
  '**/*.code-search',
];

export interface FolderFiles {
  name: string;
  /** Sorted by path, which is relative with forward slashes. */
  files: IngestFile[];
  skipped: LeftOutFile[];
}

/** Throws fileUnreadable when the folder itself cannot be read; a file or folder inside it that cannot is listed. */
export async function readWorkspace(
  folder: string,
  /** The user's ignore file for all repositories, unless git is to be asked for it. */
  { globalExcludes }: { globalExcludes?: string } = {},
): Promise<FolderFiles> {
  const root = resolve(folder);
  await readdir(root).catch((cause: unknown) => {
    throw errors.fileUnreadable(root, cause);
  });
  const rules = new IgnoreRules({
    editorExcludes,
    userExcludes: defaultExcludes,
    caseSensitive: process.platform === 'linux',
  });
  const read = async (path: string): Promise<string | undefined> => {
    try {
      return await readFile(isAbsolute(path) ? path : join(root, path), 'utf8');
    } catch {
      return undefined; // As for git: what cannot be read has no rules.
    }
  };
  const location = root.replaceAll('\\', '/');
  rules.setOuter(
    await repositoryRules({
      read,
      names: location.split('/').filter(Boolean),
      globalExcludes: async () => globalExcludes ?? globalExcludesFile(),
    }),
  );
  const caps = { totalBytesMax: limits.workspaceBytesMax, filesMax: limits.workspaceFilesMax };
  const walked: Root = {
    prefix: '',
    location,
    tree: treeOf(root),
    rules,
    fileBytesMax: limits.fileBytesUsual,
    commits: commitTimes(root),
  };
  const found: FolderFiles = { name: basename(root), files: [], skipped: [] };
  for await (const entry of walkRoots([walked], caps, () => false))
    if (entry.kind === 'file') found.files.push(entry.file);
    else found.skipped.push({ path: entry.path, reason: entry.reason });
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;
}

function treeOf(root: string): FileTree {
  return {
    list: async folder => (await readdir(join(root, folder), { withFileTypes: true })).flatMap(entryOf),
    stat: async path => {
      const { size, mtime } = await stat(join(root, path));
      return { sizeBytes: size, changedAt: mtime.getTime() };
    },
    read: path => readFile(join(root, path)),
    uri: path => pathToFileURL(join(root, path)).href,
  };
}

function entryOf(entry: Dirent): TreeEntry[] {
  const { name } = entry;
  if (entry.isSymbolicLink()) return [{ name, kind: 'link' }];
  if (entry.isDirectory()) return [{ name, kind: 'directory' }];
  return entry.isFile() ? [{ name, kind: 'file' }] : [];
}
