// Ignore rules that lie outside an opened folder and count in it: .gitignore files above it up to the repository's own folder,
// info/exclude of the repository, and the file that the user keeps for all repositories. Works on whatever reads files.
import { ruleFileNames, type OuterRules } from './ignore_rules.ts';

/** How files around a folder are read. */
export interface AroundFolder {
  /** Text of a file by its path from the folder ("../.gitignore") or its absolute path; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** Names of the folders on the way to the opened one, it included, outermost first. */
  names: readonly string[];
  /** The user's ignore file for all repositories (globalExcludesFile()); asked for inside a repository only. Absent: not known. */
  globalExcludes?(): Promise<string>;
}

/** The rules around a folder, weakest first; none when it lies in no repository. The folder's own files are not among them. */
export async function repositoryRules({ read, names, globalExcludes }: AroundFolder): Promise<OuterRules[]> {
  for (let up = 0; up <= names.length; up++) {
    const above = '../'.repeat(up);
    const home = await repositoryFolder(read, above);
    if (home === undefined) continue;
    const rootPath = (levels: number): string => names.slice(names.length - levels).join('/');
    const rules: OuterRules[] = [];
    const add = (text: string | undefined, levels: number): void => {
      if (text !== undefined) rules.push({ rootPath: rootPath(levels), text });
    };
    if (globalExcludes) add(await read(await globalExcludes()), up);
    add(await read(`${home}/info/exclude`), up);
    for (let level = up; level > 0; level--)
      for (const name of ruleFileNames) add(await read(`${'../'.repeat(level)}${name}`), level);
    return rules;
  }
  return [];
}

/** Where the repository whose files lie in `above` keeps what all its worktrees share; undefined: there is none. */
async function repositoryFolder(read: AroundFolder['read'], above: string): Promise<string | undefined> {
  if ((await read(`${above}.git/HEAD`)) !== undefined) return `${above}.git`;
  // A worktree, or a submodule: a file that says where it is.
  const pointer = /^gitdir: (.+)$/m.exec((await read(`${above}.git`)) ?? '')?.[1]?.trim();
  if (pointer === undefined) return undefined;
  const own = isAbsolute(pointer) ? pointer : `${above}${pointer}`;
  const shared = (await read(`${own}/commondir`))?.trim();
  if (shared === undefined) return own;
  return isAbsolute(shared) ? shared : `${own}/${shared}`;
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}
