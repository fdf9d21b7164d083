import { describe, expect, test } from 'vitest';
import { foldersAbove, globToRules, IgnoreRules } from '../../../../engine/shared/files/ignore_rules.ts';

describe('ignore rules', () => {
  test('spell out the globs of the editor', () => {
    expect(globToRules('**/node_modules')).toEqual(['**/node_modules']);
    expect(globToRules('build')).toEqual(['/build']);
    expect(globToRules('**/*.{a,b{c,d}}')).toEqual(['**/*.a', '**/*.bc', '**/*.bd']);
  });

  test('know the folders above a path', () => {
    expect(foldersAbove('a/b/c.ts')).toEqual(['', 'a', 'a/b']);
    expect(foldersAbove('c.ts')).toEqual(['']);
  });

  test('ask for the letter case only where the file system does', () => {
    const ignores = (caseSensitive: boolean): boolean => {
      const rules = new IgnoreRules({ editorExcludes: [], userExcludes: ['Build'], caseSensitive });
      return rules.ignores('build', 'directory');
    };
    expect([ignores(true), ignores(false)]).toEqual([false, true]);
  });

  test('can be replaced folder by folder', () => {
    const rules = new IgnoreRules({ editorExcludes: [], userExcludes: [], caseSensitive: true });
    rules.addFolder('a', ['*.log']);
    expect(rules.ignores('a/x.log', 'file')).toBe(true);
    expect(rules.ignores('x.log', 'file')).toBe(false);
    rules.addFolder('a', []);
    expect(rules.ignores('a/x.log', 'file')).toBe(false);
  });

  test('see an ignored folder anywhere above a path', () => {
    const rules = new IgnoreRules({ editorExcludes: ['**/dist'], userExcludes: [], caseSensitive: true });
    expect(rules.ignoresDeeply('a/dist/b/c.js')).toBe(true);
    expect(rules.ignoresDeeply('a/b/c.js')).toBe(false);
  });

  test('take a change of a rule file for one wherever its folder is read', () => {
    const rules = new IgnoreRules({ editorExcludes: ['**/dist'], userExcludes: ['.*'], caseSensitive: true });
    const paths = ['.gitignore', 'a/.hearthignore', '.env', 'dist/.gitignore', 'dist/a.js', 'a.ts'];
    expect(paths.map(path => rules.ignoresChange(path))).toEqual([false, false, true, true, true, false]);
  });

  test('only a folder matches a pattern that ends in a slash', () => {
    const rules = new IgnoreRules({ editorExcludes: [], userExcludes: ['tmp/'], caseSensitive: true });
    expect([rules.ignores('tmp', 'directory'), rules.ignores('tmp', 'file')]).toEqual([true, false]);
  });
});
