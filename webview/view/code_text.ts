// The text of a block of code, which may grow: cut into parts, of which only the last one is made again, and coloured part by part.
import { partEnd } from './code_parts.ts';
import { showControls } from './control_characters.ts';
import { element } from './element.ts';
import { growNodes } from './grow_nodes.ts';
import { highlight } from './highlight.ts';
import { safeMarkup } from './safe_markup.ts';
import { workNow } from './slices.ts';

const plain = { adopt: () => false, complete: () => undefined };

export class CodeText {
  readonly element = element('code');
  #code = '';
  /** Where the last part begins. */
  #start = 0;
  #last: HTMLElement | undefined;
  /** What the last part shows. */
  #shown = '';

  constructor(private readonly language: string) {}

  /** The code without the line end at its end. */
  get code(): string {
    return this.#code.endsWith('\n') ? this.#code.slice(0, -1) : this.#code;
  }

  /** Shows `code`. Only a code that begins as the one before keeps its parts. */
  set(code: string): void {
    if (code.startsWith(this.#code)) return this.append(code.slice(this.#code.length));
    this.element.replaceChildren();
    this.#code = '';
    this.#start = 0;
    this.#last = undefined;
    this.#shown = '';
    this.append(code);
  }

  /** Adds to the code. Long code appears in the coming frames. */
  append(code: string): void {
    this.#code += code;
    workNow(this.#grow);
  }

  /** Brings one part up to date; true when there are more. */
  readonly #grow = (): boolean => {
    const end = partEnd(this.code, this.#start);
    const text = this.code.slice(this.#start, end);
    if (text === this.#shown && end === undefined) return false;
    if (!this.#last) {
      this.#last = element('span', { class: 'code-part' });
      this.element.append(this.#last);
    }
    const coloured = highlight(text, this.language);
    growNodes(this.#last, coloured === undefined ? plainText(text) : safeMarkup(coloured), plain);
    this.#shown = text;
    if (end === undefined) return false;
    this.#start = end;
    this.#last = undefined;
    this.#shown = '';
    return true;
  };
}

function plainText(text: string): DocumentFragment {
  const fragment = new DocumentFragment();
  fragment.append(text);
  showControls(fragment);
  return fragment;
}
