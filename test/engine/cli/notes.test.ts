import { expect, test } from 'vitest';
import { Notes } from '../../../engine/cli/notes.ts';

function written(work: (notes: Notes) => void): string {
  let all = '';
  work(new Notes(text => (all += text)));
  return all;
}

test('a line begins on a line of its own after thoughts, and adds no empty one', () => {
  const json = '{"decode_tokens":3}';
  const after = (...pieces: string[]) =>
    written(notes => {
      for (const piece of pieces) notes.text(piece);
      notes.line(json);
    });
  expect(after()).toBe(`${json}\n`);
  expect(after('The user', ' wants')).toBe(`The user wants\n${json}\n`);
  expect(after('The user wants\n', '')).toBe(`The user wants\n${json}\n`);
  expect(written(notes => ['left out: a', json].forEach(line => notes.line(line)))).toBe(
    `left out: a\n${json}\n`,
  );
});
