// Markdown that grows: finished blocks stay as they are in the page, only the last one is made again, and long text comes in slices.
import { BlockReader, type Step } from './block_reader.ts';
import { type Block, linkDefinitions } from './blocks.ts';
import { type CodeActions, codeBlock, type CodeBlockView } from './code_block.ts';
import { element } from './element.ts';
import { spareWhenFar } from './far_parts.ts';
import { type Growth, growNodes, isSameElement } from './grow_nodes.ts';
import { keepHeight, type KeptHeight } from './kept_height.ts';
import { safeMarkup } from './safe_markup.ts';
import { workNow } from './slices.ts';

/** One rendered block. A finished one is changed by nobody. */
type Rendered = { finished: boolean; /** Of the last heading up to its end. */ headingLevel?: number } & (
  { kind: 'markup'; html: string; element: HTMLElement } | { kind: 'code'; view: CodeBlockView }
);
/** One bounded change of what is shown. */
type Change =
  | { type: 'block'; block: Block; finished: boolean }
  | { type: 'code'; code: string; finished: boolean }
  | { type: 'nothing' };

/** So many blocks stand in the answer itself. What comes after them is in parts, since the browser visits each child when one grows. */
const blocksBeforeParts = 40;
const blocksInPart = 24;
/** An answer stands below the name of its speaker. */
const headingLevelAbove = 2;

/** The growing view of one markdown text. */
export class MarkdownView {
  readonly element = element('div', { class: 'answer' });
  /** The text as it was given. */
  private text = '';
  private ended = false;
  private reader = new BlockReader();
  private changes: Change[] = [];
  private readonly rendered: Rendered[] = [];
  /** How many blocks the reader has finished; the one after them may be open. */
  private count = 0;
  /** Code that is read again while it is shown already. */
  private repeated: string | undefined;
  private readonly parts: HTMLElement[] = [];
  private height: KeptHeight | undefined;
  /** Code inside lists and quotes, by its elements. */
  private readonly inner = new WeakMap<Node, CodeBlockView>();
  private readonly growth: Growth = {
    adopt: (old, fresh) => this.adoptCode(old, fresh),
    complete: fresh => this.completeCode(fresh),
  };

  constructor(private readonly actions: CodeActions) {}

  /** Shows `text`. `finished` says that nothing will be added any more. */
  update(text: string, finished: boolean): void {
    if (text === this.text && finished === this.ended) return;
    const grows = text.startsWith(this.text) && !this.ended;
    const references = finished ? linkDefinitions(text) : {};
    // A definition may change blocks far above it, so that all are read again; those that stay the same are not touched.
    if (!grows || Object.keys(references).length > 0) {
      this.reader = new BlockReader(references);
      this.reader.append(text);
      this.changes = [];
      this.count = 0;
      this.repeated = undefined;
    } else this.reader.append(text.slice(this.text.length));
    // All of it turned out to be a thought, which is shown elsewhere.
    if (text === '') {
      this.height?.release();
      this.height = undefined;
      this.remove(0);
    }
    if (finished) this.reader.end();
    else this.height ??= keepHeight(this.element);
    this.text = text;
    this.ended = finished;
    workNow(this.step);
  }

  /** Makes one change; true when there may be more. */
  private readonly step = (): boolean => {
    if (this.changes.length === 0) {
      const step = this.reader.next();
      if (!step) return this.rest();
      this.changes.push(...changesOf(step));
    }
    const change = this.changes.shift();
    if (change?.type === 'block') this.place(change.block, change.finished);
    else if (change?.type === 'code') this.addCode(change.code, change.finished);
    else this.remove(this.count);
    return true;
  };

  /** Everything has been read. */
  private rest(): boolean {
    if (!this.ended) return false;
    this.height?.release();
    this.height = undefined;
    this.remove(this.count);
    return false;
  }

  /** Shows a block where the reader is, in place of what is there. */
  private place(block: Block, finished: boolean): void {
    const old = this.rendered[this.count];
    const rendered = (old && this.refresh(old, block)) ?? this.make(block, old);
    this.rendered[this.count] = rendered;
    if (finished) this.finish(rendered);
  }

  /** Brings a block up to date without replacing what the user may have selected; undefined when that cannot be. */
  private refresh(old: Rendered, block: Block): Rendered | undefined {
    if (old.kind === 'code') {
      if (block.kind !== 'code' || block.info !== old.view.info) return undefined;
      if (old.finished) this.repeated = block.code;
      else old.view.set(block.code);
      return old;
    }
    if (block.kind !== 'markup') return undefined;
    if (block.html === old.html) return old;
    const fresh = elementOf(block.html);
    if (old.finished || !isSameElement(old.element, fresh)) return undefined;
    growNodes(old.element, fresh, this.growth);
    old.html = block.html;
    return old;
  }

