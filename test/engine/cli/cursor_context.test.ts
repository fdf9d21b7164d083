// The command line cuts the text around a place exactly as the editor's side does.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorContext } from '../../../engine/cli/cursor_context.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { contextAt } from '../../../engine/policy/cursor_context.ts';

const line = fc.oneof(
  fc.string({ maxLength: 80 }).map(text => text.replace(/[\r\n\uFEFF]/g, '')),
  fc.integer({ min: 0, max: 3000 }).map(length => 'ab😀c'.repeat(length)),
);
const lineEnd = fc.constantFrom('\n', '\r\n');

test('for any file and place the context is that of the editor', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 400, size: 'max' }),
      lineEnd,
      fc.nat(),
      fc.nat(),
      (lines, end, anyLine, anyColumn) => {
        const at = anyLine % lines.length;
        const character = anyColumn % (lines[at]!.length + 1);
        const { linesBefore, lineLeft, suffix } = contextAt(
          { lineCount: lines.length, lineAt: index => ({ text: lines[index]! }) },
          { line: at, character },
        );
        expect(cursorContext(lines.join(end), { line: at + 1, column: character + 1 })).toEqual({
          linesBefore,
          lineLeft,
          suffix,
        });
      },
    ),
    { numRuns: 200 },
  );
});

test('a long file is cut on both sides, within the limits', () => {
  const text = 'const value = 1;\n'.repeat(5000);
  const context = cursorContext(text, { line: 2500, column: 6 })!;
  expect(context.lineLeft).toBe('const');
  expect(context.linesBefore.length).toBeGreaterThan(limits.completionPrefixCharsMax / 2);
  expect(context.linesBefore.length).toBeLessThanOrEqual(limits.completionPrefixCharsMax);
  expect(context.suffix.length).toBeLessThanOrEqual(limits.completionSuffixCharsMax);
  expect(context.suffix.startsWith(' value = 1;\nconst')).toBe(true);
});

test('a byte order mark is not part of the text, and a place outside it has no context', () => {
  expect(cursorContext('\uFEFFab\n', { line: 1, column: 3 })).toEqual({
    linesBefore: '',
    lineLeft: 'ab',
    suffix: '\n',
  });
  for (const place of [
    { line: 1, column: 4 },
    { line: 3, column: 1 },
    { line: 0, column: 1 },
    { line: 1, column: 0 },
  ])
    expect(cursorContext('ab\n', place)).toBeUndefined();
});
