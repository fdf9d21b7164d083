// Whether two paths name the same model although they differ: by links, another part of a split file, or a file inside a folder.
import { realpath } from 'node:fs/promises';
import { dirname, normalize } from 'node:path';

/** The same path for all paths of one model. An empty path, and one where nothing is, stay as they are. Never rejects. */
export async function canonicalPath(path: string): Promise<string> {
  if (path === '') return '';
  const whole = /\.safetensors$/i.test(path)
    ? dirname(path)
    : path.replace(/-\d{5}-of-(\d{5}\.gguf)$/i, '-00001-of-$1');
  return realpath(whole).catch(() => normalize(whole));
}

/** Canonical paths that were looked up before, for code that cannot wait. */
export class KnownPaths {
  readonly #canonical = new Map<string, string>();

  /** Looks up what is not known yet. */
  async look(paths: readonly string[]): Promise<void> {
    for (const path of paths)
      if (!this.#canonical.has(path)) this.#canonical.set(path, await canonicalPath(path));
  }

  /** Paths that were not looked up are compared as they are. */
  areSame(one: string, other: string): boolean {
    return (this.#canonical.get(one) ?? one) === (this.#canonical.get(other) ?? other);
  }

  /** Call it when files may have moved. */
  forget(): void {
    this.#canonical.clear();
  }
}
