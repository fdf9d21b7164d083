import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { fillPrompt } from '../../../engine/prompt/fill.ts';
import { createTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { beginningOf, RecentFiles } from '../../../extension/completion/neighbours.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

function setUp(): RecentFiles {
  const recent = new RecentFiles();
  const visit = (name: string, languageId = 'typescript', text = `// ${name}\n`): void =>
    recent.visit({ documentId: name, path: name, languageId, beginning: chars => text.slice(0, chars) });
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
  test('are the last visited of the language, newest first, without the file itself and empty ones', () => {
    expect(paths(setUp(), 10)).toEqual(['long.ts', 'b.ts', 'a.ts']);
  });

  test('that hold a secret are none', () => {
    const recent = setUp();
    const beginning = (): string => `const token = "npm_${'aB3d'.repeat(9)}";\n`;
    recent.visit({ documentId: 'k.ts', path: 'k.ts', languageId: 'typescript', beginning });
    expect(paths(recent, 10)).toEqual(['long.ts', 'b.ts', 'a.ts']);
  });

  test('tell their beginning, without a line more than that takes', () => {
    const lines = ['one', 'x'.repeat(1_000_000), 'three'];
    const read: number[] = [];
    const lineAt = (line: number) => {
      read.push(line);
      return { text: lines[line] ?? '' };
    };
    const document = { lineCount: 3, lineAt };
    expect(beginningOf(document, 10)).toBe('one\nxxxxxx');
    expect(read).toEqual([0, 1]);
    expect(beginningOf({ lineCount: 1, lineAt }, 10)).toBe('one');
  });

  test('are at most as many as wanted', () => {
    expect(paths(setUp(), 2)).toEqual(['long.ts']);
    expect(paths(setUp(), 0)).toEqual([]);
  });

  test('give only whole lines of their beginning', () => {
    const content = setUp().neighboursOf(here, 10)[0]?.content ?? '';
    expect(content.length).toBeLessThanOrEqual(1000);
    expect(content.endsWith(';\n')).toBe(true);
  });

  test('forget closed files', () => {
    const recent = setUp();
    recent.forget('b.ts');
    expect(paths(recent, 10)).toEqual(['long.ts', 'a.ts']);
  });

  test('reach the prompt so that the one visited last stays longest and stands next to the file', async () => {
    const checkpoint = await openCheckpoint(embeddedModelPath);
    try {
      const tokenizer = createTokenizer('model', (await checkpoint.tokenizer())!);
      const neighbours = setUp()
        .neighboursOf(here, 10)
        .filter(({ path }) => path !== 'long.ts');
      const input = { path: 'd.ts', linesBefore: '', lineLeft: '', suffix: '', neighbours };
      const others = (budgetTokens: number): string[] => {
        const { ids } = fillPrompt('model', tokenizer, input, budgetTokens);
        const text = Buffer.concat(ids.map(id => tokenizer.decodeBytes(id))).toString();
        return [...text.matchAll(/<\|file_sep\|>(.*)/g)].map(([, path]) => path!).slice(0, -1);
      };
      const kept = Array.from({ length: 80 }, (_, budget) => others(budget + 20).join(' '));
      expect([...new Set(kept)]).toEqual(['', 'b.ts', 'a.ts b.ts']);
    } finally {
      await checkpoint.close();
    }
  });
});
