// Reads a folder as the extension's crawler does: ignore rules, caps, binary files listed and left out. Command line only.
import ignore, { type Ignore } from 'ignore';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { LeftOutFile } from '../protocol/chat.ts';
import { errors } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';

const alwaysIgnored = ['.git/', 'node_modules/', '.hg/', '.svn/'];
const ignoreFiles = ['.gitignore', '.hearthignore'];

export interface ReadFile {
  /** Relative, forward slashes. */
  path: string;
  absolute: string;
  text: string;
}

/** Files sorted by path. Throws fileUnreadable when the folder cannot be read. */
export async function readWorkspace(
  folder: string,
): Promise<{ name: string; files: ReadFile[]; skipped: LeftOutFile[] }> {
  const root = resolve(folder);
  const files: ReadFile[] = [];
  const skipped: LeftOutFile[] = [];
  const walk = async (
    directory: string,
    prefix: string,
    rules: readonly { prefix: string; rule: Ignore }[],
  ): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true });
    const own = ignore();
    for (const name of ignoreFiles)
      if (entries.some(entry => entry.isFile() && entry.name === name))
        own.add(await readFile(join(directory, name), 'utf8'));
    const all = [...rules, { prefix, rule: own }];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = prefix + entry.name;
      const asked = entry.isDirectory() ? `${path}/` : path;
      if (all.some(({ prefix: base, rule }) => rule.ignores(asked.slice(base.length)))) continue;
      if (entry.isDirectory()) await walk(join(directory, entry.name), `${path}/`, all);
      else if (entry.isFile()) await take(path, join(directory, entry.name));
    }
  };
  const take = async (path: string, absolute: string): Promise<void> => {
    const { size } = await stat(absolute);
    if (size > limits.fileBytesMax) skipped.push({ path, reason: 'too large' });
    else {
      const bytes = await readFile(absolute);
      const text = decode(bytes);
      if (text === undefined) skipped.push({ path, reason: 'not text' });
      else files.push({ path, absolute, text });
    }
  };
  try {
    await walk(root, '', [{ prefix: '', rule: ignore().add(alwaysIgnored) }]);
  } catch (cause) {
    throw errors.fileUnreadable(root, cause);
  }
  return { name: basename(root), files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), skipped };
}

/** UTF-8 text, or undefined for binary data. */
function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
