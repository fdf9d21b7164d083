// The block reader: a text that grows never changes what is finished, is cut like one that is there at once, and is read in small steps.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Block, linkDefinitions, parseBlocks, renderBlock } from '../../../webview/view/blocks.ts';
import { readBlocks, ShownBlocks } from '../../support/read_blocks.ts';

const readme = `Here is a README:

\`\`\`markdown
# Tool

Install it:

\`\`\`bash
npm install tool
\`\`\`

Then:

\`\`\`js
import { tool } from 'tool';
\`\`\`

End.
\`\`\`

Done, **really** \`done\`.
`;
const mixed = `Intro with a [link](https://example.com/a_(b)) and *emph
over lines* and \`code\`.

1. one
2. two

   more
   \`\`\`py
   def f(): pass
   \`\`\`

    - deep
- [ ] task
- [x] done

Text right after
===

| a | b |
|---|:-:|
| 1 | 2 |
| 3 | 4 |

> quote
lazy
> > more

~~~
open \`\`\` inside
~~~

    indented code

Energy $E = mc^2$ costs $5 and $6, and \\(x\\):

$$
a
+ b
$$

\\[ x^2 \\]

![picture](https://example.com/p.png) and <b>tag</b> ~~gone~~
***
The end`;
const unclosed = 'a\n\n```md\n```ts\nlet a;\n';
const texts = { readme, mixed, unclosed, crlf: mixed.replaceAll('\n', '\r\n') };

/** Every piece of the text, one after the other; checks after each what no reader of it may see. */
function grow(pieces: string[]): Block[] {
  const shown = new ShownBlocks(linkDefinitions(pieces.join('')));
  let finished: Block[] = [];
  let open: Block | undefined;
  const check = (): void => {
    expect(shown.blocks.slice(0, finished.length)).toEqual(finished);
    const same = shown.blocks[finished.length];
    if (open?.kind === 'code') {
      expect(same).toMatchObject({ kind: 'code', language: open.language, info: open.info });
      expect(same?.kind === 'code' && same.code.startsWith(open.code.trimEnd())).toBe(true);
    }
    finished = structuredClone(shown.finished);
    open = shown.open ? structuredClone(shown.blocks.at(-1)) : undefined;
  };
  for (const piece of pieces) {
    shown.add(piece);
    check();
  }
  shown.end();
  check();
  return shown.blocks;
}

describe.each(Object.entries(texts))('the text "%s"', (_name, text) => {
  test('never changes what is finished, and no block of code becomes anything else, at any prefix', () => {
    expect(grow([...text])).toEqual(readBlocks(text));
  });

  test('shows no less with every character', () => {
    const shown = new ShownBlocks();
    let lines = 0;
    for (const character of text) {
      shown.add(character);
      const now = shown.blocks.reduce((sum, block) => sum + linesOf(block), 0);
      expect(now).toBeGreaterThanOrEqual(lines);
      lines = now;
    }
  });
});

/** Lines of code, or elements that take a line. */
function linesOf(block: Block): number {
  if (block.kind === 'code') return 1 + block.code.split('\n').length;
  return block.html.match(/<(?:p|li|h\d|tr|hr|pre|div)\b/g)?.length ?? 0;
}

const pieces = [
  'a',
  ' b',
  '\n',
  '\n\n',
  '# h\n',
  '- x',
  '  - y\n',
  '1. z\n',
  '2. z\n',
  '```\n',
  '```ts\n',
  '```md\n',
  '~~~md\n',
  '> q\n',
  '| a | b |\n',
  '|-|-|\n',
  '---\n',
  '===\n',
  '***',
  '`',
  '**',
  '$$\n',
  '$x$',
  '\\[\n',
  '\\]\n',
  '    i\n',
  '- [ ] t\n',
  '[l](http://x)',
  '[d]: http://x\n',
  '<br>',
];

test('whatever the text and however it is cut into pieces, it comes to the same blocks', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), parts => {
      const text = parts.join('');
      expect(grow(parts)).toEqual(readBlocks(text, linkDefinitions(text)));
    }),
    { numRuns: 1000 },
  );
});

test('a short text has the blocks that Markdown gives it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), parts => {
      const text = parts.join('');
      const references = linkDefinitions(text);
      expect(readBlocks(text, references)).toEqual(
        parseBlocks(text, references).map(block => renderBlock(block, text)),
      );
    }),
    { numRuns: 500 },
  );
});

