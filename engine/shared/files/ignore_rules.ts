// Which paths of a root folder are left alone: what git would ignore (.gitignore of every folder on the way, those above the root,
// the repository's info/exclude and the user's own file), .hearthignore, the editor's own excludes, and the user's. Pure; rule files
// are handed in as text.
import { GitPatterns, type Verdict } from './git_patterns.ts';

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

/** A rule file outside the root that counts inside it too. */
export interface OuterRules {
  /** The root's path from the folder of the file: "packages/a", or '' where that is the root itself. */
  rootPath: string;
  text: string;
}

export class IgnoreRules {
  readonly #fixed: GitPatterns;
  /** Weakest first; all of them are weaker than the rules of folders inside. */
  #outer: readonly { rootPath: string; patterns: GitPatterns }[] = [];
  /** Rules by folder ('' = the root). */
  readonly #byFolder = new Map<string, GitPatterns>();

  constructor(private readonly options: IgnoreOptions) {
    this.#fixed = this.#patterns([
      ...alwaysIgnored,
      ...options.editorExcludes.flatMap(globToRules),
      ...options.userExcludes,
    ]);
  }

  /**
   * Takes the rules around the root, weakest first (see repositoryRules()). Where they ignore the root itself none of them counts: it
   * was opened on purpose.
   */
  setOuter(rules: readonly OuterRules[]): void {
    const outer = rules.map(({ rootPath, text }) => ({ rootPath, patterns: this.#patterns([text]) }));
    this.#outer = ignoreTheirRoot(outer) ? [] : outer;
  }

  /** Adds the rule files of one folder, in the order of `ruleFileNames`. */
  addFolder(folder: string, ruleTexts: readonly string[]): void {
    if (ruleTexts.length === 0) this.#byFolder.delete(folder);
    else this.#byFolder.set(folder, this.#patterns(ruleTexts));
  }

  /** True when the path itself is ignored; its parent folders are taken to be known as not ignored. */
  ignores(path: string, kind: 'file' | 'directory'): boolean {
    if (this.#fixed.test(path, kind) === 'ignored') return true;
    // From the root inwards: a deeper rule file may take back what an outer one said.
    let verdict: Verdict;
    for (const { rootPath, patterns } of this.#outer)
      verdict = patterns.test(rootPath === '' ? path : `${rootPath}/${path}`, kind) ?? verdict;
    for (const folder of foldersAbove(path))
      verdict =
        this.#byFolder.get(folder)?.test(path.slice(folder === '' ? 0 : folder.length + 1), kind) ?? verdict;
    return verdict === 'ignored';
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

  #patterns(texts: readonly string[]): GitPatterns {
    return new GitPatterns(texts.map(text => text.replace(/^\uFEFF/, '')).join('\n'), this.options);
  }
}

/** True when the root, or a folder on the way to it, is ignored. */
function ignoreTheirRoot(outer: readonly { rootPath: string; patterns: GitPatterns }[]): boolean {
  const rules = outer.map(({ rootPath, patterns }) => ({
    names: rootPath.split('/').filter(Boolean),
    patterns,
  }));
  const depth = Math.max(0, ...rules.map(({ names }) => names.length));
  for (let up = depth - 1; up >= 0; up--) {
    let verdict: Verdict;
    for (const { names, patterns } of rules)
      if (names.length > up)
        verdict = patterns.test(names.slice(0, names.length - up).join('/'), 'directory') ?? verdict;
    if (verdict === 'ignored') return true;
  }
  return false;
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
