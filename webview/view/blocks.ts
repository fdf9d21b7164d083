// Markdown text cut into top-level blocks, so that finished blocks can stay in the page while the last one grows. Pure.
import MarkdownIt, { type StateBlock, type Token } from 'markdown-it';
import { t } from '../l10n.ts';
import { FencedLines, fenceLanguage, openingFence } from './fence.ts';
import { linkTitle } from './link_title.ts';
import { addMath } from './math.ts';
import { completeInline } from './open_inline.ts';
import { addTaskLists } from './task_lists.ts';

/** A top-level piece of an answer: code has its own view, everything else is (still unchecked) markup of one element. */
export type Block =
  { kind: 'markup'; html: string } | { kind: 'code'; language: string; info: string; code: string };

/** A block as it lies in the text that was parsed. */
export interface ParsedBlock {
  tokens: Token[];
  /** Where it begins and where the next one does, in characters. */
  start: number;
  end: number;
}

/** Links defined by reference, by their names. */
export type References = Record<string, { title: string; href: string }>;

/** Quotes and lists that are nested deeper are shown as they were written; the parser would drop what is in them. */
const nestingMax = 40;

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false });
markdown.set({ maxNesting: nestingMax });
// Only full addresses become links by themselves; "config.rs" is a file, not a site in Serbia.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
for (const scheme of ['ftp:', 'mailto:', '//']) markdown.linkify.add(scheme, null);
markdown.block.ruler.at('fence', fence, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
addMath(markdown);
addTaskLists(markdown);

/** Answers stand below the page's own headings, so theirs begin two levels down. */
const headingShift = 2;
markdown.core.ruler.push('shift_headings', state => {
  for (const token of state.tokens) {
    if (token.type !== 'heading_open' && token.type !== 'heading_close') continue;
    token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + headingShift)}`;
  }
});
// Models write this in cells of tables, where Markdown has no other way to begin a line.
markdown.inline.ruler.before('html_inline', 'line_break', (state, silent) => {
  const tag = /^<br\s*\/?>/i.exec(state.src.slice(state.pos, state.pos + 8))?.[0];
  if (tag === undefined) return false;
  if (!silent) state.push('hardbreak', 'br', 0);
  state.pos += tag.length;
  return true;
});
markdown.renderer.rules['link_open'] = (tokens, index) => {
  const address = String(tokens[index]?.attrGet('href') ?? '');
  // Another address may be the path of a file: path_links.ts finds out.
  if (!/^https?:/i.test(address)) return `<a data-info="${escape(address)}">`;
  return `<a href="${escape(address)}" title="${escape(linkTitle(address))}">`;
};
// A picture would be fetched from outside; its address is shown as a link instead.
markdown.renderer.rules['image'] = (tokens, index) => {
  const token = tokens[index];
  const address = String(token?.attrGet('src') ?? '');
  const link = `<a href="${escape(address)}" title="${escape(linkTitle(address))}">`;
  return `${link}${escape(token?.content || t('image'))}</a>`;
};
// Code inside lists and quotes; `code_block.ts` takes these over after the markup is checked.
markdown.renderer.rules['fence'] = (tokens, index) =>
  codeMarkup(tokens[index]?.content ?? '', tokens[index]?.info ?? '');
markdown.renderer.rules['code_block'] = (tokens, index) => codeMarkup(tokens[index]?.content ?? '', '');
markdown.renderer.rules['table_open'] = () =>
  `<div class="table" tabindex="0" role="group" aria-label="${escape(t('Table'))}"><table>`;
markdown.renderer.rules['table_close'] = () => '</table></div>';
for (const cell of ['th_open', 'td_open'])
  markdown.renderer.rules[cell] = (tokens, index) => {
    const side = /(left|center|right)$/.exec(String(tokens[index]?.attrGet('style') ?? ''))?.[1];
    return `<${tokens[index]?.tag}${side ? ` class="to-${side}"` : ''}>`;
  };

/** The top-level blocks of a text. Line ends must be '\n' (see `unixLines`). */
export function parseBlocks(text: string, references: References = {}): ParsedBlock[] {
  const tokens = markdown.parse(text, { references: { ...references } });
  const lines = lineStarts(text);
  const blocks: ParsedBlock[] = [];
  for (let first = 0; first < tokens.length;) {
    const next = endOfBlock(tokens, first);
    const start = lines[tokens[first]?.map?.[0] ?? 0] ?? 0;
    const previous = blocks.at(-1);
    if (previous) previous.end = start;
    blocks.push({ tokens: tokens.slice(first, next), start, end: text.length });
    first = next;
  }
  return blocks;
}

/** What a parsed block of `text` shows. */
export function renderBlock(block: ParsedBlock, text: string): Block {
  const { tokens } = block;
  const [first] = tokens;
  if (tokens.some(({ level }) => level >= nestingMax - 1))
    return plainBlock(text.slice(block.start, block.end));
  if (first?.type === 'fence' || first?.type === 'code_block') return codeOf(first);
  return { kind: 'markup', html: markdown.renderer.render(tokens, markdown.options, {}).trimEnd() };
}

/** The same for a block that may go on: what is not closed in its last line is shown as if it were. */
export function renderOpenBlock(block: ParsedBlock, text: string): Block {
  const source = text.slice(block.start, block.end);
  const isLine = block.tokens.findLast(({ nesting }) => nesting >= 0)?.type === 'inline';
  const completed = isLine ? completeInline(source) : source;
  if (completed === source) return renderBlock(block, text);
  const [only, ...others] = parseBlocks(completed);
  return only && others.length === 0 ? renderBlock(only, completed) : renderBlock(block, text);
}

/** A text that is shown as it was written. */
export function plainBlock(text: string): Block {
  return { kind: 'markup', html: `<p class="plain">${escape(text.trimEnd())}</p>` };
}

/** All links that a text defines by reference. */
export function linkDefinitions(text: string): References {
  const lines = text.match(/^ {0,3}\[[^\]\n]+\]:.*$/gm) ?? [];
  const environment: { references?: References } = {};
  markdown.parse(lines.join('\n\n'), environment);
  return environment.references ?? {};
}

/** All line ends as '\n', which is how positions in the text are counted here. */
export function unixLines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function codeOf({ type, info, content }: Token): Block {
  if (type !== 'fence') return { kind: 'code', language: '', info: '', code: content };
  return { kind: 'code', language: fenceLanguage(info), info: info.trim(), code: content };
}

/** A fenced block in a Markdown parser; which line ends it is `FencedLines`' to say. */
function fence(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const indent = state.sCount[startLine] ?? 0;
  const opener = openingFence(lineText(state, startLine));
  if (!opener || indent - state.blkIndent >= 4) return false;
  if (silent) return true;
  const block = new FencedLines(opener);
  let line = startLine + 1;
  let ended = false;
  for (; line < endLine && !ended; line++) {
    const columns = (state.sCount[line] ?? 0) - state.blkIndent;
    if (columns < 0 && !state.isEmpty(line)) break;
    ended = columns < 4 && block.endsWith(lineText(state, line));
  }
  const token = state.push('fence', 'code', 0);
  token.info = opener.info;
  token.markup = opener.mark.repeat(opener.length);
  token.content = state.getLines(startLine + 1, ended ? line - 1 : line, indent, true);
  token.map = [startLine, line];
  state.line = line;
  return true;
}

function lineText(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
}

function endOfBlock(tokens: Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    depth += tokens[index]?.nesting ?? 0;
    if (depth <= 0) return index + 1;
  }
  return tokens.length;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

function codeMarkup(code: string, info: string): string {
  return `<pre data-info="${escape(info.trim())}"><code>${escape(code)}</code></pre>`;
}

function escape(text: string): string {
  return markdown.utils.escapeHtml(text);
}
