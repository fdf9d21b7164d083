// Reads a growing Markdown text block by block, in steps of bounded work: however long the text and whatever a block is, a step reads
// some thousand characters. A finished block never changes, and a text that grows is cut like one that is there at once. Pure.
import {
  type Block,
  parseBlocks,
  type ParsedBlock,
  plainBlock,
  type References,
  renderBlock,
  renderOpenBlock,
  unixLines,
} from './blocks.ts';
import { fenceLanguage, FencedLines, openingFence } from './fence.ts';
import { cutCharsMin, forcedCut, wordEnd } from './forced_cut.ts';
import { shownEnd } from './shown_end.ts';

/** So much text is looked at in a step; more than any block may have before it is cut. */
const windowCharsMax = 16_000;
/** Stands before a paragraph that goes on behind a cut, so that its first word is not taken for the mark of a list. */
const paragraphGoesOn = '\u2060';

/**
 * What a step found: blocks, the first of which takes the place of the open block, or more code of the open block. `open` says
 * that the last block may still change.
 */
export type Step =
  { type: 'blocks'; blocks: Block[]; open: boolean } | { type: 'code'; code: string; open: boolean };

interface OpenCode {
  lines: FencedLines;
  /** Columns that each line loses at its beginning, as many as the fence has. */
  indent: number;
  /** The line that is read has been shown in part. */
  inLine: boolean;
}

export class BlockReader {
  #text = '';
  #ended = false;
  /** Everything before it has been read and can no longer change. */
  #settled = 0;
  /** What is put before the rest when it is parsed, because a block was cut. */
  #prefix = '';
  #plain = false;
  #code: OpenCode | undefined;
  /** The last line end may be the first half of one. */
  #halfLineEnd = '';
  /** How far the last step looked, so that a step that would find the same is none. */
  #looked = { end: 0, ended: false };

  constructor(private readonly references: References = {}) {}

  append(text: string): void {
    const all = this.#halfLineEnd + text;
    this.#halfLineEnd = all.endsWith('\r') ? '\r' : '';
    this.#text += unixLines(this.#halfLineEnd ? all.slice(0, -1) : all);
  }

  /** Nothing will be added any more. */
  end(): void {
    this.#text += unixLines(this.#halfLineEnd);
    this.#halfLineEnd = '';
    this.#ended = true;
  }

