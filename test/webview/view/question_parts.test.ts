// A question in parts: only marks that can mean nothing else are understood, and no character is lost.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstParts,
  inlineParts,
  type QuestionPart,
  questionParts,
} from '../../../webview/view/question_parts.ts';

const text = (content: string): QuestionPart => ({ kind: 'text', text: content });

describe('a question', () => {
  test('has its code as blocks, whatever is in it', () => {
    expect(
      questionParts('Why?\n\n```md\n```ts\nlet a;\n```\n  b\n```\nand ``` this\n```\nnot closed'),
    ).toEqual([
      text('Why?\n'),
      { kind: 'code', info: 'md', code: '```ts\nlet a;\n```\n  b' },
      text('and ``` this\n```\nnot closed'),
    ]);
  });

  test('has its lists as lists, with their marks, and lines that belong to their items', () => {
    expect(questionParts('Do:\n- one\n  more\n- two\nend\n1. a\n 2) b')).toEqual([
      text('Do:'),
      {
        kind: 'list',
        ordered: false,
        items: [
          { text: '- one\n  more', columns: 2 },
          { text: '- two', columns: 2 },
        ],
      },
      text('end'),
      {
        kind: 'list',
        ordered: true,
        items: [
          { text: '1. a', columns: 3 },
          { text: ' 2) b', columns: 4 },
        ],
      },
    ]);
  });

  test.each([
    'a *b* __init__ **c** ~~d~~ # e',
    '# heading\n> quote\n| a | b |\n|---|---|\n---',
    '    indented\n\ttab  two spaces  ',
    '<b onclick="x()">\\* &amp; [a]: http://x [link](command:x)',
    '-no list\n--\n1.no',
    '$x$ \\(y\\)',
  ])('keeps everything else as it is: %j', content => {
    expect(questionParts(content)).toEqual([text(content)]);
  });

  test('loses no character', () => {
    const pieces = [
      'a',
      ' ',
      '\n',
      '- x',
      '1. y',
      '  ',
      '```',
      '```ts',
      '~~~',
      '`c`',
      '\t',
      '\r\n',
      '* ',
      '<b>',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), parts => {
        const content = parts.join('');
        const shown = questionParts(content)
          .map(part => {
            if (part.kind === 'list') return part.items.map(item => item.text).join('\n');
            return part.kind === 'code' ? `${part.info}${part.code}` : part.text;
          })
          .join('\n');
        const letters = (of: string): string => of.replace(/[`~\s]/g, '');
        expect(letters(shown)).toBe(letters(content));
      }),
      { numRuns: 1000 },
    );
  });

  test('that is long comes in parts of bounded size', () => {
    for (const content of ['x'.repeat(100_000), 'line of words\n'.repeat(5000), '- item\n'.repeat(3000)]) {
      const parts = questionParts(content);
      for (const part of parts) {
        expect(part.kind === 'text' ? part.text.length : 0).toBeLessThanOrEqual(8000);
        expect(part.kind === 'list' ? part.items.length : 0).toBeLessThanOrEqual(100);
      }
    }
  });

  test('is cut to its first lines and characters', () => {
    const parts = questionParts('a\nb\n```js\n1\n2\n3\n```\nend');
    expect(firstParts(parts, { linesMax: 3, charsMax: 100 })).toEqual([
      text('a\nb'),
      { kind: 'code', info: 'js', code: '1' },
    ]);
    expect(firstParts(parts, { linesMax: 100, charsMax: 100 })).toEqual(parts);
    expect(firstParts(questionParts('x'.repeat(500)), { linesMax: 9, charsMax: 100 })).toEqual([
      text('x'.repeat(100)),
    ]);
    expect(firstParts(questionParts('- a\n- b\n- c'), { linesMax: 2, charsMax: 100 })).toMatchObject([
      { items: [{ text: '- a' }, { text: '- b' }] },
    ]);
  });
});

test('code and web addresses within a line are found, and nothing else', () => {
  expect(inlineParts('see `a b`, ``c`d``: https://x.y/z. `open command:x')).toEqual([
    { kind: 'text', text: 'see ' },
    { kind: 'code', text: 'a b' },
    { kind: 'text', text: ', ``c`d``: ' },
    { kind: 'link', text: 'https://x.y/z' },
    { kind: 'text', text: '. `open command:x' },
  ]);
  expect(inlineParts('')).toEqual([]);
  expect(inlineParts('`'.repeat(100_000))).toHaveLength(1);
});

test('what only begins as an address is text', () => {
  for (const text of [
    'see https://bank.example](https://evil.example/x',
    'https://a.example\u202e/b',
    'https://',
  ])
    expect(inlineParts(text)).toEqual([{ kind: 'text', text }]);
});
