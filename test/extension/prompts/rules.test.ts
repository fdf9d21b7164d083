import { describe, expect, test } from 'vitest';
import { collectRules, ruleFileCharsMax, type RuleFile } from '../../../extension/prompts/rules.ts';

const agents: RuleFile = {
  kind: 'folder',
  folder: '',
  path: 'AGENTS.md',
  uri: 'file:///w/AGENTS.md',
  text: 'Be short.',
};
const nested = (folder: string): RuleFile => ({
  kind: 'folder',
  folder,
  path: `${folder}/AGENTS.md`,
  uri: `file:///w/${folder}/AGENTS.md`,
  text: `In ${folder}.`,
});
const patterns = (name: string, applyTo: string, more: Partial<RuleFile> = {}): RuleFile => ({
  kind: 'patterns',
  path: `.github/instructions/${name}.instructions.md`,
  uri: `file:///w/.github/instructions/${name}.instructions.md`,
  text: `---\n${applyTo}\n---\nRule ${name}.`,
  ...more,
});
const usedNames = (files: RuleFile[], ...paths: string[]): string[] =>
  collectRules(files, paths).used.map(({ path }) => path.split('/').at(-1)!.replace('.instructions.md', ''));

describe('collectRules', () => {
  test('gives the rules with their files, those for everything first and the innermost folder last', () => {
    const files = [patterns('ts', 'applyTo: "**/*.ts"'), nested('src/deep'), nested('src'), agents];
    const { text, used } = collectRules(files, ['src/deep/a.ts']);
    expect(used.map(({ path }) => path)).toEqual([
      'AGENTS.md',
      'src/AGENTS.md',
      'src/deep/AGENTS.md',
      '.github/instructions/ts.instructions.md',
    ]);
    expect(text).toContain('Rules from AGENTS.md:\n\nBe short.');
    expect(text?.indexOf('Be short.')).toBeLessThan(text?.indexOf('Rule ts.') ?? -1);
    expect(text).not.toContain('applyTo');
  });

  test('gives nothing when no rule applies or all are empty', () => {
    expect(collectRules([], ['a.ts'])).toEqual({ used: [] });
    expect(collectRules([{ ...agents, text: '  \n' }, nested('src')], ['a.ts'])).toEqual({ used: [] });
  });

  test.each([
    ['"**/*.ts"', ['src/a.ts'], true],
    ['"**/*.ts"', ['a.ts'], true],
    ['"*.ts"', ['src/a.TS'], true],
    ['"src/**"', ['src/x/a.py'], true],
    ['"src/**"', ['packages/one/src/a.py'], true],
    ['"/src/**"', ['packages/one/src/a.py'], false],
    ['"/src/**"', ['src/a.py'], true],
    ['"**/*.{ts,tsx},docs/**"', ['a.tsx'], true],
    ['"**/*.{ts,tsx},docs/**"', ['docs/a.md'], true],
    ['"**/*.{ts,tsx},docs/**"', ['a.js'], false],
    ['["**/*.py", "*.pyi"]', ['a.pyi'], true],
    ['**/*.ts', ['a.ts'], true],
    ['"**/*.ts"', [], false],
    ['"**"', [], true],
    ['"*"', [], true],
    ['"**/.github/**"', ['.github/x.yml'], true],
  ])('applyTo %s with %j: %s', (applyTo, paths, applies) => {
    expect(usedNames([patterns('p', `applyTo: ${applyTo}`)], ...paths)).toEqual(applies ? ['p'] : []);
  });

  test('instructions without patterns are never applied by themselves', () => {
    expect(usedNames([patterns('p', 'description: x')], 'a.ts')).toEqual([]);
  });

  test('rules of one open folder do not apply to files of another', () => {
    const rule = patterns('p', 'applyTo: "/src/**"', { prefix: 'one/' });
    expect(usedNames([rule], 'one/src/a.ts')).toEqual(['p']);
    expect(usedNames([rule], 'two/src/a.ts')).toEqual([]);
  });

  test('tells when a file is cut, and when there is no room for one at all', () => {
    const long = (path: string): RuleFile => ({ ...agents, path, text: 'x'.repeat(ruleFileCharsMax + 1) });
    const { text, used } = collectRules([long('a'), long('b'), { ...agents, path: 'c' }], []);
    expect(used.map(({ path, cut }) => [path, cut])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
    expect(text?.match(/left out/g)).toHaveLength(2);
    expect(text!.length).toBeLessThan(2 * ruleFileCharsMax + 500);
    const fits = collectRules([{ ...agents, text: 'x'.repeat(ruleFileCharsMax) }], []);
    expect(fits.used[0]?.cut).toBe(false);
  });
});