  /** Reads on; undefined when there is nothing to show until more text is there. */
  next(): Step | undefined {
    if (this.#code) return this.#readCode(this.#code);
    const shown = this.#ended ? this.#text.length : shownEnd(this.#text, this.#settled);
    const end = windowEnd(this.#text, { from: this.#settled, to: shown });
    const looked = this.#looked;
    if (end <= this.#settled) return undefined;
    if (end === looked.end && this.#ended === looked.ended) return undefined;
    this.#looked = { end, ended: this.#ended };
    return this.#plain ? this.#readPlain(end) : this.#readBlocks({ end, isAll: end === shown });
  }

  #readBlocks({ end, isAll }: { end: number; isAll: boolean }): Step {
    const isLast = isAll && this.#ended;
    const source = this.#prefix + this.#text.slice(this.#settled, end);
    const parsed = parseBlocks(source, this.references);
    const last = parsed.at(-1);
    const finished = parsed.slice(0, isLast ? undefined : -1).map(block => this.#render(block, source));
    if (!last || isLast) {
      this.#settle(end);
      return { type: 'blocks', blocks: finished, open: false };
    }
    const start = this.#settled - this.#prefix.length + last.start;
    if (last.tokens[0]?.type === 'fence') {
      const opening = this.#openCode(start);
      return { type: 'blocks', blocks: [...finished, opening], open: true };
    }
    const cut = forcedCut(last, source);
    if (cut) {
      const part = source.slice(last.start, cut.at);
      const blocks = parseBlocks(part, this.references).map(block => this.#render(block, part));
      this.#settle(start + part.length);
      this.#plain = cut.rest === 'plain';
      if (cut.rest === 'paragraph') this.#prefix = paragraphGoesOn;
      if (cut.rest === 'table') this.#prefix = part.split('\n', 2).join('\n') + '\n';
      return { type: 'blocks', blocks: [...finished, ...blocks], open: false };
    }
    const open = isAll ? [withoutMark(renderOpenBlock(last, source))] : [];
    if (last.start > 0) this.#settle(start);
    if (isAll) this.#looked = { end, ended: false };
    return { type: 'blocks', blocks: [...finished, ...open], open: isAll };
  }

  /** From here on the lines of a fenced block are read one by one. */
  #openCode(start: number): Block {
    const lineEnd = this.#text.indexOf('\n', start);
    const line = this.#text.slice(start, lineEnd < 0 ? undefined : lineEnd);
    const indent = line.search(/[^ ]/);
    const opener = openingFence(line.slice(indent)) ?? { mark: '`', length: 3, info: '' };
    this.#settle(start + line.length + 1);
    this.#code = { lines: new FencedLines(opener), indent, inLine: false };
    return { kind: 'code', language: fenceLanguage(opener.info), info: opener.info, code: '' };
  }

  #readCode(code: OpenCode): Step | undefined {
    const from = Math.min(this.#settled, this.#text.length);
    let position = from;
    let shown = '';
    let closed = false;
    while (!closed && position < this.#text.length && position - from < windowCharsMax) {
      const lineEnd = this.#text.indexOf('\n', position);
      const end = Math.min(lineEnd < 0 ? this.#text.length : lineEnd, position + windowCharsMax);
      const isWhole = end === lineEnd || (lineEnd < 0 && this.#ended && end === this.#text.length);
      const line = this.#text.slice(position, end);
      if (!code.inLine) {
        if (!isWhole && mayBeFence(line)) break;
        closed = isWhole && code.lines.endsWith(line.replace(/^ {1,3}(?=[`~])/, ''));
      }
      if (!closed) shown += code.inLine ? line : withoutIndent(line, code.indent);
      if (!closed && end === lineEnd) shown += '\n';
      code.inLine = !isWhole;
      position = end === lineEnd ? end + 1 : end;
    }
    if (position >= this.#text.length && this.#ended) closed = true;
    if (position === from && !closed) return undefined;
    this.#settle(position);
    if (closed) this.#code = undefined;
    return { type: 'code', code: shown, open: !closed };
  }

  /** The rest of a block that was too long: up to an empty line, as it was written. */
  #readPlain(windowEnd: number): Step {
    const start = this.#settled;
    const emptyLine = this.#text.slice(start, windowEnd).search(/\n[ \t]*\n/);
    const isWhole = emptyLine >= 0 && emptyLine <= cutCharsMin;
    const isLong = !isWhole && windowEnd - start > cutCharsMin;
    const open = !isWhole && !isLong && !this.#ended;
    let end = isWhole ? start + emptyLine : windowEnd;
    if (isLong) end = wordEnd(this.#text, start, cutCharsMin);
    const block = plainBlock(this.#text.slice(start, end));
    if (!open) this.#settle(end);
    this.#plain = !isWhole;
    return { type: 'blocks', blocks: [block], open };
  }

  #render(block: ParsedBlock, source: string): Block {
    return withoutMark(renderBlock(block, source));
  }

  #settle(position: number): void {
    this.#settled = position;
    this.#prefix = '';
    this.#looked = { end: 0, ended: false };
  }
}

/** A window ends with a line where it can. */
function windowEnd(text: string, { from, to }: { from: number; to: number }): number {
  if (to <= from + windowCharsMax) return to;
  const lineEnd = text.lastIndexOf('\n', from + windowCharsMax - 1) + 1;
  return lineEnd > from + windowCharsMax / 2 ? lineEnd : from + windowCharsMax;
}

function withoutMark(block: Block): Block {
  if (block.kind === 'code') return block;
  return { kind: 'markup', html: block.html.replace(`<p>${paragraphGoesOn}`, '<p>') };
}

function mayBeFence(line: string): boolean {
  return /^ *$|^ {0,3}(?:`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}.*)$/.test(line);
}

function withoutIndent(line: string, columns: number): string {
  return columns === 0 ? line : line.replace(new RegExp(`^ {0,${columns}}`), '');
}
