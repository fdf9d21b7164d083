// An endless answer is found, whatever piece it repeats; what people ask for and what repeats for a reason goes through.
import { beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { Repetition } from '../../../engine/generate/repetition.ts';
import { loadText } from '../../../engine/service/loaded.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

let tokenizer: TextTokenizer;
beforeAll(async () => {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  ({ tokenizer } = await loadText(checkpoint));
  await checkpoint.close();
});

/** After how many of the ids the text counts as endless; undefined: never. */
function endsAfter(ids: readonly number[]): number | undefined {
  const repetition = new Repetition();
  const at = ids.findIndex(id => repetition.push(id));
  return at < 0 ? undefined : at + 1;
}
const idsOf = (text: string) => tokenizer.encode(text, { special: false });
const piece = (length: number) => Array.from({ length }, (_, i) => 100 + i);
const repeated = (ids: number[], times: number) => Array.from({ length: times }, () => ids).flat();
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('an endless text is found', () => {
  test.each([
    [1, 800],
    [3, 800],
    [4, 512],
    [5, 512],
    [16, 512],
    [17, 544],
    [64, 2048],
  ])('when it repeats %i tokens: after %i', (length, tokens) => {
    const before = [7, 8, 9];
    expect(endsAfter([...before, ...repeated(piece(length), 3000)])).toBe(before.length + tokens);
  });

  test.each(['json-', ' the current number of', 'operators/', 'I think that it is so. No, wait.\n'])(
    'when it says %j for ever',
    text => {
      const ids = idsOf(`The answer is:${text.repeat(900)}`);
      expect(endsAfter(ids)).toBeLessThan(850);
    },
  );

  test('but not before, and never when the piece is longer or changes', () => {
    expect(endsAfter(repeated(piece(5), 102))).toBeUndefined();
    expect(endsAfter(repeated(piece(65), 100))).toBeUndefined();
    expect(endsAfter([...repeated(piece(5), 100), 1, ...repeated(piece(5), 100)])).toBeUndefined();
    expect(endsAfter(Array.from({ length: 2000 }, (_, i) => [50, 51, 52, i]).flat())).toBeUndefined();
  });
});

describe('goes through', () => {
  // As the tokenizers of large models cut it: every digit and every blank before one by itself.
  test('an array of 256 zeros, and 64 bytes on one line', () => {
    expect(endsAfter(repeated([15, 11, 220], 256))).toBeUndefined();
    expect(endsAfter(repeated([15, 87, 15, 15, 11, 220], 64))).toBeUndefined();
  });

  test.each([
    ['a rule of dashes', '-'.repeat(240)],
    ['drawn lines', lines(12, () => `+${'-'.repeat(30)}+${'='.repeat(30)}+`)],
    ['an empty board', `const board = [\n${lines(20, () => `  [${'0, '.repeat(9)}0],`)}\n];`],
    ['a table with empty cells', lines(25, () => '| | | | | |')],
    ['a table', lines(300, i => `| row ${i} | 0 | 0 | yes | ${i * 7} |`)],
    ['a long list of similar lines', lines(400, i => `- [ ] Write a test for case ${i}.`)],
    ['an array of zeros', `[${'0, '.repeat(255)}0]`],
    ['an array of 100 flags', `[${'false, '.repeat(99)}false]`],
    ['rows of bytes', lines(16, () => '0x00, '.repeat(16))],
    ['deep indentation', lines(200, i => `${' '.repeat((i % 40) * 4)}}`)],
    ['closing tags', '</div>\n'.repeat(30)],
    ['a song', lines(30, () => 'Row, row, row your boat, gently down the stream.')],
  ])('%s', (_, text) => {
    expect(endsAfter(idsOf(text))).toBeUndefined();
  });
});
