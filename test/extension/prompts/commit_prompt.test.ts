import { expect, test } from 'vitest';
import {
  commitMessageIn,
  commitQuestion,
  commitQuestionInStyle,
} from '../../../extension/prompts/commit_prompt.ts';

test.each([
  ['Add a parser', 'Add a parser'],
  ['  Add a parser  \n\nIt reads numbers. \n', 'Add a parser\n\nIt reads numbers.'],
  ['```\nAdd a parser\n```', 'Add a parser'],
  ['```text\nAdd a parser\n\nIt reads.\n```\nAnything else?', 'Add a parser\n\nIt reads.'],
  ['Here is the commit message:\n```\nAdd a parser\n```', 'Add a parser'],
  ['"Add a parser"', 'Add a parser'],
  ['Commit message: Add a parser', 'Add a parser'],
  ['**Commit message:** Add a parser', 'Add a parser'],
  ['Fix `read` and `write`', 'Fix `read` and `write`'],
  ['Use "a" in b\n\nBecause "c"', 'Use "a" in b\n\nBecause "c"'],
  ['', ''],
])('the message in %j is %j', (answer, message) => {
  expect(commitMessageIn(answer)).toBe(message);
});

test('a message that grows never shows its fence', () => {
  const answer = '```\nAdd a parser\n\nIt reads.\n```';
  for (let end = 4; end <= answer.length; end++) {
    const shown = commitMessageIn(answer.slice(0, end));
    expect('Add a parser\n\nIt reads.'.startsWith(shown.replace(/`+$/, '').trimEnd())).toBe(true);
    expect(shown.startsWith('`')).toBe(false);
  }
});

test('earlier subjects are an example of style', () => {
  expect(commitQuestionInStyle([])).toBe(commitQuestion);
  expect(commitQuestionInStyle(['feat: a', 'fix: b'])).toContain('- feat: a\n- fix: b');
});
