// Walks the folders of a workspace and yields each file as text, or the reason it is left out. Works on a FileTree, so
// that the same code runs on the editor's file system and on one in memory. Order is by worth and name, so it never depends on luck.
import { reasonOf } from '../../protocol/errors.ts';
import { phrase, type Phrase } from '../../protocol/phrase.ts';
import type { LeftOutFile } from '../../protocol/chat.ts';
import type { IngestFile } from '../../protocol/workspace.ts';
import { limits } from '../../protocol/limits.ts';
import type { CommitTimes } from './commit_times.ts';
import { isBinaryName, isMinified, whyNotText } from './file_checks.ts';
import { textOf, type Decode } from './file_text.ts';
import type { IgnoreRules } from './ignore_rules.ts';
import { ruleFileNames, foldersAbove } from './ignore_rules.ts';
import { pathWorth } from './path_worth.ts';
import { holdsSecret, isSecretPath } from './secret_files.ts';

export interface TreeEntry {
  name: string;
  kind: 'file' | 'directory' | 'link';
}
/** One root folder. Paths are relative to it, with forward slashes; '' is the folder itself. */
export interface FileTree {
  list(folder: string): Promise<TreeEntry[]>;
  /** `changedAt`: when it was changed last, in milliseconds since 1970. */
  stat(path: string): Promise<{ sizeBytes: number; changedAt: number }>;
  read(path: string): Promise<Uint8Array>;
  decode?: Decode;
  uri(path: string): string;
}
export interface Root {
  /** Put before every path when the workspace has several roots; else ''. */
  prefix: string;
  /** Where the folder itself lies: its absolute path, with forward slashes. */
  location: string;
  tree: FileTree;
  rules: IgnoreRules;
  /** Larger files are skipped. */
  fileBytesMax: number;
  /** Told of what the ignore rules name, with the prefix; a folder, which ends with a slash, stands for all that is in it. */
  onIgnored?: (path: string) => void;
  /** What the user has decided about single files; without the prefix. */
  choice?: (path: string) => FileChoice | undefined;
  /** What a repository says of when files were committed; unset or undefined where there is none, or it may not be asked. */
  commits?: Promise<CommitTimes | undefined>;
}
/** Left out, or read although it may hold secrets. */
export type FileChoice = 'leftOut' | 'allowed';

export type WalkEntry = { kind: 'file'; file: IngestFile } | ({ kind: 'skipped' } & LeftOutFile);

/** What all roots may hold together. */
export interface WalkLimits {
  totalBytesMax: number;
  filesMax: number;
  /** Files that come first, in this order, with the prefixes of their roots. */
  firstPaths?: readonly string[];
}

/**
 * Every file of every root, those of most worth by their paths first: what is over the limits is worth least. All names are listed
 * before anything is read. Stops early when `isCancelled` says so.
 */
export async function* walkRoots(
  roots: readonly Root[],
  { totalBytesMax, filesMax, firstPaths = [] }: WalkLimits,
  isCancelled: () => boolean,
): AsyncGenerator<WalkEntry> {
  const found: { root: Root; path: string; worth: number }[] = [];
  const first = new Map(firstPaths.map((path, place) => [path, firstPaths.length - place]));
  for (const root of roots)
    for await (const entry of listFolder(root, '', isCancelled)) {
      if (entry.kind === 'skipped') yield { ...entry, path: root.prefix + entry.path };
      else {
        const worth = (first.get(root.prefix + entry.path) ?? -1_000_000) + pathWorth(entry.path);
        found.push({ root, path: entry.path, worth });
      }
    }
  // The order of names is kept among equals: sorting is stable.
  found.sort((one, other) => other.worth - one.worth);
  const used = { bytes: 0, files: 0 };
  for (const { root, path } of found) {
    if (isCancelled()) return;
    const overLimit: WalkEntry = {
      kind: 'skipped',
      path: root.prefix + path,
      reason: phrase`over the limit of one workspace`,
    };
    const entry = used.files < filesMax ? await readEntry(root, path) : overLimit;
    const bytes = entry.kind === 'file' ? Buffer.byteLength(entry.file.text) : 0;
    if (used.bytes + bytes > totalBytesMax) yield overLimit;
    else {
      if (entry.kind === 'file') used.files += 1;
      used.bytes += bytes;
      yield entry;
    }
  }
}

/** Every file of a root, by names, each read as it is found. */
export function walkByName(root: Root, isCancelled: () => boolean): AsyncGenerator<WalkEntry> {
  return walkFolder(root, '', isCancelled);
}

/**
 * What is at a path after a change: a file, all files of a folder, or nothing when it is ignored or gone. Its time is its own: what the
 * repository says of it may be older than the change.
 */
export async function* walkChanged(
  { commits: _, ...root }: Root,
  path: string,
  isCancelled: () => boolean,
): AsyncGenerator<WalkEntry> {
  if (root.rules.ignoresDeeply(path)) return;
  const folder = foldersAbove(path).at(-1) ?? '';
  const name = path.slice(folder === '' ? 0 : folder.length + 1);
  const entry = (await listOr(root.tree, folder, () => [])).find(candidate => candidate.name === name);
  if (entry?.kind === 'file') yield await readEntry(root, path);
  else if (entry?.kind === 'directory' && !root.rules.ignores(path, 'directory'))
    yield* walkFolder(root, path, isCancelled);
}

