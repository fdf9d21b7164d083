// Code fitted to the place where it is inserted.
import { describe, expect, test } from 'vitest';
import { reindent } from '../../../extension/edit/reindent.ts';
import { linesOf } from '../../../extension/edit/lines.ts';

const two = { insertSpaces: true, tabSize: 2 };
const four = { insertSpaces: true, tabSize: 4 };
const tabs = { insertSpaces: false, tabSize: 4 };

/** The text with the code in place of "|", or of what stands between two of them. */
function inserted(text: string, code: string, { style = two, eol = '\n' } = {}): string {
  const [first = '', inside, last] = text.split('|');
  const selected = last === undefined ? '' : (inside ?? '');
  const rest = last ?? inside ?? '';
  const place = (before: string): { line: number; character: number } => {
    const lines = linesOf(before);
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  };
  const whole = first + selected + rest;
  return (
    first +
    reindent(code, { lines: linesOf(whole), start: place(first), end: place(first + selected), style, eol }) +
    rest
  );
}

describe('indentation', () => {
  test('of the line where the cursor is goes before every line but the first', () => {
    expect(inserted('{\n  |\n}', 'if (a) {\n  b();\n}')).toBe('{\n  if (a) {\n    b();\n  }\n}');
  });

  test('of the code itself does not matter', () => {
    expect(inserted('{\n  |\n}', '        a();\n          b();')).toBe('{\n  a();\n    b();\n}');
  });

  test.each([
    [
      'four spaces to two',
      four,
      two,
      '{\n  |\n}',
      'a {\n    b {\n        c\n    }\n}',
      '{\n  a {\n    b {\n      c\n    }\n  }\n}',
    ],
    [
      'two spaces to tabs',
      two,
      tabs,
      '{\n\t|\n}',
      'a {\n  b {\n    c\n  }\n}',
      '{\n\ta {\n\t\tb {\n\t\t\tc\n\t\t}\n\t}\n}',
    ],
    [
      'tabs to spaces',
      tabs,
      four,
      '{\n    |\n}',
      'a {\n\tb {\n\t\tc\n\t}\n}',
      '{\n    a {\n        b {\n            c\n        }\n    }\n}',
    ],
  ])('turns %s', (_name, _from, to, text, code, expected) => {
    expect(inserted(text, code, { style: to })).toBe(expected);
  });

  test('keeps what is no whole step: stars of comments and continued lines', () => {
    const code = '/**\n * One.\n */\nfoo(a,\n    b) {\n    c\n}';
    expect(inserted('\t|', code, { style: tabs })).toBe(
      '\t/**\n\t * One.\n\t */\n\tfoo(a,\n\t\tb) {\n\t\tc\n\t}',
    );
  });

  test('does not fill empty lines', () => {
    expect(inserted('  |', 'a\n   \n\nb')).toBe('  a\n\n\n  b');
  });
});

describe('the first line', () => {
  test('goes on where code stands before the cursor', () => {
    expect(inserted('  const x = |;', '  foo({\n    a,\n  })')).toBe('  const x = foo({\n    a,\n  });');
  });

  test('gets only the part of the indentation that is missing', () => {
    expect(inserted('{\n  a();\n |', 'b();\nc();')).toBe('{\n  a();\n b();\n c();');
    expect(inserted('|    old();|\n', 'new();\nmore();', { style: four })).toBe('    new();\n    more();\n');
    expect(inserted('\t|\told();|\n', 'new();', { style: tabs })).toBe('\t\tnew();\n');
  });

  test('of an empty line is indented as the lines around it are', () => {
    expect(inserted('function a() {\n|\n}', 'b();')).toBe('function a() {\n  b();\n}');
    expect(inserted('function a() {\n  b();\n|\n}', 'c();')).toBe('function a() {\n  b();\n  c();\n}');
    expect(inserted('def a():\n    b()\n|\n\ndef c():\n    d()', 'def e():\n    f()', { style: four })).toBe(
      'def a():\n    b()\ndef e():\n    f()\n\ndef c():\n    d()',
    );
    expect(inserted('a\n  b\n|', 'c')).toBe('a\n  b\nc');
  });
});

describe('what stands around', () => {
  test('code right of the cursor moves to a line of its own', () => {
    expect(inserted('  |old();', 'new();\nmore();')).toBe('  new();\n  more();\n  old();');
    expect(inserted('|  old();', 'new();')).toBe('  new();\n  old();');
  });

  test('a selection of whole lines stays one', () => {
    expect(inserted('a\n|  b\n  c\n|d', 'x\ny')).toBe('a\n  x\n  y\nd');
  });

  test('line ends are those of the document, whatever the code has', () => {
    expect(inserted('{\r\n  |\r\n}', 'a\r\nb\nc', { eol: '\r\n' })).toBe('{\r\n  a\r\n  b\r\n  c\r\n}');
    expect(inserted('  |', 'a\r\nb')).toBe('  a\n  b');
  });
});