  private make(block: Block, old: Rendered | undefined): Rendered {
    const made = this.render(block);
    if (old) elementIn(old).replaceWith(elementIn(made));
    else this.add(elementIn(made));
    return made;
  }

  /** Puts a new block at the end: into the answer itself, or into a part of its own once the answer is long. */
  private add(block: HTMLElement): void {
    const at = (this.count - blocksBeforeParts) / blocksInPart;
    if (at < 0) {
      this.element.insertBefore(block, this.parts[0] ?? null);
      return;
    }
    let part = this.parts[Math.floor(at)];
    if (!part) {
      const last = this.parts.at(-1);
      if (last) spareWhenFar(last);
      part = this.element.appendChild(element('div', { class: 'part' }));
      this.parts.push(part);
    }
    part.append(block);
  }

  private render(block: Block): Rendered {
    if (block.kind === 'code') {
      const view = codeBlock(block, this.actions);
      view.append(block.code);
      return { kind: 'code', view, finished: false };
    }
    const root = elementOf(block.html);
    this.completeCode(root);
    return { kind: 'markup', html: block.html, element: root, finished: false };
  }

  private addCode(code: string, finished: boolean): void {
    const open = this.rendered[this.count];
    if (open?.kind !== 'code') return;
    if (this.repeated === undefined) open.view.append(code);
    else this.repeat(open, this.repeated + code, finished);
    if (finished) this.finish(open);
  }

  /** What is read again of a block of code is shown once there is as much of it as before. */
  private repeat(block: Rendered & { kind: 'code' }, code: string, finished: boolean): void {
    this.repeated = code;
    if (!finished && code.length <= block.view.length) return;
    block.view.set(code);
    block.finished = false;
    this.repeated = undefined;
  }

  private finish(rendered: Rendered): void {
    if (rendered.kind === 'code' && this.repeated !== undefined) this.repeat(rendered, this.repeated, true);
    const before = this.rendered[this.count - 1]?.headingLevel ?? headingLevelAbove;
    rendered.headingLevel = rendered.kind === 'markup' ? levelHeadings(rendered.element, before) : before;
    rendered.finished = true;
    this.count++;
  }

  private remove(from: number): void {
    for (const rendered of this.rendered.splice(from)) elementIn(rendered).remove();
  }

  private adoptCode(old: Node, fresh: Node): boolean {
    const view = this.inner.get(old);
    if (!view || !(fresh instanceof HTMLPreElement) || infoOf(fresh) !== view.info) return false;
    view.set(fresh.textContent);
    return true;
  }

  /** Gives code inside a block its own view. */
  private completeCode(root: Element): void {
    const found = root instanceof HTMLPreElement ? [root] : [...root.querySelectorAll('pre')];
    for (const pre of found) {
      const view = codeBlock({ info: infoOf(pre) }, this.actions);
      view.append(pre.textContent);
      this.inner.set(view.element, view);
      pre.replaceWith(view.element);
    }
  }
}

/** Has headings go down by one level at a time for those who hear them, whatever the model has written; returns the last level. */
function levelHeadings(root: HTMLElement, before: number): number {
  let level = before;
  const inside = [...root.querySelectorAll<HTMLElement>('h3, h4, h5, h6')];
  for (const heading of root.matches('h3, h4, h5, h6') ? [root] : inside) {
    const written = Number(heading.tagName.slice(1));
    level = Math.min(written, level + 1);
    if (level < written) heading.setAttribute('aria-level', String(level));
  }
  return level;
}

function changesOf(step: Step): Change[] {
  if (step.type === 'code') return [{ type: 'code', code: step.code, finished: !step.open }];
  if (step.blocks.length === 0) return [{ type: 'nothing' }];
  const last = step.blocks.length - 1;
  return step.blocks.map((block, index) => ({
    type: 'block',
    block,
    finished: index < last || !step.open,
  }));
}

function elementIn(rendered: Rendered): HTMLElement {
  return rendered.kind === 'code' ? rendered.view.element : rendered.element;
}

function elementOf(html: string): HTMLElement {
  const { firstElementChild } = safeMarkup(html);
  return firstElementChild instanceof HTMLElement ? firstElementChild : element('p');
}

function infoOf(pre: HTMLPreElement): string {
  return pre.dataset['info'] ?? '';
}
