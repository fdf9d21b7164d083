// Markdown that grows: finished blocks stay as they are in the page, only the last one is made again.
import { type Block, cutBlocks, hasLinkDefinitions, unixLines } from './blocks.ts';
import { type CodeActions, codeBlock, type CodeBlockView } from './code_block.ts';
import { element } from './element.ts';
import { safeMarkup } from './safe_markup.ts';

/** Text beyond this is shown plain: laying out a book as markup would freeze the page. */
const markdownCharsMax = 200_000;

/** One rendered block: its nodes, and what they were made from. */
type Rendered = { kind: 'markup'; html: string; nodes: ChildNode[] } | { kind: 'code'; view: CodeBlockView };

/** The growing view of one markdown text. */
export class MarkdownView {
  readonly element = element('div', { class: 'answer' });
  private shown = '';
  /** Start of the last block in the text; blocks before it are finished. */
  private settled = 0;
  private last: Rendered | undefined;
  private rest: HTMLElement | undefined;

  constructor(private readonly actions: CodeActions) {}

  /** Shows `text`. `finished` says that nothing will be added any more. */
  update(text: string, finished: boolean): void {
    const whole = unixLines(text);
    const rendered = whole.slice(0, markdownCharsMax);
    const replaced = !rendered.startsWith(this.shown);
    if (replaced || (finished && hasLinkDefinitions(rendered))) this.clear();
    if (rendered !== this.shown) this.grow(rendered);
    this.showRest(whole.slice(markdownCharsMax));
  }

  private clear(): void {
    this.element.replaceChildren();
    this.shown = '';
    this.settled = 0;
    this.last = undefined;
    this.rest = undefined;
  }

  private grow(text: string): void {
    const { blocks, lastStart } = cutBlocks(text.slice(this.settled));
    if (blocks.length === 0 && this.last) {
      // What looked like a paragraph turned out to be a link definition, which shows nothing.
      this.remove(this.last);
      this.last = undefined;
    }
    blocks.forEach((block, index) => {
      if (index === 0 && this.last && this.refresh(this.last, block)) return;
      if (index === 0 && this.last) this.remove(this.last);
      this.last = this.append(block);
    });
    this.settled += lastStart;
    this.shown = text;
  }

  /** Brings a block up to date without replacing what the user may have selected; false when that cannot be. */
  private refresh(rendered: Rendered, block: Block): boolean {
    if (rendered.kind === 'code') {
      if (block.kind !== 'code' || block.info !== rendered.view.info) return false;
      rendered.view.setCode(block.code);
      return true;
    }
    return block.kind === 'markup' && block.html === rendered.html;
  }

  private append(block: Block): Rendered {
    if (block.kind === 'code') {
      const view = this.code(block.info, block.code);
      this.element.append(view.element);
      return { kind: 'code', view };
    }
    const fragment = safeMarkup(block.html);
    fragment.querySelectorAll('pre').forEach(pre => {
      pre.replaceWith(this.code(pre.dataset['info'] ?? '', pre.textContent).element);
    });
    fragment
      .querySelectorAll('a[href]')
      .forEach(link => link.setAttribute('title', link.getAttribute('href') ?? ''));
    const nodes = [...fragment.childNodes];
    this.element.append(fragment);
    return { kind: 'markup', html: block.html, nodes };
  }

  private code(info: string, code: string): CodeBlockView {
    const view = codeBlock({ info }, this.actions);
    view.setCode(code);
    return view;
  }

  private remove(rendered: Rendered): void {
    if (rendered.kind === 'code') rendered.view.element.remove();
    else rendered.nodes.forEach(node => node.remove());
  }

  private showRest(text: string): void {
    if (!text) return;
    this.rest ??= this.element.appendChild(element('pre', { class: 'plain', attributes: { tabindex: '0' } }));
    if (this.rest.textContent !== text) this.rest.textContent = text;
  }
}
