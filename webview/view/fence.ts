// Which line ends a fenced block of code. Inside a block that holds Markdown, a fence with an info string opens an inner block: a
// closing fence never has one. Whatever a line means is settled once it is there; no later line changes it. Pure.

export interface Fence {
  mark: '`' | '~';
  length: number;
  /** What stands behind the marks, trimmed. */
  info: string;
}

/** Languages whose text may hold fences of its own; a block without a language counts as one. */
const holdFences = new Set(['', 'markdown', 'md', 'mdx', 'mdc', 'text', 'txt', 'plain', 'plaintext']);
/** Deeper than this nobody writes; fences below it are plain lines. */
const depthMax = 20;

/** The fence that a line opens, if it opens one; `line` comes without its indentation. */
export function openingFence(line: string): Fence | undefined {
  const mark = line[0];
  if (mark !== '`' && mark !== '~') return undefined;
  const length = runLength(line, mark);
  const info = line.slice(length).trim();
  // Back quotes in the info string: it is code within a line.
  return length < 3 || (mark === '`' && info.includes('`')) ? undefined : { mark, length, info };
}

/** Reads the lines of one fenced block and knows which one ends it. */
export class FencedLines {
  readonly #open: Fence[];

  constructor(opener: Fence) {
    this.#open = [opener];
  }

  /** True when the block ends with this line, which comes without an indentation of up to three columns. */
  endsWith(line: string): boolean {
    const innermost = this.#open.at(-1);
    if (!innermost || line[0] !== innermost.mark) return false;
    const fence = openingFence(line);
    if (!fence || fence.length < innermost.length) return false;
    if (fence.info === '') {
      this.#open.pop();
      return this.#open.length === 0;
    }
    if (holdFences.has(fenceLanguage(innermost.info)) && this.#open.length < depthMax) this.#open.push(fence);
    return false;
  }
}

/**
 * The language that an info string names: `ts title="a"`, `ts src/a.ts`, `ts:src/a.ts`, `{.python .numbered}` and `language-js` all
 * name one, and so does a path by its ending. Empty when there is none.
 */
export function fenceLanguage(info: string): string {
  const text = info.trim().replace(/^\{\s*\.?/, '');
  const word = /^[^\s,{}]*/.exec(text)?.[0] ?? '';
  // `12:15:src/a.ts` is a place in a file, `ts:src/a.ts` a language with a path.
  const parts = word.split(':').filter(part => !/^\d*$/.test(part));
  const name = (parts[0] ?? '').replace(/^language-/, '');
  const file = name.split('/').at(-1) ?? '';
  const ending = /\.([a-z][\w+-]*)$/i.exec(file)?.[1];
  const language = (ending ?? file).toLowerCase();
  return language.length > languageCharsMax ? '' : language;
}

/** Longer words are no names of languages. */
const languageCharsMax = 30;

function runLength(line: string, mark: string): number {
  let length = 0;
  while (line[length] === mark) length++;
  return length;
}
