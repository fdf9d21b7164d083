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
      { text: 'push', startCharacter: 4 },
    );
    expect(context).toMatchObject({ lineLeft: 'foo.push', lineRight: ')' });
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
});
