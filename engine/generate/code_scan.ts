// Whether the end of a Markdown text is code: inside a fence that is open, or after backticks that are open on its last line.

/** A line that opens a fence; behind backticks no further backtick may stand. */
const opener = /^[\s>*+\d.)-]*(?:(`{3,})[^`]*|(~{3,}).*)$/;

export class CodeScan {
  #line = '';
  /** The marker of the fence that is open. */
  #fence: string | undefined;

  /** Takes the next piece of the text. */
  push(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() as string;
    for (const line of lines) this.#endLine(line);
  }

  get inside(): boolean {
    if (this.#fence !== undefined) return true;
    let open = 0;
    for (const { length } of this.#line.match(/`+/g) ?? [])
      if (open === 0) open = length;
      else if (open === length) open = 0;
    return open > 0;
  }

  #endLine(line: string): void {
    if (this.#fence === undefined) {
      const [, backticks, tildes] = opener.exec(line) ?? [];
      this.#fence = backticks ?? tildes;
      return;
    }
    const mark = line.replace(/^[\s>]+/, '').trimEnd();
    // As long as the opening, and nothing but its character.
    if (mark.startsWith(this.#fence) && mark === this.#fence.charAt(0).repeat(mark.length))
      this.#fence = undefined;
  }
}
