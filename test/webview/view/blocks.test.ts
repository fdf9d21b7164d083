// Markdown as blocks: what kind they are and what they show.
import { describe, expect, test } from 'vitest';
import { type Block, linkDefinitions, unixLines } from '../../../webview/view/blocks.ts';
import { readBlocks } from '../../support/read_blocks.ts';

const markup = (text: string): string => readBlocks(text).map(shown).join('\n');
const shown = (block: Block): string =>
  block.kind === 'markup' ? block.html : `[${block.language}|${block.info}]${block.code}`;

describe('code', () => {
  test('has its language, its whole info string and its text, also while the fence is open', () => {
    expect(readBlocks('```TS title="a"\nlet a;\n')).toEqual([
      { kind: 'code', language: 'ts', info: 'TS title="a"', code: 'let a;\n' },
    ]);
    expect(readBlocks('```\n```')).toEqual([{ kind: 'code', language: '', info: '', code: '' }]);
    expect(readBlocks('    indented\n')).toEqual([
      { kind: 'code', language: '', info: '', code: 'indented\n' },
    ]);
  });

  test('inside Markdown that is itself code stays in its block', () => {
    const text = '```markdown\n# Tool\n```bash\nmake\n```\nEnd.\n```\nDone.';
    expect(readBlocks(text)).toEqual([
      { kind: 'code', language: 'markdown', info: 'markdown', code: '# Tool\n```bash\nmake\n```\nEnd.\n' },
      { kind: 'markup', html: '<p>Done.</p>' },
    ]);
  });

  test('loses the indentation that its fence has', () => {
    expect(markup('  ```\n  a\n    b\n c\n  ```')).toBe('[|]a\n  b\nc\n');
  });

  test('in lists and quotes carries its info string', () => {
    expect(markup('- x\n  ```md\n  ```sh a="b"\n  ```\n  ```\n- y')).toContain(
      '<pre data-info="md"><code>```sh a=&quot;b&quot;\n```\n</code></pre>',
    );
  });
});

test('headings are moved below those of the page', () => {
  expect(markup('# a\n\n##### b')).toBe('<h3>a</h3>\n<h6>b</h6>');
});

describe('links', () => {
  test('are made of whole web addresses only', () => {
    expect(markup('https://example.com')).toContain('href="https://example.com"');
    for (const text of [
      'example.com',
      'lib.rs',
      'a@example.com',
      'ftp://example.com',
      '//example.com',
      'mailto:a@b.c',
    ]) {
      expect(markup(text)).not.toContain('<a');
    }
  });

  test('say the host that they lead to, whatever their text and their title claim', () => {
    expect(markup('[https://good.example](https://good.example@evil.example/x "good.example")')).toBe(
      '<p><a href="https://good.example@evil.example/x" title="evil.example: https://good.example@evil.example/x">https://good.example</a></p>',
    );
  });

  test('by reference are known from all definitions of a text', () => {
    const references = linkDefinitions('[a][b]\n\n[b]: https://x.y "t"\n[c]: <https://z>\n');
    expect(readBlocks('[a][b] [c]', references).map(shown).join('')).toContain('href="https://x.y"');
    expect(Object.keys(linkDefinitions('text [a]: x\narray[0]: 1'))).toEqual([]);
  });
});

test('a picture is a link with its words escaped', () => {
  expect(markup('![a<b](https://x.y/"z)')).toBe(
    '<p><a href="https://x.y/%22z" title="x.y: https://x.y/%22z">a&lt;b</a></p>',
  );
});

test('markup of the model stays text', () => {
  expect(markup('<b onclick="x()">')).toBe('<p>&lt;b onclick=&quot;x()&quot;&gt;</p>');
});

test('the one tag that breaks lines in cells of tables does so', () => {
  expect(markup('| a |\n|---|\n| b<br>c<br/>d<BR /> |')).toContain('<td>b<br>\nc<br>\nd<br>\n</td>');
  expect(markup('`<br>`')).toBe('<p><code>&lt;br&gt;</code></p>');
});

test('cells of a table keep their side', () => {
  expect(markup('| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |')).toContain(
    '<td class="to-left">1</td>\n<td class="to-center">2</td>\n<td class="to-right">3</td>',
  );
});

test('tasks have a box that says whether they are done', () => {
  expect(markup('- [ ] open **now**\n- [x] done\n- [X] done too\n- [y] none\n- [ ]\n\ntext [ ] none')).toBe(
    `<ul>
<li><label class="task"><input type="checkbox" disabled>open <strong>now</strong></label></li>
<li><label class="task"><input type="checkbox" disabled checked>done</label></li>
<li><label class="task"><input type="checkbox" disabled checked>done too</label></li>
<li>[y] none</li>
<li>[ ]</li>
</ul>
<p>text [ ] none</p>`,
  );
});

test('text that is struck out, quotes and rules', () => {
  expect(markup('~~a~~\n\n> b\n\n---')).toBe('<p><s>a</s></p>\n<blockquote>\n<p>b</p>\n</blockquote>\n<hr>');
});

test('what is nested too deep is shown as it was written', () => {
  expect(markup(`${'> '.repeat(5000)}end`)).toBe(`<p class="plain">${'&gt; '.repeat(5000)}end</p>`);
  const lists = Array.from({ length: 100 }, (_, depth) => `${'  '.repeat(depth)}- item${depth}`).join('\n');
  expect(markup(lists)).toContain('item99');
});

test('all line ends become one kind', () => {
  expect(unixLines('a\r\nb\rc\n')).toBe('a\nb\nc\n');
});
