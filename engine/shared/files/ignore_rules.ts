// Which paths of a root folder are left alone: rule files (.gitignore, .hearthignore) of every folder on the way,
// the editor's own excludes, and the user's. Pure; rule files are handed in as text.
import ignore, { type Ignore } from 'ignore';

/** Files that hold ignore rules; the later one wins. */
export const ruleFileNames = ['.gitignore', '.hearthignore'] as const;
/** What `hearth.workspace.exclude` holds when the user sets nothing: generated files that say little for their length. */
export const defaultExcludes = [
  'package-lock.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  '*.min.js',
  '*.min.css',
  '*.map',
];
const alwaysIgnored = ['.git', '.hg', '.svn', '.DS_Store'];

export interface IgnoreOptions {
  /** Globs of files.exclude and search.exclude. */
  editorExcludes: readonly string[];
  /** Patterns of `hearth.workspace.exclude`, in the form of .gitignore. */
  userExcludes: readonly string[];
  caseSensitive: boolean;
}

export class IgnoreRules {
  readonly #fixed: Ignore;
  /** Rules by folder ('' = the root). */
  readonly #byFolder = new Map<string, Ignore>();

  constructor(private readonly options: IgnoreOptions) {
    this.#fixed = this.#rules([
      ...alwaysIgnored,
      ...options.editorExcludes.flatMap(globToRules),
      ...options.userExcludes,
    ]);
  }

  /** Adds the rule files of one folder, in the order of `ruleFileNames`. */
  addFolder(folder: string, ruleTexts: readonly string[]): void {
    if (ruleTexts.length === 0) this.#byFolder.delete(folder);
    else this.#byFolder.set(folder, this.#rules(ruleTexts.flatMap(text => text.split('\n'))));
  }

  /** True when the path itself is ignored; its parent folders are taken to be known as not ignored. */
  ignores(path: string, kind: 'file' | 'directory'): boolean {
    const suffix = kind === 'directory' ? '/' : '';
    if (this.#fixed.ignores(path + suffix)) return true;
    let ignored = false;
    // From the root inwards: a deeper rule file may take back what an outer one said.
    for (const folder of foldersAbove(path)) {
      const result = this.#byFolder
        .get(folder)
        ?.test(path.slice(folder === '' ? 0 : folder.length + 1) + suffix);
      if (result?.ignored) ignored = true;
      else if (result?.unignored) ignored = false;
    }
    return ignored;
  }

  /** True when the path or any folder above it is ignored. */
  ignoresDeeply(path: string): boolean {
    const folders = foldersAbove(path).slice(1);
    return folders.some(folder => this.ignores(folder, 'directory')) || this.ignores(path, 'file');
  }

  /** True when a change of the path means nothing to a read. A rule file counts wherever its folder is read, even an ignored one. */
  ignoresChange(path: string): boolean {
    const isRuleFile = ruleFileNames.some(name => path === name || path.endsWith(`/${name}`));
    if (!isRuleFile) return this.ignoresDeeply(path);
    return foldersAbove(path)
      .slice(1)
      .some(folder => this.ignores(folder, 'directory'));
  }

  #rules(lines: readonly string[]): Ignore {
    return ignore({ ignorecase: !this.options.caseSensitive, allowRelativePaths: true }).add(lines);
  }
}

/** '' and every folder on the way to the path, outermost first. */
export function foldersAbove(path: string): string[] {
  const folders = [''];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash));
  return folders;
}

/** An editor glob as ignore rules: it counts from the root unless it begins with a double star; braces are spelt out. */
export function globToRules(glob: string): string[] {
  return [...new Set(expandBraces(glob))].map(pattern =>
    pattern.startsWith('**/') || pattern.startsWith('/') ? pattern : `/${pattern}`,
  );
}

function expandBraces(glob: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(glob);
  if (!match) return [glob];
  const [, before = '', choices = '', after = ''] = match;
  return choices.split(',').flatMap(choice => expandBraces(before + choice + after));
}
