// Code that consists of whole functions, classes and the like: each takes the place of the one of its name, a new one goes beside the
// one before it, and imports that are new join the others. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { align } from './align.ts';
import { type LineEdit } from './lines.ts';
import {
  isComment,
  type NamedRange,
  outermost,
  outlineOf,
  startWithComments,
} from '../../engine/shared/outline/outline.ts';

const importLine =
  /^(?:import\b|from\s+\S+\s+import\b|use\s|using\s|#include\b|require\b|package\s|(?:const|let|var)\s.*=\s*require\(|@import\b)/;

/** One definition of the code with the comments above it. */
interface Part {
  name: string;
  start: number;
  /** The line of the definition itself. */
  definition: number;
  end: number;
}

/** The edits for each way in which the code fits; several where the one name it defines is there several times. */
export function placeSymbols(
  code: readonly string[],
  original: readonly string[],
  symbols: readonly NamedRange[],
): LineEdit[][] {
  const parts = partsOf(code);
  if (!parts) return [];
  const found = parts.map(part => symbols.filter(symbol => symbol.name === part.name));
  const [only] = parts;
  if (parts.length === 1 && only)
    return (found[0] ?? []).map(symbol => [
      ...newImports(code, original),
      replacement(code, only, original, symbol),
    ]);
  if (found.some(places => places.length > 1) || found.every(places => places.length === 0)) return [];

  const edits = newImports(code, original);
  let behind: NamedRange | undefined;
  const waiting: string[][] = [];
  for (const [index, part] of parts.entries()) {
    const [symbol] = found[index] ?? [];
    if (symbol) {
      const edit = replacement(code, part, original, symbol);
      edits.push({ ...edit, lines: [...waiting.splice(0).flatMap(lines => [...lines, '']), ...edit.lines] });
      behind = symbol;
    } else {
      const lines = code.slice(part.start, part.end);
      const edit = behind && edits.at(-1);
      if (edit) edits[edits.length - 1] = { ...edit, lines: [...edit.lines, '', ...lines] };
      else waiting.push(lines);
    }
  }
  return [edits];
}

/** True for a line that brings in names from elsewhere. */
export function isImport(line: string): boolean {
  return importLine.test(line);
}

/** The definitions that the code consists of; undefined when there is anything else in it but imports. */
function partsOf(code: readonly string[]): Part[] | undefined {
  const least = Math.min(
    ...code.filter(line => !isBlank(line) && !isImport(line)).map(line => columnsOf(indentOf(line), 4)),
  );
  const outer = outermost(outlineOf(code)).filter(
    ({ start }) => columnsOf(indentOf(code[start] ?? ''), 4) === least,
  );
  const parts = outer.map(({ name, start, end }) => ({
    name,
    start: startWithComments(code, start),
    definition: start,
    end,
  }));
  const covered = (index: number): boolean => parts.some(({ start, end }) => start <= index && index < end);
  const imports = importLines(code);
  const isKnown = code.every((line, index) => isBlank(line) || covered(index) || imports[index]);
  const overlap = parts.some((part, index) => part.start < (parts[index - 1]?.end ?? 0));
  return parts.length > 0 && isKnown && !overlap ? parts : undefined;
}

/** For each line whether it is one of an import, which may have several lines. */
function importLines(lines: readonly string[]): boolean[] {
  let inside = false;
  return lines.map(line => {
    if (inside) {
      inside = !/^\s*[)}]/.test(line);
      return true;
    }
    const begins = isImport(line);
    inside = begins && /[({]\s*$/.test(line);
    return begins;
  });
}

function replacement(
  code: readonly string[],
  part: Part,
  original: readonly string[],
  symbol: NamedRange,
): LineEdit {
  return {
    start: startOfReplaced(code.slice(part.start, part.definition), original, symbol.start),
    end: symbol.end,
    lines: code.slice(part.start, part.end),
  };
}

/** Comments and decorators above a definition are replaced by those of the code, as far as it has any. */
function startOfReplaced(above: readonly string[], original: readonly string[], definition: number): number {
  const start = startWithComments(original, definition);
  if (above.length === 0 || start === definition) return definition;
  const [first] = align(above, original, { from: start, to: definition }).pairs;
  if (first) return first.original;
  return isComment(above[0] ?? '') === isComment(original[start] ?? '') ? start : definition;
}

/** The imports of the code that the text lacks: in place of one that brings in less, else below the last of its own. */
function newImports(code: readonly string[], original: readonly string[]): LineEdit[] {
  const there = new Set(original.map(line => line.trim()));
  const edits: LineEdit[] = [];
  const added: string[] = [];
  const imports = importLines(code);
  for (const [index, line] of code.entries()) {
    if (!imports[index] || there.has(line.trim())) continue;
    const words = new Set(wordsIn(line));
    const lesser = isImport(line)
      ? original.findIndex(one => isImport(one) && wordsIn(one).every(word => words.has(word)))
      : -1;
    if (lesser >= 0) edits.push({ start: lesser, end: lesser + 1, lines: [line] });
    else added.push(line);
  }
  if (added.length === 0) return edits;
  const last = importLines(original).lastIndexOf(true);
  const place = { start: last + 1, end: last + 1, lines: last >= 0 ? added : [...added, ''] };
  return [...edits, place];
}

function wordsIn(line: string): string[] {
  return line.match(/[\p{L}\p{N}_$]+/gu) ?? [];
}
