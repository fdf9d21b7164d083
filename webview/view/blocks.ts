// Markdown text cut into top-level blocks, so that finished blocks can stay in the page while the last one grows. Pure.
import MarkdownIt from 'markdown-it';
import { t } from '../l10n.ts';
import { fenceLanguage } from './highlight.ts';

/** A top-level piece of an answer: code has its own view, everything else is (still unchecked) markup. */
export type Block =
  { kind: 'markup'; html: string } | { kind: 'code'; language: string; info: string; code: string };

export interface Blocks {
  blocks: Block[];
  /** Where the last block starts in the text: everything before it can no longer change. */
  lastStart: number;
}

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false });
// Only full addresses become links by themselves; "config.rs" is a file, not a site in Serbia.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
for (const scheme of ['ftp:', 'mailto:', '//']) markdown.linkify.add(scheme, null);

/** Answers stand below the page's own headings, so theirs begin two levels down. */
const headingShift = 2;
markdown.core.ruler.push('shift_headings', state => {
  for (const token of state.tokens) {
    if (token.type !== 'heading_open' && token.type !== 'heading_close') continue;
    token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + headingShift)}`;
  }
});
// A picture would be fetched from outside; its address is shown as a link instead.
markdown.renderer.rules['image'] = (tokens, index) => {
  const token = tokens[index];
  const address = escape(String(token?.attrGet('src') ?? ''));
  return `<a href="${address}">${escape(token?.content || t('image'))}</a>`;
};
// Code inside lists and quotes; `code_block.ts` takes these over after the markup is checked.
markdown.renderer.rules['fence'] = (tokens, index) =>
  codeMarkup(tokens[index]?.content ?? '', tokens[index]?.info ?? '');
markdown.renderer.rules['code_block'] = (tokens, index) => codeMarkup(tokens[index]?.content ?? '', '');
markdown.renderer.rules['table_open'] = () =>
  `<div class="table" tabindex="0" role="group" aria-label="${escape(t('Table'))}"><table>`;
markdown.renderer.rules['table_close'] = () => '</table></div>';

/** Cuts markdown into its top-level blocks. Line ends must be '\n' (see `unixLines`). */
export function cutBlocks(text: string): Blocks {
  const environment = {};
  const tokens = markdown.parse(text, environment);
  const blocks: Block[] = [];
  let lastLine = 0;
  for (let start = 0; start < tokens.length;) {
    const end = endOfBlock(tokens, start);
    const first = tokens[start];
    if (!first) break;
    lastLine = first.map?.[0] ?? lastLine;
    blocks.push(
      first.type === 'fence' || first.type === 'code_block'
        ? {
            kind: 'code',
            language: first.type === 'fence' ? fenceLanguage(first.info) : '',
            info: first.info.trim(),
            code: first.content,
          }
        : {
            kind: 'markup',
            html: markdown.renderer.render(tokens.slice(start, end), markdown.options, environment),
          },
    );
    start = end;
  }
  return { blocks, lastStart: startOfLine(text, lastLine) };
}

/** True when the text defines links by reference: such a definition may change blocks far above it. */
export function hasLinkDefinitions(text: string): boolean {
  return /^ {0,3}\[[^\]\n]+\]:/m.test(text);
}

/** All line ends as '\n', which is how positions in the text are counted here. */
export function unixLines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function endOfBlock(tokens: { nesting: number }[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    depth += tokens[index]?.nesting ?? 0;
    if (depth <= 0) return index + 1;
  }
  return tokens.length;
}

function startOfLine(text: string, line: number): number {
  let position = 0;
  for (let passed = 0; passed < line; passed++) {
    const end = text.indexOf('\n', position);
    if (end < 0) return position;
    position = end + 1;
  }
  return position;
}

function codeMarkup(code: string, info: string): string {
  return `<pre data-info="${escape(info.trim())}"><code>${escape(code)}</code></pre>`;
}

function escape(text: string): string {
  return markdown.utils.escapeHtml(text);
}
