// What a generation says, token by token: thoughts apart from the answer, each with its allowance, nothing lost between them.
import { describe, expect, test } from 'vitest';
import { Output, type OutputRequest } from '../../../engine/generate/output.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';

const open = 900;
const close = 901;
const control = 902;
const bytes = new TextEncoder();
/** Ids below 256 are bytes; the others are tokens with a meaning. */
const names = new Map([
  [open, '<think>'],
  [close, '</think>'],
  [control, '<|im_end|>'],
]);
const tokenizer = {
  thought: { open, close },
  isSpecial: (id: number) => id === control,
  decodeBytes: (id: number) => (names.has(id) ? bytes.encode(names.get(id)) : Uint8Array.of(id)),
} as unknown as TextTokenizer;

type Piece = number | string;
const idsOf = (pieces: Piece[]) =>
  pieces.flatMap(piece => (typeof piece === 'number' ? [piece] : [...bytes.encode(piece)]));

type Heard = { output: Output; said: string[]; ended: ReturnType<Output['push']> };
const outputOf = (change: Partial<OutputRequest>, ...pieces: Piece[]) =>
  outputBy(tokenizer, change, ...pieces);
function outputBy(vocabulary: TextTokenizer, change: Partial<OutputRequest>, ...pieces: Piece[]): Heard {
  const said: string[] = [];
  const output = new Output(vocabulary, {
    purpose: 'chat',
    maxTokens: 100,
    stopStrings: [],
    onThinking: text => said.push(`(${text})`),
    onText: text => said.push(text),
    onThoughtSoFar: () => said.push('!'),
    ...change,
  });
  let ended: ReturnType<Output['push']>;
  for (const id of idsOf(pieces)) if ((ended = output.push(id))) break;
  if (ended !== 'stop') output.end();
  return { output, said, ended };
}
/** Thought and text, which are what a client gets of the pieces it hears. */
const shown = (change: Partial<OutputRequest>, ...pieces: Piece[]) => shownBy(tokenizer, change, ...pieces);
function shownBy(vocabulary: TextTokenizer, change: Partial<OutputRequest>, ...pieces: Piece[]) {
  const { output, said } = outputBy(vocabulary, change, ...pieces);
  let [thinking, text] = ['', ''];
  for (const piece of said)
    if (piece === '!') [thinking, text] = [text, ''];
    else if (/^\(.*\)$/s.test(piece)) thinking += piece.slice(1, -1);
    else text += piece;
  expect(text).toBe(output.text);
  expect(thinking.replace(/^\n+/, '').trimEnd()).toBe(output.thinking);
  return { thinking: output.thinking, text: output.text };
}
const begun = { thought: { begun: true } };
const mayThink = { thought: { begun: false } };

describe('a thought', () => {
  test('that the prompt has begun runs to its closing token', () => {
    expect(shown(begun, 'Hm.\n\nSo 4.\n', close, '\n\nFour.\n')).toEqual({
      thinking: 'Hm.\n\nSo 4.',
      text: 'Four.\n',
    });
  });

  test('that the model opens itself is told from the answer, too', () => {
    expect(shown(mayThink, '\n', open, '\nhm\n', close, '\n\n  x')).toEqual({ thinking: 'hm', text: '  x' });
  });

  test('may repeat the opening that the prompt has written', () => {
    expect(shown(begun, '\n', open, '\nhm', close, 'x')).toEqual({ thinking: 'hm', text: 'x' });
  });

  test('that speaks of an opening tag keeps it', () => {
    expect(shown(begun, 'a ', open, ' b', close, 'x')).toEqual({ thinking: 'a <think> b', text: 'x' });
  });

  test('may be empty', () => {
    expect(shown(begun, '\n', close, '\n\nx')).toEqual({ thinking: '', text: 'x' });
  });

  test('that is stopped in the middle is kept, and is no answer', () => {
    expect(shown(begun, 'half a th')).toEqual({ thinking: 'half a th', text: '' });
  });

  test('keeps the character that was being written when it ended', () => {
    expect(shown(begun, 'caf', 0xc3, close, 'x')).toEqual({ thinking: 'caf\ufffd', text: 'x' });
  });
});

