// Which files of a workspace are worth most to somebody who asks about it, when not all of them fit. Pure.
import { GitPatterns } from '../../shared/files/git_patterns.ts';
import { foldersAbove } from '../../shared/files/ignore_rules.ts';
import { pathWorth } from '../../shared/files/path_worth.ts';
import { importsOf } from './imports.ts';
import type { PackedFile } from './pack.ts';

/** Points that a file gets beside those for its path; what was opened counts most, then what that works with. */
const points = {
  /** The first of what is open; each further one gets less. */
  open: 1_000,
  openStep: 5,
  openLeast: 200,
  /** Imported by an open file, or importing one. */
  besideOpen: 60,
  /** For each doubling of the files that import it. */
  importers: 4,
  importersMost: 24,
  /** The file that was changed last; less the more files were changed after it. */
  changed: 20,
  generated: -1_000,
};

/** The files, those of most worth first. `recentPaths`: files that are open or were lately, the one looked at last first. */
export function byWorth(files: readonly PackedFile[], recentPaths: readonly string[]): PackedFile[] {
  const imports = importsOf(files);
  const importers = new Map<string, number>();
  for (const targets of imports.values())
    for (const path of targets) importers.set(path, (importers.get(path) ?? 0) + 1);
  const open = new Map(
    recentPaths.map((path, place) => [
      path,
      Math.max(points.open - points.openStep * place, points.openLeast),
    ]),
  );
  const beside = new Set<string>();
  for (const [path, targets] of imports)
    for (const target of targets) {
      if (open.has(path)) beside.add(target);
      if (open.has(target)) beside.add(path);
    }
  const changedAfter = rankByChange(files);
  const isGenerated = generatedBy(files);
  const worth = new Map(
    files.map(({ path }) => {
      const used = Math.min(
        points.importersMost,
        points.importers * Math.log2(1 + (importers.get(path) ?? 0)),
      );
      const all =
        pathWorth(path) +
        (open.get(path) ?? 0) +
        (beside.has(path) ? points.besideOpen : 0) +
        used +
        points.changed / (1 + (changedAfter.get(path) ?? Infinity)) +
        (isGenerated(path) ? points.generated : 0);
      return [path, all];
    }),
  );
  const of = ({ path }: PackedFile): number => worth.get(path) as number;
  return files.toSorted((one, other) => of(other) - of(one) || (one.path < other.path ? -1 : 1));
}

/** The place of each file by the time of its change, the last one first; files of one time share it. Without those whose time nobody knows. */
function rankByChange(files: readonly PackedFile[]): ReadonlyMap<string, number> {
  const times = [...new Set(files.map(({ changedAt }) => changedAt))]
    .filter(time => time > 0)
    .sort((a, b) => b - a);
  const rank = new Map(times.map((time, place) => [time, place]));
  return new Map(
    files.flatMap(({ path, changedAt }) => {
      const place = rank.get(changedAt);
      return place === undefined ? [] : [[path, place] as const];
    }),
  );
}

/** What .gitattributes files call generated, vendored or not to be shown (attributes of the linguist library, as GitHub reads them). */
function generatedBy(files: readonly PackedFile[]): (path: string) => boolean {
  const rules = files
    .filter(({ path }) => path === '.gitattributes' || path.endsWith('/.gitattributes'))
    .map(({ path, text }) => ({
      folder: path.slice(0, -'.gitattributes'.length),
      patterns: new GitPatterns(generatedPatterns(text), { caseSensitive: true }),
    }))
    .sort((one, other) => one.folder.length - other.folder.length);
  if (rules.length === 0) return () => false;
  return path => {
    let generated = false;
    for (const { folder, patterns } of rules) {
      if (!path.startsWith(folder)) continue;
      const below = path.slice(folder.length);
      // A pattern that names a folder stands for what lies in it.
      for (const part of [...foldersAbove(below).slice(1), below]) {
        const verdict = patterns.test(part, part === below ? 'file' : 'directory');
        if (verdict !== undefined) generated = verdict === 'ignored';
      }
    }
    return generated;
  };
}

/** Lines of .gitattributes that set or unset one of the attributes, as patterns of an ignore file. */
function generatedPatterns(text: string): string {
  return text
    .split('\n')
    .flatMap(line => {
      const [pattern = '', ...attributes] = line.trim().split(/\s+/);
      if (pattern === '' || pattern.startsWith('#') || pattern.startsWith('[')) return [];
      const said = attributes.findLast(one => /^-?linguist-(generated|vendored)(=|$)/.test(one));
      if (said === undefined) return [];
      const isUnset = said.startsWith('-') || said.endsWith('=false');
      return [isUnset ? `!${pattern}` : pattern];
    })
    .join('\n');
}