/** All files of a folder, by the rules of that folder and of those above it. */
export async function* walkBelow(
  root: Root,
  folder: string,
  isCancelled: () => boolean,
): AsyncGenerator<WalkEntry> {
  for (const above of foldersAbove(folder))
    await readRules(root, above, await listOr(root.tree, above, () => []));
  if (!root.rules.ignoresDeeply(folder)) yield* walkFolder(root, folder, isCancelled);
}

/** The files that a walk would read, and their folders, by name only; what cannot be listed is passed over. */
export async function* listPaths(
  root: Root,
  isCancelled: () => boolean,
  folder = '',
): AsyncGenerator<{ path: string; kind: 'file' | 'directory' }> {
  if (isCancelled()) return;
  const entries = await listOr(root.tree, folder, () => []);
  await readRules(root, folder, entries);
  for (const { name, kind } of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (kind === 'link' || root.rules.ignores(path, kind)) continue;
    if (kind === 'directory') {
      yield { path, kind };
      yield* listPaths(root, isCancelled, path);
    } else if (!isBinaryName(path) && !isSecretPath(`${root.location}/${path}`)) yield { path, kind };
  }
}

/** Reads the files of a folder in the order of their names. */
async function* walkFolder(
  root: Root,
  folder: string,
  isCancelled: () => boolean,
): AsyncGenerator<WalkEntry> {
  for await (const entry of listFolder(root, folder, isCancelled))
    if (entry.kind === 'skipped') yield { ...entry, path: root.prefix + entry.path };
    else yield await readEntry(root, entry.path);
}

/** Paths of files that are not ignored, by names and without the prefix, and what is skipped without being looked into. */
async function* listFolder(
  root: Root,
  folder: string,
  isCancelled: () => boolean,
): AsyncGenerator<{ kind: 'file'; path: string } | Exclude<WalkEntry, { kind: 'file' }>> {
  if (isCancelled()) return;
  let failure: Phrase | undefined;
  const entries = await listOr(root.tree, folder, error => {
    failure = whyUnreadable(error);
    return [];
  });
  if (failure !== undefined) {
    yield { kind: 'skipped', path: folder || '.', reason: failure };
    return;
  }
  await readRules(root, folder, entries);
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (isCancelled()) return;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (root.rules.ignores(path, entry.kind === 'directory' ? 'directory' : 'file'))
      root.onIgnored?.(root.prefix + path + (entry.kind === 'directory' ? '/' : ''));
    else if (entry.kind === 'directory') yield* listFolder(root, path, isCancelled);
    else if (entry.kind === 'link') yield { kind: 'skipped', path, reason: phrase`a link` };
    else yield { kind: 'file', path };
  }
}

async function readRules(root: Root, folder: string, entries: readonly TreeEntry[]): Promise<void> {
  const texts: string[] = [];
  for (const name of ruleFileNames) {
    if (!entries.some(entry => entry.name === name && entry.kind === 'file')) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    const text = await ruleText(root, path);
    if (text !== undefined) texts.push(text);
  }
  root.rules.addFolder(folder, texts);
}

/** The text of a rule file; undefined when it cannot be read, which counts as if it were not there, as for git. */
async function ruleText({ tree, location }: Root, path: string): Promise<string | undefined> {
  if (isSecretPath(`${location}/${path}`)) return undefined;
  try {
    if ((await tree.stat(path)).sizeBytes > limits.fileBytesMax) return undefined;
    return new TextDecoder().decode(await tree.read(path));
  } catch {
    return undefined;
  }
}

async function readEntry(root: Root, path: string): Promise<WalkEntry> {
  const { prefix, location, tree, fileBytesMax } = root;
  const skipped = (reason: Phrase, by?: LeftOutFile['by']): WalkEntry => ({
    kind: 'skipped',
    path: prefix + path,
    reason,
    ...(by && { by }),
  });
  const choice = root.choice?.(path);
  if (choice === 'leftOut') return skipped(phrase`you have left it out`, 'user');
  const mayHoldSecrets = skipped(phrase`may hold secrets`, 'secrets');
  // With the folders above: the root itself may be one that holds secrets.
  if (choice !== 'allowed' && isSecretPath(`${location}/${path}`)) return mayHoldSecrets;
  if (isBinaryName(path)) return skipped(phrase`not text`);
  try {
    const { sizeBytes, changedAt } = await tree.stat(path);
    if (sizeBytes > fileBytesMax) return skipped(phrase`larger than ${Math.round(fileBytesMax / 1024)} KB`);
    const bytes = await tree.read(path);
    if (bytes.length > fileBytesMax)
      return skipped(phrase`larger than ${Math.round(fileBytesMax / 1024)} KB`);
    const text = await textOf(path, bytes, tree.decode);
    if (text === undefined) return skipped(whyNotText(bytes));
    if (choice !== 'allowed' && holdsSecret(text)) return mayHoldSecrets;
    if (isMinified(text)) return skipped(phrase`minified or generated: its lines are too long to read`);
    const committedAt = (await root.commits)?.of(path);
    const file = { path: prefix + path, uri: tree.uri(path), text, changedAt: committedAt ?? changedAt };
    return { kind: 'file', file };
  } catch (error) {
    return skipped(whyUnreadable(error));
  }
}

async function listOr(
  tree: FileTree,
  folder: string,
  fallback: (error: unknown) => TreeEntry[],
): Promise<TreeEntry[]> {
  try {
    return await tree.list(folder);
  } catch (error) {
    return fallback(error);
  }
}

function whyUnreadable(error: unknown): Phrase {
  return phrase`cannot be read: ${reasonOf(error).slice(0, 200)}`;
}