describe('a thought that nobody opened', () => {
  test('ends at its closing token, and what was shown of it is no answer', () => {
    expect(shown(mayThink, 'Let me think.', close, 'Done.')).toEqual({
      thinking: 'Let me think.',
      text: 'Done.',
    });
    expect(shown(mayThink, '\n\nHm.\n', close, '\n\n  x').thinking).toBe('Hm.');
    const { said } = outputOf(mayThink, 'ab', close, '\n\nc');
    expect(said).toEqual(['a', 'b', '!', 'c']);
  });

  test('ends where the tag is spelled out, however it is cut, and no piece of the tag is shown', () => {
    const { said, output } = outputOf(mayThink, 'Hm.\n</think>\n\nDone </the> end <', 'b>');
    expect([output.thinking, output.text]).toEqual(['Hm.', 'Done </the> end <b>']);
    expect(said.slice(0, said.indexOf('!')).join('')).toBe('Hm.\n');
    expect(shown(mayThink, 'a < b </thin', close, 'x')).toEqual({ thinking: 'a < b </thin', text: 'x' });
  });

  test('may hold the tag in code', () => {
    const thought = 'It asks for `</think>`:\n```xml\n</think>\n```\nSo.';
    expect(shown(mayThink, thought, close, 'Done.')).toEqual({ thinking: thought, text: 'Done.' });
  });

  test('may be empty, and may be all there is', () => {
    expect(shown(mayThink, '\n', close, '\n\nx')).toEqual({ thinking: '', text: 'x' });
    expect(shown(mayThink, 'Hm.', close)).toEqual({ thinking: 'Hm.', text: '' });
  });

  test('is understood where the vocabulary has no such token, or hides it', () => {
    const hiding = { ...tokenizer, isSpecial: (id: number) => id === control || id === close };
    const none = { ...tokenizer, thought: undefined };
    for (const vocabulary of [hiding, none])
      expect(shownBy(vocabulary, mayThink, 'Hm.', close, 'Done.')).toEqual({
        thinking: 'Hm.',
        text: 'Done.',
      });
    expect(shownBy(hiding, mayThink, 'Hm. `', close, '` Done.').text).toBe('Hm. `</think>` Done.');
  });

  test('is found once', () => {
    expect(shown(mayThink, 'a', close, 'b', close, 'c')).toEqual({ thinking: 'a', text: 'b</think>c' });
  });

  test('leaves the answer its whole allowance', () => {
    expect(outputOf(mayThink, 'abc', close, 'de').output.tokensLeft).toBe(98);
  });
});

describe('an answer', () => {
  test('keeps a closing tag that it quotes in code', () => {
    for (const text of ['Write `</think>`.', '```\n</think>\n```\n', 'So `</think>` and\n\n~~~\n</think>']) {
      expect(shown(mayThink, text).text).toBe(text);
      expect(shown(begun, 'hm', close, text)).toEqual({ thinking: 'hm', text });
    }
    expect(shown(begun, 'hm', close, 'a ', close, ' b').text).toBe('a </think> b');
  });

  test('keeps what only begins like a tag', () => {
    for (const text of ['a <', 'a </thin', 'a <b> </t> x', '<think'])
      expect(shown(mayThink, text).text).toBe(text);
    expect(outputOf({ ...mayThink, stopStrings: ['END'] }, 'a </END').output.text).toBe('a </');
  });

  test('that has begun holds thinking tokens as text', () => {
    expect(shown(mayThink, 'Use ', open, ' and ', close, '.')).toEqual({
      thinking: '',
      text: 'Use <think> and </think>.',
    });
    expect(shown(begun, close, 'Use ', open, ' and ', close, '.').text).toBe('Use <think> and </think>.');
  });

  test('with tags spelled out in characters has no thought', () => {
    expect(shown(mayThink, '<think>x</think>')).toEqual({ thinking: '', text: '<think>x</think>' });
  });

  test('without a thought is left as it is, blanks and all', () => {
    expect(shown(mayThink, '\n\n  x\n', control)).toEqual({ thinking: '', text: '\n\n  x\n' });
    expect(shown(mayThink, ' \n')).toEqual({ thinking: '', text: ' \n' });
    expect(shown({}, '\n\nx')).toEqual({ thinking: '', text: '\n\nx' });
  });

  test('of a request that knows no thoughts shows every token', () => {
    expect(shown({}, open, 'x', close, 'y')).toEqual({ thinking: '', text: '<think>x</think>y' });
  });

  test('ends at a stop string after a thought, too', () => {
    const { output, ended } = outputOf({ ...begun, stopStrings: ['END'] }, 'EN', close, 'a END b');
    expect(ended).toBe('stop');
    expect([output.thinking, output.text]).toEqual(['EN', 'a ']);
  });

  test('does not end at a stop string inside its thought, nor at one that begins there', () => {
    expect(shown({ ...begun, stopStrings: ['END'] }, 'a END b EN', close, 'D c')).toEqual({
      thinking: 'a END b EN',
      text: 'D c',
    });
  });
});

test('a thought has an allowance of its own, and the answer begins with its whole one', () => {
  const left = (change: Partial<OutputRequest>, ...pieces: Piece[]) =>
    outputOf(change, ...pieces).output.tokensLeft;
  expect(left({}, 'abc')).toBe(97);
  expect(left(mayThink, 'abc')).toBe(97);
  expect(left(begun, 'abc')).toBe(limits.thoughtTokensMax + 97);
  expect(left(mayThink, open, 'abc')).toBe(limits.thoughtTokensMax + 97);
  expect(left(begun, 'abc', close)).toBe(100);
  expect(left(begun, 'abc', close, 'de')).toBe(98);
});

describe('a text that only repeats itself', () => {
  const endless = 'la la '.repeat(1000);

  test('ends, and all of it is shown, what was held back too', () => {
    const { output, ended } = outputOf({ stopStrings: ['la la END'] }, 'So: ', endless);
    expect(ended).toBe('repetition');
    expect(output.text).toMatch(/^So: (la )+l?a?$/);
    expect(output.text.length).toBeGreaterThan(500);
  });

  test('is found in a thought, and a thought that ends in time is none', () => {
    const { output, ended } = outputOf(begun, 'So: ', endless);
    expect(ended).toBe('repetition');
    expect([output.thinking.slice(0, 10), output.text]).toEqual(['So: la la ', '']);
    const half = 'la '.repeat(150);
    expect(outputOf(begun, half, close, half).ended).toBeUndefined();
  });

  test('goes on in a completion, which has a rule of its own', () => {
    expect(outputOf({ purpose: 'completion' }, endless).ended).toBeUndefined();
  });
});