describe('a long text', () => {
  const words = (count: number): string =>
    Array.from({ length: count }, (_, word) => `word${word}`).join(' ');
  const long: Record<string, string> = {
    paragraph: words(6000),
    'one word': 'x'.repeat(60_000),
    list: Array.from({ length: 1500 }, (_, item) => `${item + 1}. item **${item}** and some words`).join(
      '\n',
    ),
    'a list of one item': `- ${words(6000)}`,
    quote: Array.from({ length: 1000 }, (_, line) => `> quoted line ${line}\n>`).join('\n'),
    table: `| a | b |\n|---|---|\n${'| some cell | another cell |\n'.repeat(2000)}`,
    code: `\`\`\`ts\n${'const a = 1;\n'.repeat(5000)}\`\`\`\nend`,
    'code in one line': `\`\`\`json\n${'[1,2],'.repeat(10_000)}\n\`\`\`\nend`,
    'indented code': '    let a;\n'.repeat(6000),
    'open formula': `$$\n${'x + y\n'.repeat(8000)}`,
    'many blocks': `${words(20)}\n\n- a\n- b\n\n\`\`\`js\nlet a;\n\`\`\`\n\n`.repeat(300),
    'marks of many kinds': '*a **b `c [d '.repeat(4000),
    'empty lines': `${'\n'.repeat(70_000)}end`,
  };

  test.each(Object.entries(long))('is cut the same in pieces and at once: %s', (_name, text) => {
    const parts = text.match(/[^]{1,997}/g) ?? [];
    expect(grow(parts)).toEqual(readBlocks(text));
  });

  test.each(Object.entries(long))('loses nothing: %s', (_name, text) => {
    const all = readBlocks(text)
      .map(block =>
        block.kind === 'code' ? `${block.info}\n${block.code}` : block.html.replace(/<[^>]*>/g, ''),
      )
      .join('\n');
    const letters = (of: string): string => of.replace(/^a b$|^\d+\. /gm, '').replace(/[^\p{L}\p{N}]/gu, '');
    const [shown, wanted] = [letters(all), letters(text)];
    // The heads of tables are repeated.
    expect(text.startsWith('|') ? shown.replaceAll('ab', '') : shown).toBe(
      text.startsWith('|') ? wanted.replace('ab', '') : wanted,
    );
  });

  test.each(Object.entries(long))('makes no block of markup that costs much: %s', (_name, text) => {
    for (const block of readBlocks(text))
      if (block.kind === 'markup') expect(block.html.length).toBeLessThan(60_000);
  });

  test('is read in few steps', () => {
    const shown = new ShownBlocks();
    expect(shown.add(long['many blocks'] ?? '') + shown.end()).toBeLessThan(20);
  });

  test('a piece of it takes a few steps', () => {
    for (const text of Object.values(long)) {
      const shown = new ShownBlocks();
      shown.add(text.slice(0, 30_000));
      expect(shown.add(text.slice(30_000, 30_020))).toBeLessThanOrEqual(3);
    }
  });
});

test('nothing is shown twice when nothing has come', () => {
  const shown = new ShownBlocks();
  shown.add('text\n\nmore');
  expect(shown.add('')).toBe(0);
  expect(shown.end()).toBe(1);
  expect(shown.end()).toBe(0);
});

describe('the last line, while it may still become something else,', () => {
  const shownOf = (text: string): string => {
    const shown = new ShownBlocks();
    shown.add(text);
    return shown.blocks.map(block => (block.kind === 'code' ? `[${block.code}]` : block.html)).join('');
  };
  test.each([
    ['a list', 'text\n-', '<p>text</p>'],
    ['a fence', 'text\n```ty', '<p>text</p>'],
    ['the end of code', '```\na\n``', '[a\n]'],
    ['a table', 'text\n\n| a | b |\n|--', '<p>text</p>'],
    ['a heading', 'text\n#', '<p>text</p>'],
    ['a formula', 'text\n\n$$ x', '<p>text</p>'],
  ])('is not shown yet: %s', (_name, text, shown) => {
    expect(shownOf(text)).toBe(shown);
  });
  test.each([
    ['strong text', 'a **bold wor', '<p>a <strong>bold wor</strong></p>'],
    ['a mark alone', 'a **', '<p>a</p>'],
    ['code', 'a `let b', '<p>a <code>let b</code></p>'],
    ['a link', 'a [text](https://exa', '<p>a text</p>'],
    ['marks in code', '`**`', '<p><code>**</code></p>'],
    [
      'a task',
      '- [ ] **bo',
      '<ul>\n<li><label class="task"><input type="checkbox" disabled><strong>bo</strong></label></li>\n</ul>',
    ],
  ])('is shown as if it were closed: %s', (_name, text, shown) => {
    expect(shownOf(text)).toBe(shown);
  });
});
