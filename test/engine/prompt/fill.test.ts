// Fill-in-the-middle prompts: the trained form, budgets, and ids that only grow while a line is typed.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { fillPrompt, fillStopIds, type FillInput } from '../../../engine/prompt/fill.ts';
import { createTokenizer, type TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { embeddedModelPath, goldenTokenizer } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

let checkpoint: Checkpoint;
let tokenizer: TextTokenizer;
beforeAll(async () => {
  checkpoint = await openCheckpoint(embeddedModelPath);
  tokenizer = createTokenizer('model', (await checkpoint.tokenizer())!);
});
afterAll(() => checkpoint.close());
const textOf = (ids: readonly number[]) =>
  new TextDecoder().decode(Uint8Array.from(ids.flatMap(id => [...tokenizer.decodeBytes(id)])));
const input = (change: Partial<FillInput> = {}): FillInput => ({
  path: 'src/a.ts',
  linesBefore: 'one\ntwo\n',
  lineLeft: 'thr',
  suffix: '\nfour\n',
  neighbours: [],
  ...change,
});

test('the prompt is, id for id, the one the model was trained on', () => {
  const { prompt, ids } = goldenTokenizer.prompts.fim;
  const [, path = '', linesBefore = '', suffix = '', lineLeft = ''] =
    /^<\|file_sep\|>(.*)\n<\|fim_prefix\|>([^]*)<\|fim_suffix\|>([^]*)<\|fim_middle\|>([^]*)$/.exec(prompt) ??
    [];
  const got = fillPrompt('model', tokenizer, { path, linesBefore, suffix, lineLeft, neighbours: [] }, 1000);
  expect(got.ids).toEqual(ids);
  expect(got.ids[got.stableLength - 1]).toBe(tokenizer.fim?.middle);
});

test('typing in the line only appends', () => {
  const before = fillPrompt('m', tokenizer, input({ lineLeft: 'const a' }), 500);
  const after = fillPrompt('m', tokenizer, input({ lineLeft: 'const a = sum(' }), 500);
  expect(after.stableLength).toBe(before.stableLength);
  expect(after.ids.slice(0, after.stableLength)).toEqual(before.ids.slice(0, before.stableLength));
});

test('other files come first, in the repository form', () => {
  const { ids } = fillPrompt(
    'm',
    tokenizer,
    input({ repositoryName: 'demo', neighbours: [{ path: 'b.ts', content: 'x' }] }),
    500,
  );
  expect(textOf(ids)).toBe(
    '<|repo_name|>demo\n<|file_sep|>b.ts\nx\n<|file_sep|>src/a.ts\n<|fim_prefix|>one\ntwo\n<|fim_suffix|>\nfour\n<|fim_middle|>thr',
  );
});

test.each([40, 60, 100, 200])('a budget of %i tokens is kept, with the cursor line whole', budget => {
  const long = input({
    linesBefore: Array.from({ length: 200 }, (_, i) => `const value${i} = ${i};\n`).join(''),
    suffix: Array.from({ length: 200 }, (_, i) => `\nafter${i}();`).join(''),
    neighbours: [{ path: 'b.ts', content: 'y\n'.repeat(500) }],
  });
  const { ids } = fillPrompt('m', tokenizer, long, budget);
  expect(ids.length).toBeLessThanOrEqual(budget);
  const text = textOf(ids);
  expect(text.endsWith('<|fim_middle|>thr')).toBe(true);
  expect(text).not.toContain('b.ts');
  if (budget >= 60) expect(text).toContain('const value199 = 199;\n<|fim_suffix|>');
});

test('control tokens in the file stay plain text', () => {
  const { ids } = fillPrompt('m', tokenizer, input({ linesBefore: '// <|fim_middle|>\n' }), 500);
  expect(ids.filter(id => id === tokenizer.fim?.middle).length).toBe(1);
});

test('a model without the tokens, and a path longer than the budget, are named errors', async () => {
  expect(
    (await hearthErrorOf(() => fillPrompt('m', { ...tokenizer, fim: undefined }, input(), 100))).code,
  ).toBe('badTokenizer');
  expect(
    (await hearthErrorOf(() => fillPrompt('m', tokenizer, input({ path: 'x '.repeat(300) }), 100))).code,
  ).toBe('contextFull');
});

test('of a line longer than the budget the end is read, and most of it stays while the line is typed on', () => {
  const long = 'var a=1;'.repeat(500);
  const prompts = Array.from('const total = ', (_, i) => {
    const lineLeft = long + 'const total = '.slice(0, i);
    const { ids, stableLength } = fillPrompt('m', tokenizer, input({ lineLeft }), 600);
    expect(ids.length).toBeLessThanOrEqual(600);
    expect(lineLeft.endsWith(textOf(ids.slice(stableLength)))).toBe(true);
    expect(textOf(ids)).toContain('two\n<|fim_suffix|>\nfour');
    return textOf(ids.slice(0, stableLength + 100));
  });
  expect(new Set(prompts).size).toBeLessThanOrEqual(2);
});

test('stops at the end of text and at every file token', () => {
  expect(fillStopIds(tokenizer).sort()).toEqual([8177, 8179, 8180, 8181, 8182, 8183, 8184, 8185]);
});

test('the last neighbours are dropped first, and all before any of the file itself', () => {
  const neighbours = ['b.ts', 'c.ts', 'd.ts'].map(path => ({ path, content: `${path} `.repeat(30) }));
  const lengths = (count: number) =>
    fillPrompt('m', tokenizer, input({ neighbours: neighbours.slice(0, count) }), 5000).ids.length;
  const paths = (budget: number) =>
    textOf(fillPrompt('m', tokenizer, input({ neighbours }), budget).ids).match(/(?<=<\|file_sep\|>).*/g);
  // Room for the line is kept free beside what is written.
  // The most useful one, which comes first in the request, stands next to the file.
  expect(paths(lengths(3) + 64)).toEqual(['d.ts', 'c.ts', 'b.ts', 'src/a.ts']);
  expect(paths(lengths(3) - 1)).toEqual(['c.ts', 'b.ts', 'src/a.ts']);
  expect(paths(lengths(2) - 1)).toEqual(['b.ts', 'src/a.ts']);
  expect(paths(lengths(1) - 1)).toEqual(['src/a.ts']);
  const { ids } = fillPrompt('m', tokenizer, input({ neighbours }), lengths(1) - 1);
  expect(textOf(ids)).toContain('one\ntwo\n');
  expect(textOf(ids)).not.toContain('<|repo_name|>');
});

test('text before the cursor takes the room that text after it leaves, and the other way round', () => {
  const lines = Array.from({ length: 300 }, (_, i) => `line ${i};\n`).join('');
  const share = (change: Partial<FillInput>) => {
    const { ids } = fillPrompt('m', tokenizer, input({ linesBefore: '', suffix: '', ...change }), 400);
    const suffixAt = ids.indexOf(tokenizer.fim!.suffix);
    return {
      before: suffixAt - ids.indexOf(tokenizer.fim!.prefix),
      after: ids.indexOf(tokenizer.fim!.middle) - suffixAt,
    };
  };
  expect(share({ linesBefore: lines }).before).toBeGreaterThan(320);
  expect(share({ suffix: lines }).after).toBeGreaterThan(320);
  const both = share({ linesBefore: lines, suffix: lines });
  expect(both.before).toBeGreaterThan(2 * both.after);
  expect(both.after).toBeGreaterThan(60);
});

test('a prompt cut to its budget still only grows while the line is typed', () => {
  const long = {
    linesBefore: Array.from({ length: 300 }, (_, i) => `const value${i} = ${i};\n`).join(''),
    suffix: Array.from({ length: 300 }, (_, i) => `\nafter${i}();`).join(''),
  };
  const typed = 'const total = values.reduce((a, b) => a + b, 0);';
  const stable = Array.from(typed, (_, i) => {
    const prompt = fillPrompt('m', tokenizer, input({ ...long, lineLeft: typed.slice(0, i) }), 600);
    expect(prompt.ids.length).toBeLessThanOrEqual(600);
    return prompt.ids.slice(0, prompt.stableLength);
  });
  for (const ids of stable) expect(ids).toEqual(stable[0]);
});

test('any input and budget ends in a prompt within the budget or in a named error', async () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '{', '<|fim_middle|>', '\ud800', '円'),
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      text,
      fc.array(text, { maxLength: 3 }),
      fc.integer({ min: 1, max: 120 }),
      async (a, b, c, d, budget) => {
        const prompt = () =>
          fillPrompt(
            'm',
            tokenizer,
            {
              path: 'p',
              linesBefore: a,
              lineLeft: b,
              suffix: c,
              neighbours: d.map(content => ({ path: 'n', content })),
            },
            budget,
          );
        const least = fillPrompt(
          'm',
          tokenizer,
          { path: 'p', linesBefore: '', lineLeft: b.slice(0, 1), suffix: '', neighbours: [] },
          1000,
        );
        const needed = least.stableLength + (b === '' ? 0 : 1);
        if (needed > budget) expect((await hearthErrorOf(prompt)).code).toBe('contextFull');
        else {
          const { ids, stableLength } = prompt();
          expect(ids.length).toBeLessThanOrEqual(budget);
          const line = tokenizer.encode(b, { special: false });
          const room = Math.floor((budget - least.stableLength) * 0.75);
          if (line.length <= room) expect(ids.slice(stableLength)).toEqual(line);
          else expect(line.slice(stableLength - ids.length)).toEqual(ids.slice(stableLength));
          expect(ids.filter(id => id === tokenizer.fim?.middle).length).toBe(1);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a model without file tokens gets the plain form', () => {
  const bare: TextTokenizer = { ...tokenizer, fim: { prefix: 8180, middle: 8181, suffix: 8182 } };
  const { ids } = fillPrompt('m', bare, input({ neighbours: [{ path: 'b.ts', content: 'x' }] }), 500);
  expect(textOf(ids)).toMatch(/^<\|fim_prefix\|>one\ntwo\n<\|fim_suffix\|>/);
});
