// Ignore rules against git itself: what `git ls-files -o --exclude-standard` lists is what a walk reads, over random trees.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { GitPatterns } from '../../../../engine/shared/files/git_patterns.ts';
import { readWorkspace } from '../../../../engine/cli/read_workspace.ts';
import { inFullRun } from '../../../support/full.ts';

const home = mkdtempSync(join(tmpdir(), 'hearth-git-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
/** Runs git with no configuration but that of `home`. */
function git(folder: string, args: string[], input?: string): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    GIT_CONFIG_NOSYSTEM: '1',
  };
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', input, maxBuffer: 1 << 26 });
}

const names = [
  'a',
  'b',
  'vendor',
  'A',
  'x.txt',
  'y.log',
  'é.txt',
  '[z]',
  'a b',
  'foo',
  'foo.txt',
  '#c',
  '!d',
  'lib',
];
const pieces = [
  ...names,
  ...[
    '*',
    '**',
    '?',
    '*.txt',
    '*.log',
    '?.txt',
    '??.txt',
    '[ax]*',
    '[!a]',
    '[^a-c]',
    '[]z]',
    '\\[z\\]',
    'f*o',
    '**o',
    '***',
  ],
  ...[
    '[[:alpha:]]',
    '[[:upper:]]',
    'a\\ b',
    '\\#c',
    '\\!d',
    '[a-',
    '\\',
    'foo ',
    '[a-z]*.t?t',
    '[[:digit:][:punct:]]*',
  ],
];
const pattern = fc
  .record({
    not: fc.boolean(),
    lead: fc.constantFrom('', '', '', '/', '**/'),
    parts: fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 3 }),
    tail: fc.constantFrom('', '', '/', '/**', '/*', '  ', '\r'),
  })
  .map(({ not, lead, parts, tail }) => `${not ? '!' : ''}${lead}${parts.join('/')}${tail}`);
const rules = fc.array(
  fc.oneof({ weight: 12, arbitrary: pattern }, fc.constantFrom('', '# note', '/', '!')),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })
  .map(parts => parts.join('/'));

const runs = { numRuns: inFullRun(150, 25) };

describe('what git would ignore', () => {
  test('one rule file and many paths: as check-ignore', () => {
    const folder = mkdtempSync(join(home, 'check-'));
    git(folder, ['init', '-q']);
    fc.assert(
      fc.property(rules, fc.array(path, { minLength: 20, maxLength: 60 }), (lines, paths) => {
        writeFileSync(join(folder, '.gitignore'), lines.join('\n'));
        const patterns = new GitPatterns(lines.join('\n'), { caseSensitive: true });
        // A path whose folders exist nowhere is a file to check-ignore; only those without a folder above are compared.
        const flat = [...new Set(paths)].filter(one => !one.includes('/'));
        const ours = flat.filter(one => patterns.test(one, 'file') === 'ignored');
        expect(ours.sort()).toEqual(ignoredByGit(folder, flat).sort());
      }),
      runs,
    );
  });

  test('whole trees with nested rule files, an exclude file and a global one: as ls-files', async () => {
    const tree = fc.record({
      files: fc.uniqueArray(path, { minLength: 8, maxLength: 40 }),
      root: rules,
      nested: fc.array(fc.tuple(path, rules), { maxLength: 3 }),
      exclude: fc.option(rules, { nil: [] }),
      global: fc.option(rules, { nil: [] }),
    });
    await fc.assert(
      fc.asyncProperty(tree, async ({ files, root, nested, exclude, global }) => {
        const folder = mkdtempSync(join(home, 'tree-'));
        git(folder, ['init', '-q']);
        for (const file of files) put(folder, file, 'text');
        for (const [where, lines] of nested) put(folder, `${where}/.gitignore`, lines.join('\n'));
        put(folder, '.gitignore', root.join('\n'));
        put(folder, '.git/info/exclude', exclude.join('\n'));
        put(home, 'config/git/ignore', global.join('\n'));
        for (const opened of ['', ...foldersOf(folder)]) {
          // A folder that is ignored itself was opened on purpose, and is read.
          if (opened !== '' && ignoredByGit(folder, [`${opened}/`]).length > 0) continue;
          const cwd = join(folder, opened);
          const listed = git(cwd, ['ls-files', '-o', '-z', '--exclude-standard']).split('\0').filter(Boolean);
          const read = await readWorkspace(cwd, { globalExcludes: join(home, 'config/git/ignore') });
          const ours = [...read.files, ...read.skipped].map(file => file.path);
          expect(ours.sort(), opened).toEqual(listed.sort());
        }
        rmSync(folder, { recursive: true });
      }),
      runs,
    );
  });
});

/** Two folders of a tree, one in the other where there is one. */
function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isDirectory() && !`${entry.parentPath}/${entry.name}`.includes('/.git'))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort((a, b) => b.split('/').length - a.split('/').length)
    .slice(0, 2);
}

function ignoredByGit(folder: string, paths: readonly string[]): string[] {
  try {
    return git(folder, ['check-ignore', '--no-index', '-z', '--stdin'], paths.join('\0'))
      .split('\0')
      .filter(Boolean);
  } catch (error) {
    // Exit status 1: none of them.
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}

/** Writes a file unless a file stands where a folder should be, or the other way round. */
function put(folder: string, file: string, text: string): void {
  try {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR', 'EISDIR'].includes((error as { code?: string }).code ?? '')) throw error;
  }
}
