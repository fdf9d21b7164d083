// Formulas in Markdown: `$…$` and `\(…\)` in a line, `$$…$$` and `\[…\]` on lines of their own. Prices, variables of a shell and
// escaped brackets around words are none. Adds its rules to a Markdown parser; formula.ts draws what they find. Pure.
import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';
import { t } from '../l10n.ts';
import { formulaMarkup } from './formula.ts';

/** Longer formulas stay text, and so do those with a longer way to their end. */
const formulaCharsMax = 3_000;

interface Delimiters {
  open: string;
  close: string;
  display: boolean;
}
const inlineDelimiters: Delimiters[] = [
  { open: '$$', close: '$$', display: true },
  { open: '$', close: '$', display: false },
  { open: '\\(', close: '\\)', display: false },
  { open: '\\[', close: '\\]', display: true },
];
const blockDelimiters = inlineDelimiters.filter(({ display }) => display);

/** Teaches `markdown` formulas. */
export function addMath(markdown: MarkdownIt): void {
  markdown.inline.ruler.before('escape', 'formula', inlineFormula);
  markdown.block.ruler.before('fence', 'formula', blockFormula, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  markdown.renderer.rules['formula'] = (tokens, index) => {
    const token = tokens[index];
    const { display, source, after } = token?.meta as FormulaMeta;
    const drawn = formulaMarkup(token?.content ?? '', display);
    const text = markdown.utils.escapeHtml;
    if (!token?.block) return drawn ?? text(source);
    const body = drawn ?? `<span class="formula-source">${text(source)}</span>`;
    return `<div class="formula" tabindex="0" role="group" aria-label="${text(t('Formula'))}">${body}${text(after)}</div>\n`;
  };
}

type FormulaMeta = {
  display: boolean;
  /** The formula with its delimiters, as it was written. */
  source: string;
  /** What stands behind it in its last line. */
  after: string;
};

function inlineFormula(state: StateInline, silent: boolean): boolean {
  const start = state.pos;
  const delimiters = inlineDelimiters.find(({ open }) => state.src.startsWith(open, start));
  if (!delimiters) return false;
  const { open, close, display } = delimiters;
  const from = start + open.length;
  const end = findClose(state.src, { from, close, limit: Math.min(state.posMax, from + formulaCharsMax) });
  if (end === undefined) return false;
  const content = state.src.slice(from, end);
  const around = { before: state.src[start - 1] ?? '', behind: state.src[end + close.length] ?? '' };
  if (!(open === '$' ? isDollarFormula(content, around) : isFormula(content))) return false;
  if (!silent) {
    const token = state.push('formula', 'math', 0);
    token.content = content;
    token.meta = { display, source: open + content + close, after: '' } satisfies FormulaMeta;
  }
  state.pos = end + close.length;
  return true;
}

/**
 * A formula on lines of its own. It begins with a line that opens one and does not close it before its end, and ends with the line
 * that closes it or before an empty one: so each line is settled once it is there, however the text goes on.
 */
function blockFormula(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  if (columnsIn(state, startLine) >= 4) return false;
  const first = lineText(state, startLine);
  const delimiters = blockDelimiters.find(({ open }) => first.startsWith(open));
  if (!delimiters) return false;
  const { open, close } = delimiters;
  const inFirst = first.indexOf(close, open.length);
  if (inFirst >= 0) {
    const content = first.slice(open.length, inFirst);
    if (!isFormula(content) || !isPunctuation(first.slice(inFirst + close.length))) return false;
    if (!silent) pushBlock(state, { lines: [startLine, startLine + 1], source: first, delimiters });
    state.line = silent ? state.line : startLine + 1;
    return true;
  }
  if (silent) return true;
  let line = startLine + 1;
  const lines = [first];
  while (line < endLine && !state.isEmpty(line) && columnsIn(state, line) >= 0) {
    const text = lineText(state, line++);
    lines.push(text);
    if (text.includes(close)) break;
  }
  pushBlock(state, { lines: [startLine, line], source: lines.join('\n'), delimiters });
  state.line = line;
  return true;
}

function pushBlock(
  state: StateBlock,
  found: { lines: [number, number]; source: string; delimiters: Delimiters },
): void {
  const { open, close } = found.delimiters;
  const end = found.source.indexOf(close, open.length);
  const closed = end >= 0;
  const token = state.push('formula', 'math', 0);
  token.block = true;
  token.map = found.lines;
  // Without its end there is nothing to draw: the source is shown.
  token.content = closed ? found.source.slice(open.length, end) : '';
  token.meta = {
    display: true,
    source: closed ? found.source.slice(0, end + close.length) : found.source,
    after: closed ? found.source.slice(end + close.length) : '',
  } satisfies FormulaMeta;
}

/** Where `close` stands first, not escaped and before any code; undefined when it does not. */
function findClose(
  text: string,
  { from, close, limit }: { from: number; close: string; limit: number },
): number | undefined {
  const missing = notFound.get(close);
  if (missing?.text === text && from >= missing.from) return undefined;
  if (!text.includes(close, from)) {
    notFound.set(close, { text, from });
    return undefined;
  }
  for (let position = from; position + close.length <= limit; position++) {
    if (text.startsWith(close, position)) return position;
    if (text[position] === '`') return undefined;
    if (text[position] === '\\') position++;
  }
  return undefined;
}

/** For each way to close a formula: from where on it was last looked for in vain, so that a thousand openings are not a thousand searches. */
const notFound = new Map<string, { text: string; from: number }>();

/** A single dollar sign is more often money or a variable than a formula. */
function isDollarFormula(content: string, { before, behind }: { before: string; behind: string }): boolean {
  if (/[\p{L}\p{N}$]/u.test(before) || !/^(?:$|[\s.,;:!?)\]}'"’”*_/|–—-])/u.test(behind)) return false;
  if (/^\s|\s$/.test(content)) return false;
  const isPrice = /^\d[\d.,]*\s?[kKmMbB%]?\s+\p{L}{2,}/u.test(content);
  return !isPrice && content.trim() !== '';
}

/** Brackets may be escaped only to stand for themselves, around words. */
function isFormula(content: string): boolean {
  return content.trim() !== '' && !/^[\s\p{L}.,;:'’-]*\p{L}{3}[\s\p{L}.,;:'’-]*$/u.test(content);
}

function isPunctuation(text: string): boolean {
  return /^[\s.,;:!?]*$/.test(text);
}

function lineText(state: StateBlock, line: number): string {
  const start = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
  return state.src.slice(start, state.eMarks[line]).trimEnd();
}

/** How far a line is indented inside what holds it; negative when it lies outside. */
function columnsIn(state: StateBlock, line: number): number {
  return (state.sCount[line] ?? 0) - state.blkIndent;
}
