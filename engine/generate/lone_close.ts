// Finds the `</think>` of a thought that nobody opened: neither the prompt nor the model. It counts as the model's own token and
// spelled out in characters alike, but not in code, nor as the end of a `<think>` that stands in the text.
import { CodeScan } from './code_scan.ts';

const openTag = '<think>';
const closeTag = '</think>';
const tags = /<\/?think>/g;
/** An end of a text that may become a tag. */
const beginsTag = /<(?:\/?(?:t(?:h(?:i(?:nk?)?)?)?)?)$/;

export class LoneClose {
  /** May be the beginning of a tag. */
  #held = '';
  #opened = false;
  readonly #code = new CodeScan();

  /** `before`: what the answer has said already. */
  constructor(before: string) {
    this.push(before);
    this.end();
  }

  /** Text to show now. With `rest`, all that was said up to it was a thought, and the answer begins with the rest. */
  push(text: string): { text: string; rest?: string } {
    const all = this.#held + text;
    this.#held = '';
    let done = 0;
    for (const { 0: tag, index } of all.matchAll(tags)) {
      this.#code.push(all.slice(done, index));
      if (!this.#code.inside) {
        if (tag === closeTag && !this.#opened)
          return { text: all.slice(0, index), rest: all.slice(index + closeTag.length) };
        this.#opened = tag === openTag;
      }
      this.#code.push(tag);
      done = index + tag.length;
    }
    this.#held = beginsTag.exec(all)?.[0] ?? '';
    const end = all.length - this.#held.length;
    this.#code.push(all.slice(done, end));
    return { text: all.slice(0, end) };
  }

  /** What is held back when no tag comes of it. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    this.#code.push(rest);
    return rest;
  }
}
