import { describe, expect, test } from 'vitest';
import {
  contextAt,
  type LineSource,
  completionPrefixCharsMax,
  completionSuffixCharsMax,
} from '../../../../engine/shared/completion/cursor_context.ts';

function documentOf(text: string): LineSource & { touched: Set<number> } {
  const lines = text.split('\n');
  const touched = new Set<number>();
  return {
    touched,
    lineCount: lines.length,
    lineAt: line => {
      touched.add(line);
      return { text: lines[line] ?? '' };
    },
  };
}

describe('text around the cursor', () => {
  test('is cut at the cursor', () => {
    expect(contextAt(documentOf('one\ntwo three\nfour\n'), { line: 1, character: 3 })).toEqual({
      linesBefore: 'one\n',
      lineLeft: 'two',
      lineRight: ' three',
      suffix: ' three\nfour\n',
    });
  });

  test('is the whole text of a small document, at every cursor', () => {
    const text = 'a\nbb\n\nccc';
    text.split('\n').forEach((lineText, line) => {
      for (let character = 0; character <= lineText.length; character += 1) {
        const { linesBefore, lineLeft, suffix } = contextAt(documentOf(text), { line, character });
        expect(linesBefore + lineLeft + suffix).toBe(text);
      }
    });
  });

  test('goes on from the selected item of the suggest widget', () => {
    const context = contextAt(
      documentOf('foo.pu)'),
      { line: 0, character: 6 },
      { text: 'push', startCharacter: 4, endCharacter: 6 },
    );
    expect(context).toMatchObject({ lineLeft: 'foo.push', lineRight: ')' });
  });

  test('takes out what a selected item replaces right of the cursor, and knows that one may have several lines', () => {
    const context = contextAt(
      documentOf('one\n  forEach();\ntwo'),
      { line: 1, character: 5 },
      { text: 'for (;;) {\r\n  ', startCharacter: 2, endCharacter: 9 },
    );
    expect(context).toEqual({
      linesBefore: 'one\n  for (;;) {\n',
      lineLeft: '  ',
      lineRight: '();',
      suffix: '();\ntwo',
    });
  });

  test('stays within the limits and never reads a whole large document', () => {
    const document = documentOf(Array.from({ length: 100_000 }, (_, line) => `line ${line}`).join('\n'));
    const { linesBefore, lineLeft, suffix } = contextAt(document, { line: 50_000, character: 4 });
    expect(linesBefore.length + lineLeft.length).toBeLessThanOrEqual(completionPrefixCharsMax);
    expect(linesBefore.length).toBeGreaterThan(completionPrefixCharsMax / 2);
    expect(suffix.length).toBeLessThanOrEqual(completionSuffixCharsMax);
    expect(document.touched.size).toBeLessThan(3_000);
  });

  test('keeps its start while lines are added, so that the engine can reuse what it read', () => {
    const lines = Array.from({ length: 3_000 }, (_, line) => `const value${line} = ${line};`);
    const document = documentOf(lines.join('\n'));
    const starts = Array.from(
      { length: 200 },
      (_, step) => contextAt(document, { line: 2_000 + step, character: 0 }).linesBefore.split('\n')[0],
    );
    expect(new Set(starts).size).toBeLessThan(10);
  });

  test('takes the end of a line that is too long, without cutting a character in two', () => {
    const line = '😀'.repeat(completionPrefixCharsMax);
    const { lineLeft, linesBefore } = contextAt(documentOf(`before\n${line}`), {
      line: 1,
      character: line.length - 1,
    });
    expect(linesBefore).toBe('');
    expect(lineLeft.length).toBeLessThanOrEqual(completionPrefixCharsMax);
    expect(lineLeft.charCodeAt(0)).toBe('😀'.charCodeAt(0));
  });

  test('a line of a million characters is the same as one that ends where the context ends', () => {
    const statement = 'var a=1;';
    const long = statement.repeat(125_000);
    const short = long.slice(0, 20 + completionSuffixCharsMax);
    const at = (text: string) => contextAt(documentOf(`above\n${text}`), { line: 1, character: 20 });
    expect(at(long)).toEqual(at(short));
    expect(at(long).suffix.length).toBe(completionSuffixCharsMax);
    const far = contextAt(documentOf(`above\n${long}\nbelow`), { line: 1, character: 500_000 });
    expect(far.linesBefore).toBe('');
    expect(far.lineLeft.length).toBeLessThanOrEqual(completionPrefixCharsMax);
    expect(far.suffix).toBe(far.lineRight);
  });

  test('a long line keeps its start while it is typed, and its end is no half character', () => {
    const long = '😀'.repeat(100_000);
    const starts = new Set<string>();
    for (let typed = 0; typed < 200; typed += 1) {
      const { lineLeft } = contextAt(documentOf(long + 'abcdefgh'.repeat(25)), {
        line: 0,
        character: long.length + typed,
      });
      starts.add(`${completionPrefixCharsMax - lineLeft.length + typed}`);
    }
    expect(starts.size).toBeLessThanOrEqual(2);
    const { lineRight } = contextAt(documentOf(`a${long}`), { line: 0, character: 0 });
    expect(lineRight.isWellFormed()).toBe(true);
    expect(lineRight.length).toBe(completionSuffixCharsMax - 1);
  });
});
