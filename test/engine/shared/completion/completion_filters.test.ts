import { describe, expect, test } from 'vitest';
import { filterCompletion, filters } from '../../../../engine/shared/completion/completion_filters.ts';
import { at } from '../../../support/cursor.ts';

const run = (place: string, text: string, multiline = false): string => {
  const result = filterCompletion({ text, context: at(place), multiline });
  return 'text' in result ? result.text : `dropped by ${result.droppedBy.name}`;
};

describe('completion filters', () => {
  test.each([
    ['an ordinary line stays', 'const a = |', 'compute(1);', 'compute(1);'],
    ['nothing stays nothing', 'a|', '', 'dropped by model-silent'],
    ['line ends of Windows become plain ones, and a line ends there', 'a = |', '1;\r\nb', '1;'],
    ['a leading line end leaves nothing on one line', 'a = 1;|', '\nb = 2;', 'dropped by one-line'],
    ['trailing white space goes', 'a = |', '1;   \t', '1;'],
    ['white space alone is dropped', 'a = |', '   ', 'dropped by trailing-space'],
    ['the next line is not suggested again', 'a();\n|\nb();', 'b();', 'dropped by repeats-next-line'],
    [
      'the next line counts with what is typed of it',
      'ret|\n\nreturn x;',
      'urn x;',
      'dropped by repeats-next-line',
    ],
    ['a closer that is there already is cut', 'call(|)', 'x)', 'x'],
    ['several closers are cut', 'call({ a: [|] })', '1] })', '1'],
    ['a closer with its own opener stays', 'call(|)', 'f()', 'f()'],
    ['a quote that is there already is cut', 'say("|")', 'hello")', 'hello'],
    ['a semicolon that is there already is cut', 'a = f(|);', 'x);', 'x'],
    ['a closer that is not there stays', 'call(|', 'x)', 'x)'],
    ['a piece over and over is dropped', 'a = |', 'na na na na na na na na na na', 'dropped by repetition'],
    [
      'a rule of dashes is no repetition',
      '// |',
      '-----------------------------',
      '-----------------------------',
    ],
  ])('%s', (_what, place, text, expected) => {
    expect(run(place, text)).toBe(expected);
  });

  test.each([
    [
      'a block stays whole',
      'function f() {\n  |\n',
      'const a = 1;\n  return a;',
      'const a = 1;\n  return a;',
    ],
    [
      'a block ends where a line leaves it',
      'function f() {\n  |\n}',
      'return 1;\n}\n\nfunction g() {}',
      'return 1;',
    ],
    [
      'a deeper line belongs to the block',
      'function f() {\n  |',
      'if (a) {\n    b();\n  }\nc();',
      'if (a) {\n    b();\n  }',
    ],
    ['two blank lines end a block', 'def f():\n    |', 'a = 1\n\n\n    b = 2', 'a = 1'],
    ['the third equal line in a row ends it before the second', 'x:\n  |', 'a\n  b\n  b\n  b\n  b', 'a\n  b'],
    [
      'it stops before a line that follows anyway',
      'f() {\n  |\n  done();\n}',
      'start();\n  done();\n  more();',
      'start();',
    ],
  ])('in a block: %s', (_what, place, text, expected) => {
    expect(run(place, text, true)).toBe(expected);
  });

  test('have names and words of their own', () => {
    expect(new Set(filters.map(filter => filter.name)).size).toBe(filters.length);
    expect(new Set(filters.map(filter => filter.explanation)).size).toBe(filters.length);
  });
});
