// Where in a text a piece of code goes: in place of all of it, of the functions it defines, or of the part it is most like; with
// what it leaves out taken from the text. Several answers where it fits several times. Pure.
import { columnsOf, indentOf, isBlank } from '../../engine/shared/outline/indent.ts';
import { align, hasWords } from './align.ts';
import { withCutsMarked } from './abbreviated.ts';
import { isElision, placeElided } from './elided.ts';
import { indentLines, spaceOf, type IndentStyle, styleOf } from './indentation.ts';
import { type LineEdit, linesOf, withoutBlankEnds } from './lines.ts';
import { isComment, type NamedRange, outlineOf } from '../../engine/shared/outline/outline.ts';
import { isPatch, placePatch } from './patch_text.ts';
import { regionOf } from './region.ts';
import { type Suggestion, withoutPathComment } from './suggestion.ts';
import { isImport, placeSymbols } from './symbol_places.ts';

/** One way to bring the code into the text. */
export type Placement = LineEdit[];

export interface PlaceOptions {
  suggestion: Suggestion;
  original: readonly string[];
  style: IndentStyle;
  /** What a language server says the text defines; without one, its lines tell. */
  symbols?: readonly NamedRange[];
}

/** Places that fit this much worse than the best one are not asked about. */
const rivalScoreShare = 0.9;
const rivalsMax = 8;
/** A text is replaced whole by code that has this share of its own lines in common with it. */
const wholeShareMin = 0.4;

/** The ways to bring the code into the text, the best first; none when it is like nothing there. */
export function placeCode({ suggestion, original, style, symbols }: PlaceOptions): Placement[] {
  const all = linesOf(suggestion.code);
  if (isPatch(suggestion.language, all)) {
    const edits = placePatch(all, original);
    return edits ? [edits] : [];
  }
  const code = withoutBlankEnds(linesOf(withoutPathComment(suggestion.code, original)));
  if (!code.some(line => !isBlank(line))) return [];
  if (original.every(isBlank)) return [[{ start: 0, end: original.length, lines: [...code, ''] }]];

  const fitted = fitTo(code, original, styleOf(original, style));
  if (fitted.some(isElision)) {
    const edits = placeElided(fitted, original);
    return edits ? [edits] : [];
  }
  const whole = wholeText(fitted, original);
  if (whole) return [[whole]];
  const marked = withCutsMarked(fitted, original);
  const merged = marked && placeElided(marked, original);
  if (merged) return [merged];
  const bySymbol = placeSymbols(fitted, original, definitionsOnly(symbols ?? outlineOf(original), original));
  return bySymbol.length > 0 ? bySymbol : regions(fitted, original);
}

/** The code with the indentation that its lines have in the text. */
function fitTo(code: readonly string[], original: readonly string[], style: IndentStyle): string[] {
  const plain = indentLines(code, style, '');
  const places = new Map<string, number[]>();
  for (const line of original)
    if (hasWords(line)) places.set(line.trim(), [...(places.get(line.trim()) ?? []), columnsAt(line, style)]);
  const offsets = new Map<number, number>();
  for (const line of plain)
    for (const columns of new Set(places.get(line.trim())))
      offsets.set(columns - columnsAt(line, style), (offsets.get(columns - columnsAt(line, style)) ?? 0) + 1);
  const [best] = [...offsets].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  const base = best
    ? Math.max(0, best[0])
    : columnsOf(indentOf(code.find(line => !isBlank(line)) ?? ''), style.tabSize);
  return indentLines(code, style, spaceOf(base, style));
}

/** The edit that replaces everything, when the code begins and ends where the text does. */
function wholeText(code: readonly string[], original: readonly string[]): LineEdit | undefined {
  const { pairs } = align(code, original);
  const tied = pairs.filter(pair => hasWords(code[pair.code] ?? ''));
  const [first] = tied;
  const last = tied.at(-1);
  if (!first || !last || tied.length / code.filter(hasWords).length < wholeShareMin) return undefined;
  const start = startOfWhole(code, original, first.original);
  if (start === undefined || original.slice(last.original + 1).some(hasWords)) return undefined;
  return { start, end: original.findLastIndex(line => !isBlank(line)) + 1, lines: code };
}

/** Where the text begins that the code replaces to its end; undefined when the code lacks more above than imports it may have changed. */
function startOfWhole(
  code: readonly string[],
  original: readonly string[],
  first: number,
): number | undefined {
  const above = original.slice(0, first);
  if (!above.some(hasWords)) return original.findIndex(line => !isBlank(line));
  const mayChange =
    code.some(isImport) && above.every(line => !hasWords(line) || isImport(line) || isComment(line));
  return mayChange ? original.findIndex(line => hasWords(line) && !isComment(line)) : undefined;
}

/** The place that the code is most like, and those that it is nearly as much like. */
function regions(code: readonly string[], original: readonly string[]): Placement[] {
  const found: Placement[] = [];
  const taken = new Set<number>();
  let best = 0;
  while (found.length < rivalsMax) {
    const region = regionOf(code, original, { taken });
    if (!region || region.score < best * rivalScoreShare) break;
    const lines = Array.from({ length: region.end - region.start }, (_, index) => region.start + index);
    if (lines.some(line => taken.has(line))) break;
    best ||= region.score;
    found.push([{ start: region.start, end: region.end, lines: code }]);
    for (const line of lines) taken.add(line);
  }
  return found;
}

/** A language server counts comments and decorators above a definition to it, or not: here they never are. */
function definitionsOnly(symbols: readonly NamedRange[], original: readonly string[]): NamedRange[] {
  return symbols.map(symbol => {
    let { start } = symbol;
    while (
      start < symbol.end - 1 &&
      /^\s*(?:@[\w.]+(?:\(.*\))?\s*$|#\[|\/\/|\/\*|\*|#(?![a-z]))/.test(original[start] ?? '')
    )
      start++;
    return { ...symbol, start };
  });
}

function columnsAt(line: string, style: IndentStyle): number {
  return columnsOf(indentOf(line), style.tabSize);
}
