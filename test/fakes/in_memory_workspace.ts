// A folder in memory as the crawler sees one. A value that is an Error makes reading that file fail.
import { limits } from '../../engine/protocol/limits.ts';
import type { FileTree, Root } from '../../engine/shared/files/walk.ts';
import { IgnoreRules, type IgnoreOptions } from '../../engine/shared/files/ignore_rules.ts';

export type Content = string | Uint8Array | Error;

export class InMemoryFolder implements FileTree {
  readonly files: Map<string, Content>;
  readonly links = new Set<string>();
  readonly reads: string[] = [];
  /** Times of files, 0 where none is given. */
  readonly changedAt = new Map<string, number>();

  constructor(files: Record<string, Content>) {
    this.files = new Map(Object.entries(files));
  }

  async list(folder: string): ReturnType<FileTree['list']> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const names = new Map<string, 'file' | 'directory' | 'link'>();
    for (const path of [...this.files.keys(), ...this.links]) {
      if (!path.startsWith(prefix)) continue;
      const [name = '', ...deeper] = path.slice(prefix.length).split('/');
      names.set(name, deeper.length > 0 ? 'directory' : this.links.has(path) ? 'link' : 'file');
    }
    if (names.size === 0 && folder !== '') throw new Error(`no such folder: ${folder}`);
    return [...names].map(([name, kind]) => ({ name, kind }));
  }

  async stat(path: string): Promise<{ sizeBytes: number; changedAt: number }> {
    return { sizeBytes: (await this.read(path)).length, changedAt: this.changedAt.get(path) ?? 0 };
  }

  async read(path: string): Promise<Uint8Array> {
    this.reads.push(path);
    const content = this.files.get(path);
    if (content === undefined) throw new Error('no such file');
    if (content instanceof Error) throw content;
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  }

  uri(path: string): string {
    return `memory:/${path}`;
  }
}

/** The folder as a root with nothing excluded beyond the given options. */
export function rootOf(
  tree: InMemoryFolder,
  {
    prefix = '',
    location = '/folders/project',
    fileBytesMax = limits.fileBytesMax,
    ...options
  }: Partial<IgnoreOptions & Pick<Root, 'prefix' | 'location' | 'fileBytesMax'>> = {},
): Root {
  const rules = new IgnoreRules({ editorExcludes: [], userExcludes: [], caseSensitive: true, ...options });
  return { prefix, location, tree, rules, fileBytesMax };
}
