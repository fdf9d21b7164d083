// Which line ends a fenced block, inner fences included, and which language an info string names.
import { describe, expect, test } from 'vitest';
import { FencedLines, fenceLanguage, openingFence } from '../../../webview/view/fence.ts';

/** How many of the lines belong to the block that the first one opens. */
function linesIn(text: string): number {
  const [first = '', ...rest] = text.split('\n');
  const opener = openingFence(first);
  if (!opener) throw new Error('the first line opens no fence');
  const block = new FencedLines(opener);
  const last = rest.findIndex(line => block.endsWith(line));
  return last < 0 ? Infinity : last + 2;
}

describe('a fenced block', () => {
  test.each([
    ['ends with its fence', '```ts\na\n```\nb', 3],
    ['ends with a longer fence', '```ts\na\n`````\nb', 3],
    ['goes on over a shorter fence', '````ts\n```\n````', 3],
    ['goes on over the other mark', '```ts\n~~~\n```', 3],
    ['goes on over a fence with words in code', '```ts\n```md\n```', 3],
    ['ends without an end', '```ts\na', Infinity],
    ['of Markdown holds another one', '```markdown\n# T\n```bash\nmake\n```\nEnd.\n```\nx', 7],
    ['of Markdown holds several', '```md\n```a\n```\n```b\n```\n```\nx', 6],
    ['of text holds another one', '```text\n```a\n```\n```', 4],
    ['without a language holds another one', '```\n```a\n```\n```', 4],
    ['in a block in a block', '```md\n```md\n```js\n```\n```\n```', 6],
    ['of code in Markdown holds none', '```md\n```js\n```ts\n```\n```', 5],
    ['of Markdown with four marks is not ended by three', '````md\n```a\n```\n````', 4],
    ['of waves', '~~~md\n~~~js\n~~~\n~~~', 4],
  ])('%s', (_name, text, lines) => {
    expect(linesIn(text)).toBe(lines);
  });

  test('very deep nesting ends somewhere', () => {
    const deep = `${'```md\n'.repeat(100)}${'```\n'.repeat(100)}`;
    expect(linesIn(deep)).toBeLessThan(200);
  });
});

test.each([
  ['```', { mark: '`', length: 3, info: '' }],
  ['````  ts  ', { mark: '`', length: 4, info: 'ts' }],
  ['~~~a`b', { mark: '~', length: 3, info: 'a`b' }],
  ['``', undefined],
  ['```a`', undefined],
  ['text', undefined],
  ['', undefined],
])('the line "%s" opens %j', (line, fence) => {
  expect(openingFence(line)).toEqual(fence);
});

test.each([
  ['ts', 'ts'],
  ['TypeScript title="a b"', 'typescript'],
  ['ts title="src/a.ts"', 'ts'],
  ['ts src/a.ts', 'ts'],
  ['ts:src/a.py', 'ts'],
  ['12:15:src/a.py', 'py'],
  ['src/main.rs', 'rs'],
  ['src/main.rs:12', 'rs'],
  ['deploy/Dockerfile', 'dockerfile'],
  ['.env', 'env'],
  ['js,ignore', 'js'],
  ['python{3}', 'python'],
  ['python3.11', 'python3.11'],
  ['{.python}', 'python'],
  ['{.python .numberLines startFrom="10"}', 'python'],
  ['{python}', 'python'],
  ['language-js', 'js'],
  ['c++', 'c++'],
  ['c#', 'c#'],
  ['', ''],
  ['   ', ''],
  ['{}', ''],
  ['x'.repeat(100), ''],
])('the info string "%s" names "%s"', (info, language) => {
  expect(fenceLanguage(info)).toBe(language);
});
