// A cell of a notebook among the others of its language: what is defined above it is known in it. What cells put out is no part
// of them. No vscode.
import type { LineSource } from '../../engine/shared/completion/cursor_context.ts';

/** The cells of one language around a cell, in their order. */
export interface CellsAround {
  before: readonly LineSource[];
  after: readonly LineSource[];
}
interface Cell {
  languageId: string;
  document: LineSource;
}

/** The cells around the one at `index` that have its language. */
export function cellsAround(cells: readonly Cell[], index: number): CellsAround {
  const alike = (cell: Cell): boolean => cell.languageId === cells[index]?.languageId;
  const documents = (some: readonly Cell[]): LineSource[] => some.filter(alike).map(cell => cell.document);
  return { before: documents(cells.slice(0, index)), after: documents(cells.slice(index + 1)) };
}

/** All the cells as one document, a blank line after each, and the position that one in `cell` has there. */
export function asOneDocument(
  { before, after }: CellsAround,
  cell: LineSource,
  position: { line: number; character: number },
): { document: LineSource; position: { line: number; character: number } } {
  const starts: { cell: LineSource; line: number }[] = [];
  let lineCount = 0;
  let firstLine = 0;
  for (const one of [...before, cell, ...after]) {
    if (one === cell) firstLine = lineCount;
    starts.push({ cell: one, line: lineCount });
    lineCount += one.lineCount + 1;
  }
  const lineAt = (line: number): { text: string } => {
    const at = starts.findLast(start => start.line <= line);
    const inside = at && line - at.line < at.cell.lineCount;
    return inside ? at.cell.lineAt(line - at.line) : { text: '' };
  };
  return {
    document: { lineCount: lineCount - 1, lineAt },
    position: { line: firstLine + position.line, character: position.character },
  };
}
