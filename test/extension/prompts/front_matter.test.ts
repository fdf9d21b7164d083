import { describe, expect, test } from 'vitest';
import { listField, readFrontMatter, textField } from '../../../extension/prompts/front_matter.ts';

describe('readFrontMatter', () => {
  test('splits header and body, with any line ends and a byte order mark', () => {
    for (const file of ['---\na: 1\n---\nbody\n', '\uFEFF---\r\na: 1\r\n---\r\nbody\n']) {
      const { header, body, fault } = readFrontMatter(file);
      expect({ header, body, fault }).toEqual({ header: { a: 1 }, body: 'body\n', fault: undefined });
    }
    expect(readFrontMatter('---\n---\nbody')).toMatchObject({ header: {}, body: 'body' });
    expect(readFrontMatter('---\na: x\n---')).toMatchObject({ header: { a: 'x' }, body: '' });
  });

  test.each(['no header', '# title\n---\na: 1\n---\n', '---\nnever closed', ''])('%j is all body', file => {
    expect(readFrontMatter(file)).toEqual({ header: {}, body: file });
  });

  test('a rule of dashes in the body does not end the header a second time', () => {
    expect(readFrontMatter('---\na: 1\n---\none\n---\ntwo').body).toBe('one\n---\ntwo');
  });

  test('a header that is no YAML gives its plain lines and says what is wrong', () => {
    const { header, body, fault } = readFrontMatter(
      '---\napplyTo: **/*.ts,**/*.tsx\ndescription: Rules: short ones\nname: "x"\n---\nbody',
    );
    expect(header).toEqual({
      applyTo: '**/*.ts,**/*.tsx',
      description: 'Rules: short ones',
      name: 'x',
    });
    expect(body).toBe('body');
    expect(fault).toBeTruthy();
  });

  test.each(['---\n- a\n- b\n---\nbody', '---\njust text\n---\nbody', '---\n42\n---\nbody'])(
    '%j has no fields',
    file => expect(readFrontMatter(file)).toMatchObject({ header: {}, body: 'body' }),
  );

  test('aliases that multiply are refused', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join()}]`)
      .join('\n')}`;
    const { fault } = readFrontMatter(`---\n${bomb}\n---\nbody`);
    expect(fault).toBeTruthy();
  });
});

test('a text field is a text, from the first name that has one', () => {
  expect(textField({ agent: '', mode: ' ask ' }, 'agent', 'mode')).toBe('ask');
  expect(textField({ name: 12 }, 'name')).toBe('12');
  expect(textField({ name: ['a'] }, 'name')).toBeUndefined();
});

test('a list field is a list, or a text with commas outside of braces', () => {
  expect(listField({ tools: ['a', ' b '] }, 'tools')).toEqual(['a', 'b']);
  expect(listField({ applyTo: '**/*.{ts,tsx}, docs/**' }, 'applyTo')).toEqual(['**/*.{ts,tsx}', 'docs/**']);
  expect(listField({}, 'tools')).toEqual([]);
  expect(listField({ tools: [1, null] }, 'tools')).toEqual([]);
});
