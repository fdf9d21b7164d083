// Whether a Markdown text ends in code, however it is cut into pieces.
import { expect, test } from 'vitest';
import { CodeScan } from '../../../engine/generate/code_scan.ts';

test.each<[string, string, boolean]>([
  ['nothing', '', false],
  ['prose', 'So it is.\n\nAnd so on.', false],
  ['an open span', 'Write `', true],
  ['a closed span', 'Write `x` and ', false],
  ['a span of two backticks that holds one', 'Write ``a ` b', true],
  ['its end', 'Write ``a ` b`` and ', false],
  ['a span that the line before has left open', 'Write `x\nand ', false],
  ['an open fence', '```ts\nconst a = 1;\n', true],
  ['a fence on its first line', '```ts', true],
  ['a closed fence', '```ts\nconst a = 1;\n```\n', false],
  ['a fence that holds a shorter one', '````md\n```ts\n```\n', true],
  ['a fence that is closed by a longer one', '```\na\n`````\n', false],
  ['tildes', '~~~\na\n```\n', true],
  ['closed tildes', '~~~\na\n~~~\n', false],
  ['a closing line with an info string, which is none', '```\na\n``` ts\n', true],
  ['a line that begins with a span', '```x``` and\n', false],
  ['a fence in a list', '1. Do:\n   - ```sh\n     make\n', true],
  ['the end of a fence in a quote', '> ```sh\n> make\n> ```\n', false],
])('%s', (_, text, inside) => {
  const whole = new CodeScan();
  whole.push(text);
  expect(whole.inside).toBe(inside);
  const cut = new CodeScan();
  for (const character of text) cut.push(character);
  expect(cut.inside).toBe(inside);
});
