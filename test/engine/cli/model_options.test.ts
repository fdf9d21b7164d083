// Options of the command line become checked values; a wrong one is named with the range it must be in.
import { expect, test } from 'vitest';
import { Options } from '../../../engine/cli/args.ts';
import { generation, generationOptions, loading } from '../../../engine/cli/model_options.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const parse = (...args: string[]) =>
  Options.parse(['--model', 'm.gguf', ...args], {
    text: generationOptions,
    lists: ['stop'],
    flags: ['stats'],
  });

test('everything that shapes an answer can be set', () => {
  const o = parse(
    '--temperature',
    '0.7',
    '--top-k',
    '20',
    '--top-p',
    '0.8',
    '--min-p',
    '0.05',
    '--seed',
    '7',
    '--repetition-penalty',
    '1.05',
    '--presence-penalty=-0.5',
    '--thinking-tokens',
    '64',
    '--stop',
    'END',
    '--stop',
    '\n\n',
  );
  expect(generation(o)).toMatchObject({
    thinkingTokens: 64,
    sampling: {
      temperature: 0.7,
      topK: 20,
      topP: 0.8,
      minP: 0.05,
      repetitionPenalty: 1.05,
      presencePenalty: -0.5,
      seed: 7,
    },
    stop: ['END', '\n\n'],
  });
});

test('what is not set is left to the model, but for the temperature: greedy', () => {
  const { sampling, stop, maxTokens } = generation(parse());
  expect(JSON.parse(JSON.stringify(sampling))).toEqual({ temperature: 0 });
  expect(stop).toEqual([]);
  expect(maxTokens).toBeUndefined();
  expect(generation(parse('--max-tokens', '5')).maxTokens).toBe(5);
});

test.each([
  ['--min-p', '1.5', 'from 0 to 1'],
  ['--top-p', '2', 'from 0 to 1'],
  ['--repetition-penalty', '0', 'from 0.01 to 10'],
  ['--presence-penalty', '11', 'from -10 to 10'],
  ['--temperature', 'hot', 'a number from 0'],
  ['--top-k', '1.5', 'a whole number from 0'],
  ['--max-tokens', '0', 'a whole number from 1'],
  ['--stop', '', 'a text of 1 to'],
  ['--stop', 'x'.repeat(limits.stopTextCharsMax + 1), 'a text of 1 to'],
])('%s %j is refused with its range', async (name, value, range) => {
  const error = await hearthErrorOf(() => generation(parse(name, value)));
  expect(error.code).toBe('badUsage');
  expect(error.message).toContain(name);
  expect(error.message).toContain(range);
});

test('too many texts that stop, and ways to round that there are not, are refused', async () => {
  const stops = Array.from({ length: limits.stopTextsMax + 1 }, (_, i) => ['--stop', `x${i}`]).flat();
  expect((await hearthErrorOf(() => generation(parse(...stops)))).code).toBe('badUsage');
  for (const name of ['q3', 'toString'])
    expect((await hearthErrorOf(() => loading(parse('--quantize', name)))).code).toBe('badUsage');
});
