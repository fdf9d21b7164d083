import { describe, expect, test } from 'vitest';
import { fillVariables, inputFields, readInputs } from '../../../extension/prompts/prompt_variables.ts';

test('inputs are found once each, with a placeholder wherever it stands', () => {
  expect(inputFields('${input:name} ${input:name:The name} ${input:kind:A: or B} ${file} ${input}')).toEqual([
    { name: 'name', placeholder: 'The name' },
    { name: 'kind', placeholder: 'A: or B' },
  ]);
});

describe('readInputs', () => {
  const fields = [{ name: 'name' }, { name: 'kind' }];

  test('reads plain and quoted values in any order, and leaves the rest', () => {
    const { values, rest } = readInputs('please kind=\'two words\' name="a \\"b\\"" now', fields);
    expect([...values]).toEqual([
      ['name', 'a "b"'],
      ['kind', 'two words'],
    ]);
    expect(rest).toBe('please now');
  });

  test('a text without values belongs to the only input, and to none of several', () => {
    expect(readInputs('My Form', [{ name: 'name' }])).toEqual({
      values: new Map([['name', 'My Form']]),
      rest: '',
    });
    expect(readInputs('My Form', fields)).toEqual({ values: new Map(), rest: 'My Form' });
    expect(readInputs('', [{ name: 'name' }])).toEqual({ values: new Map(), rest: '' });
  });

  test('a value is not taken out of another word, nor by a name that is a pattern', () => {
    expect(readInputs('filename=x', fields).values.size).toBe(0);
    expect(readInputs('axb=1', [{ name: 'a.b' }, { name: 'c' }]).values.size).toBe(0);
  });
});

describe('fillVariables', () => {
  const valueOf = (name: string): string | undefined => (name === 'file' ? '/a/${selection}' : undefined);

  test('fills in once, and leaves what it does not know', () => {
    const inputs = new Map([['n', '${file} $& $1']]);
    expect(fillVariables('${file} ${input:n:hint} ${other} ${input:m} `${x.y}` $file', valueOf, inputs)).toBe(
      '/a/${selection} ${file} $& $1 ${other} ${input:m} `${x.y}` $file',
    );
  });
});
