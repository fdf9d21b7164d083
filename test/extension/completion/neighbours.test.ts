import { describe, expect, test } from 'vitest';
import { RecentFiles } from '../../../extension/completion/neighbours.ts';

function setUp(): RecentFiles {
  const recent = new RecentFiles();
  const visit = (name: string, languageId = 'typescript', text = `// ${name}\n`): void =>
    recent.visit({ documentId: name, path: name, languageId, excerpt: charsMax => text.slice(0, charsMax) });
  visit('a.ts');
  visit('b.ts');
  visit('c.py', 'python');
  visit('long.ts', 'typescript', 'const x = 1;\n'.repeat(1000));
  visit('empty.ts', 'typescript', ' \n');
  visit('d.ts');
  return recent;
}
const here = { documentId: 'd.ts', languageId: 'typescript' };
const paths = (recent: RecentFiles, count: number): string[] =>
  recent.neighboursOf(here, count).map(file => file.path);

describe('neighbour files', () => {
  test('are the last visited of the language, newest last, without the file itself and empty ones', () => {
    expect(paths(setUp(), 10)).toEqual(['a.ts', 'b.ts', 'long.ts']);
  });

  test('are at most as many as wanted', () => {
    expect(paths(setUp(), 2)).toEqual(['long.ts']);
    expect(paths(setUp(), 0)).toEqual([]);
  });

  test('give only whole lines of their beginning', () => {
    const content = setUp().neighboursOf(here, 10).at(-1)?.content ?? '';
    expect(content.length).toBeLessThanOrEqual(1000);
    expect(content.endsWith(';\n')).toBe(true);
  });

  test('forget closed files', () => {
    const recent = setUp();
    recent.forget('b.ts');
    expect(paths(recent, 10)).toEqual(['a.ts', 'long.ts']);
  });
});
