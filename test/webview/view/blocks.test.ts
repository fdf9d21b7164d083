// Markdown cut into blocks: where they begin, what kind they are, and that growing text never changes a finished one.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutBlocks, hasLinkDefinitions, unixLines } from '../../../webview/view/blocks.ts';

const markup = (text: string): string =>
  cutBlocks(text)
    .blocks.map(block => (block.kind === 'markup' ? block.html : `[${block.language}]${block.code}`))
    .join('');

describe('cutBlocks', () => {
  test('gives code its language and its text, also while the fence is open', () => {
    expect(cutBlocks('```TS title="a"\nlet a;\n').blocks).toEqual([
      { kind: 'code', language: 'ts', info: 'TS title="a"', code: 'let a;\n' },
    ]);
    expect(cutBlocks('```\n```').blocks).toEqual([{ kind: 'code', language: '', info: '', code: '' }]);
    expect(cutBlocks('    indented\n').blocks).toEqual([{ kind: 'code', language: '', info: '', code: 'indented\n' }]);
  });

  test('tells where the last block starts', () => {
    const text = 'one\n\n- two\n- three\n\n```\nfour\n';
    expect(text.slice(cutBlocks(text).lastStart)).toBe('```\nfour\n');
    expect(cutBlocks('').lastStart).toBe(0);
    expect(cutBlocks('\n\n\n').blocks).toEqual([]);
  });

  test('moves headings below those of the page', () => {
    expect(markup('# a\n\n##### b')).toBe('<h3>a</h3>\n<h6>b</h6>\n');
  });

  test('makes links of whole web addresses only', () => {
    expect(markup('https://example.com')).toContain('href="https://example.com"');
    for (const text of [
      'example.com',
      'lib.rs',
      'a@example.com',
      'ftp://example.com',
      '//example.com',
      'mailto:a@b.c',
    ]) {
      expect(markup(text)).not.toContain('<a');
    }
  });

  test('shows a picture as a link with its words escaped', () => {
    expect(markup('![a<b](https://x.y/"z)')).toBe('<p><a href="https://x.y/%22z">a&lt;b</a></p>\n');
  });

  test('leaves markup of the model as text', () => {
    expect(markup('<b onclick="x()">')).toBe('<p>&lt;b onclick=&quot;x()&quot;&gt;</p>\n');
  });

  test('cutting again from the last block gives the same blocks as cutting everything', () => {
    const pieces = [
      'a',
      ' b',
      '\n',
      '\n\n',
      '# h\n',
      '- x',
      '  - y\n',
      '1. z\n',
      '```',
      '```ts\n',
      '> q\n',
      '| a | b |\n',
      '|-|-|\n',
      '---\n',
      '***',
      '`',
      '    i\n',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), parts => {
        const text = parts.join('');
        const whole = cutBlocks(text);
        const tail = cutBlocks(text.slice(whole.lastStart));
        expect(tail.blocks).toEqual(whole.blocks.slice(-1));
      }),
      { numRuns: 500 },
    );
  });

  test('blocks before the last one never change when text is added', () => {
    const pieces = [
      'a',
      ' b',
      '\n',
      '\n\n',
      '# h\n',
      '- x',
      '  - y\n',
      '```\n',
      '> q\n',
      '| a | b |\n',
      '|-|-|\n',
      '===\n',
      '    i\n',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 30 }),
        fc.constantFrom(...pieces),
        (parts, more) => {
          const before = cutBlocks(parts.join('')).blocks.slice(0, -1);
          expect(cutBlocks(parts.join('') + more).blocks.slice(0, before.length)).toEqual(before);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('link definitions are noticed', () => {
  expect(hasLinkDefinitions('text\n[a]: https://x.y')).toBe(true);
  expect(hasLinkDefinitions('text [a]: x\narray[0]: 1')).toBe(false);
});

test('all line ends become one kind', () => {
  expect(unixLines('a\r\nb\rc\n')).toBe('a\nb\nc\n');
});
