// Whether two paths name one model, however they are spelt: links, other parts of a split file, a file inside a folder.
import { realpath } from 'node:fs/promises';
import { dirname, normalize } from 'node:path';

/** One spelling for all paths of a model; empty stays empty. Never rejects: what is not there keeps its own. */
export async function canonicalPath(path: string): Promise<string> {
  if (path === '') return '';
  const whole = /\.safetensors$/i.test(path)
    ? dirname(path)
    : path.replace(/-\d{5}-of-(\d{5}\.gguf)$/i, '-00001-of-$1');
  return realpath(whole).catch(() => normalize(whole));
}

/** Canonical spellings that were looked up, for code that cannot wait. */
export class KnownPaths {
  readonly #canonical = new Map<string, string>();

  /** Looks up what is not known yet. */
  async look(paths: readonly string[]): Promise<void> {
    for (const path of paths)
      if (!this.#canonical.has(path)) this.#canonical.set(path, await canonicalPath(path));
  }

  /** Two paths that were not looked up are the same only when they are spelt so. */
  areSame(one: string, other: string): boolean {
    return (this.#canonical.get(one) ?? one) === (this.#canonical.get(other) ?? other);
  }

  /** Files may have moved. */
  forget(): void {
    this.#canonical.clear();
  }
}
