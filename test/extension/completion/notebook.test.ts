import { describe, expect, test } from 'vitest';
import type { LineSource } from '../../../engine/shared/completion/cursor_context.ts';
import { asOneDocument, cellsAround } from '../../../extension/completion/notebook.ts';

const documentOf = (text: string): LineSource => {
  const lines = text.split('\n');
  return { lineCount: lines.length, lineAt: line => ({ text: lines[line] ?? '' }) };
};
const cell = (text: string, languageId = 'python') => ({ languageId, document: documentOf(text) });
const linesOf = ({ lineCount, lineAt }: LineSource) =>
  Array.from({ length: lineCount }, (_, line) => lineAt(line).text);

describe('cells around a cell', () => {
  const cells = [cell('import math'), cell('# Area', 'markdown'), cell('a\nb'), cell('x'), cell('y', 'r')];

  test('are those of its language, in their order', () => {
    expect(cellsAround(cells, 2)).toEqual({ before: [cells[0]?.document], after: [cells[3]?.document] });
    expect(cellsAround(cells, 4)).toEqual({ before: [], after: [] });
  });

  test('are one document with it, a blank line between, in which the cursor keeps its place', () => {
    const own = cells[2]!.document;
    const { document, position } = asOneDocument(cellsAround(cells, 2), own, { line: 1, character: 1 });
    expect(linesOf(document)).toEqual(['import math', '', 'a', 'b', '', 'x']);
    expect(position).toEqual({ line: 3, character: 1 });
  });

  test('a cell that is alone is the document', () => {
    const own = documentOf('a\nb');
    const { document, position } = asOneDocument({ before: [], after: [] }, own, { line: 0, character: 1 });
    expect(linesOf(document)).toEqual(['a', 'b']);
    expect(position).toEqual({ line: 0, character: 1 });
  });
});
