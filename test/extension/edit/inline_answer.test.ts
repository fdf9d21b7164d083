// An edit in place: what is asked, the code in the answer while it grows, and what stands in the document meanwhile.
import { describe, expect, test } from 'vitest';
import { codeInAnswer } from '../../../extension/edit/answer_code.ts';
import { editPrompt } from '../../../extension/edit/edit_prompt.ts';
import { mergeSoFar } from '../../../extension/edit/stream_merge.ts';

describe('the question', () => {
  const lines = ['import a;', '', 'function b() {', '  return 1;', '}', '', 'c();', ''];

  test('names the file, and shows the selection with the code around it', () => {
    const text = editPrompt({
      path: 'src/b.ts',
      language: 'typescript',
      lines,
      start: 2,
      end: 5,
      instruction: ' return 2 ',
    });
    expect(text).toContain('src/b.ts');
    expect(text).toContain('before it:\n```typescript\nimport a;\n\n```');
    expect(text).toContain('to be changed:\n```typescript\nfunction b() {\n  return 1;\n}\n```');
    expect(text).toContain('after it:\n```typescript\n\nc();\n\n```');
    expect(text).toContain('What is to be done: return 2\n');
  });

  test('asks for new code where nothing is selected, and says nothing of what is not there', () => {
    const text = editPrompt({ path: 'a', language: '', lines: [''], start: 0, end: 1, instruction: 'x' });
    expect(text).toContain('new code is to be written there');
    expect(text).not.toContain('before it:');
    expect(text).not.toContain('after it:');
  });

  test('has a fence that the code cannot close', () => {
    const text = editPrompt({
      path: 'a.md',
      language: 'markdown',
      lines: ['````js', 'x', '````'],
      start: 0,
      end: 3,
      instruction: 'x',
    });
    expect(text).toContain('`````markdown\n````js');
    expect(text).toContain('ends with `````.');
  });

  test('shows only so much of a long file, nearest first', () => {
    const long = Array.from({ length: 5_000 }, (_, index) => `line ${index};`);
    const text = editPrompt({
      path: 'a',
      language: '',
      lines: long,
      start: 2_500,
      end: 2_501,
      instruction: 'x',
    });
    expect(text.length).toBeLessThan(14_000);
    expect(text).toContain('line 2499;');
    expect(text).toContain('line 2502;');
    expect(text).not.toContain('line 1;');
  });
});

describe('the answer', () => {
  const whole = 'Here it is:\n```ts\na();\n\nb();\n```\nDone.';

  test('is what stands in its block', () => {
    expect(codeInAnswer(whole, { finished: true })).toEqual(['a();', '', 'b();']);
    expect(codeInAnswer(whole.replaceAll('\n', '\r\n'), { finished: true })).toEqual(['a();', '', 'b();']);
    expect(codeInAnswer('~~~\na\n~~~', { finished: true })).toEqual(['a']);
  });

  test('shows whole lines only while it grows, and never fewer than before', () => {
    let shown = 0;
    for (let length = 0; length <= whole.length; length++) {
      const lines = codeInAnswer(whole.slice(0, length), { finished: false }) ?? [];
      expect(['a();', '', 'b();'].slice(0, lines.length)).toEqual(lines);
      expect(lines.length).toBeGreaterThanOrEqual(shown);
      shown = lines.length;
    }
    expect(shown).toBe(3);
  });

  test('may hold blocks of its own', () => {
    expect(codeInAnswer('```md\nSo:\n```js\nx\n```\nend\n```', { finished: true })).toEqual([
      'So:',
      '```js',
      'x',
      '```',
      'end',
    ]);
    expect(codeInAnswer('````md\n```\nx\n```\n````', { finished: true })).toEqual(['```', 'x', '```']);
  });

  test('is taken as it is when it has no fence, and is cut off where it ends without one', () => {
    expect(codeInAnswer('a();\nb();\n', { finished: false })).toBeUndefined();
    expect(codeInAnswer('a();\nb();\n\n', { finished: true })).toEqual(['a();', 'b();']);
    expect(codeInAnswer('```\na();\nb(', { finished: true })).toEqual(['a();', 'b(']);
    expect(codeInAnswer(' \n', { finished: true })).toBeUndefined();
  });
});

describe('the document meanwhile', () => {
  const old = ['function a() {', '  one();', '  two();', '  three();', '}'];

  test.each([
    ['nothing yet', [], old],
    ['the same so far', ['function a() {', '  one();'], old],
    ['a changed line', ['function a(b) {'], ['function a(b) {', ...old.slice(1)]],
    [
      'a new line',
      ['function a() {', '  new();', '  one();'],
      ['function a() {', '  new();', '  one();', ...old.slice(2)],
    ],
    ['a line left out', ['function a() {', '  two();'], ['function a() {', '  two();', ...old.slice(3)]],
    [
      'other indentation',
      ['    function a() {', '      one();'],
      ['    function a() {', '      one();', ...old.slice(2)],
    ],
  ])('%s', (_name, soFar, expected) => {
    expect(mergeSoFar(old, soFar)).toEqual(expected);
  });

  test('is the whole answer in the end, when the rest is what is there', () => {
    expect(mergeSoFar(old, old)).toEqual(old);
    expect(mergeSoFar([], ['x'])).toEqual(['x']);
  });
});
