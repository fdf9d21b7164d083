// Files cut at their symbols.
import { expect, test } from 'vitest';
import { passagesOf } from '../../../../engine/workspace/symbols/passages.ts';
import { outlineOf } from '../../../support/symbol_index.ts';

async function cut(path: string, text: string) {
  return passagesOf(text, await outlineOf(path, text)).map(({ startLine, endLine, names, owners }) =>
    [`${startLine}-${endLine}`, owners.join('>'), names.map(({ name }) => name).join(' ')]
      .filter(Boolean)
      .join(' '),
  );
}

test('a symbol is whole, with the comment above it; constants stand together; what is between them is kept', async () => {
  const text = `import { a } from './a';

const one = 1;
const two = 2;

/** What it does. */
export function go() {
  return one;
}
go();

interface Small {
  x: number;
}
`;
  expect(await cut('a.ts', text)).toEqual(['1-1', '3-4 one two', '6-9 go', '10-10', '12-14 Small x']);
});

test('a long class is cut at its members, with its heading by itself', async () => {
  const method = (name: string) => `  ${name}() {\n${'    work();\n'.repeat(45)}  }\n`;
  const text = `/** About it. */\nexport class Big {\n  field = 1;\n${method('one')}\n${method('two')}}\n`;
  expect(await cut('a.ts', text)).toEqual(['1-2 Big', '3-3 Big field', '4-50 Big one', '52-98 Big two']);
});

test('a long function is cut in pieces, the first of which has its name', async () => {
  const text = `function long() {\n${'  work();\n'.repeat(150)}}\n`;
  const pieces = await cut('a.ts', text);
  expect(pieces[0]).toBe('1-60 long');
  expect(pieces.slice(1)).toEqual(['61-120 long', '121-152 long']);
});

test('passages do not overlap and hold every line that says something', async () => {
  const text = Array.from({ length: 400 }, (_, i) =>
    i % 37 === 0
      ? `export class C${i} {`
      : i % 37 === 36
        ? '}'
        : i % 9 === 0
          ? ''
          : i % 5 === 0
            ? `  m${i}() { x(); }`
            : `  f${i} = 1;`,
  ).join('\n');
  const passages = passagesOf(text, await outlineOf('a.ts', text));
  let last = 0;
  const held = new Set<number>();
  for (const { startLine, endLine } of passages) {
    expect(startLine).toBeGreaterThan(last);
    for (let line = startLine; line <= endLine; line++) held.add(line);
    last = endLine;
  }
  const missing = text.split('\n').flatMap((line, i) => (/\w/.test(line) && !held.has(i + 1) ? [line] : []));
  expect(missing).toEqual([]);
});
