// Reads a folder as the extension does with its default settings: ignore rules of every folder, size caps, no links, no
// binary files; what is left out is listed with the reason. Command line only.
import ignore, { type Ignore } from 'ignore';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LeftOutFile } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { IngestFile } from '../protocol/workspace.ts';

const ruleFiles = ['.gitignore', '.hearthignore'];
/** What the editor and the extension leave out by default. */
const alwaysIgnored = [
  ...['.git', '.hg', '.svn', 'CVS', '.DS_Store', 'Thumbs.db', 'node_modules', 'bower_components'],
  ...['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', '*.min.js', '*.min.css', '*.map', '*.code-search'],
];

export interface FolderFiles {
  name: string;
  /** Sorted by path, which is relative with forward slashes. */
  files: IngestFile[];
  skipped: LeftOutFile[];
}

/** Throws fileUnreadable when the folder itself cannot be read; a file or folder inside it that cannot is listed. */
export async function readWorkspace(folder: string): Promise<FolderFiles> {
  const root = resolve(folder);
  await readdir(root).catch((cause: unknown) => {
    throw errors.fileUnreadable(root, cause);
  });
  const found: FolderFiles = { name: basename(root), files: [], skipped: [] };
  await walk(root, '', [{ base: '', rules: emptyRules().add(alwaysIgnored) }], found);
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;
}

interface FolderRules {
  /** Path of the folder the rules lie in, with a slash at its end; '' is the root. */
  base: string;
  rules: Ignore;
}

function emptyRules(): Ignore {
  return ignore({ ignorecase: process.platform !== 'linux' });
}

async function walk(
  root: string,
  base: string,
  above: readonly FolderRules[],
  found: FolderFiles,
): Promise<void> {
  try {
    const entries = await readdir(join(root, base), { withFileTypes: true });
    const own = emptyRules();
    for (const name of ruleFiles)
      if (entries.some(entry => entry.isFile() && entry.name === name))
        own.add(await readFile(join(root, base, name), 'utf8'));
    const rules = [...above, { base, rules: own }];
    for (const entry of entries) {
      const path = base + entry.name;
      if (isIgnored(entry.isDirectory() ? `${path}/` : path, rules)) continue;
      if (entry.isDirectory()) await walk(root, `${path}/`, rules, found);
      else if (entry.isFile()) await take(root, path, found);
      else if (entry.isSymbolicLink()) found.skipped.push({ path, reason: 'a link' });
    }
  } catch (cause) {
    found.skipped.push({ path: base === '' ? '.' : base.slice(0, -1), reason: reasonOf(cause) });
  }
}

/** The deepest rule that says something about the path decides; what is always ignored, no rule takes back. */
function isIgnored(path: string, [fixed, ...byFolder]: readonly FolderRules[]): boolean {
  if (fixed?.rules.ignores(path)) return true;
  let ignored = false;
  for (const { base, rules } of byFolder) {
    const result = rules.test(path.slice(base.length));
    if (result.ignored) ignored = true;
    else if (result.unignored) ignored = false;
  }
  return ignored;
}

async function take(root: string, path: string, { files, skipped }: FolderFiles): Promise<void> {
  const absolute = join(root, path);
  try {
    if ((await stat(absolute)).size > limits.fileBytesMax) {
      skipped.push({ path, reason: `larger than ${Math.round(limits.fileBytesMax / 1024)} KB` });
      return;
    }
    const text = decode(await readFile(absolute));
    if (text === undefined) skipped.push({ path, reason: 'not text' });
    else files.push({ path, uri: pathToFileURL(absolute).href, languageId: '', text });
  } catch (cause) {
    skipped.push({ path, reason: reasonOf(cause) });
  }
}

function reasonOf(cause: unknown): string {
  return `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
}

/** UTF-8 text with \n line ends, or undefined for anything else. */
function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}
