import { expect, test } from 'vitest';
import { problemsText } from '../../../extension/context/problems_text.ts';
import type { Problem } from '../../../extension/prompts/facts.ts';

const problem = (startLine: number, severity: Problem['severity'] = 'error'): Problem => ({
  severity,
  message: 'first\nsecond',
  startLine,
  endLine: startLine,
});

test('the file in front comes first, then errors, then paths and lines; hints are left out', () => {
  const files = [
    { path: 'a.ts', problems: [problem(9), problem(2), problem(1, 'warning')] },
    { path: 'b.ts', problems: [problem(5, 'information'), problem(1, 'hint')] },
  ];
  expect(problemsText(files, 'b.ts')).toEqual({
    text: [
      'b.ts:5: information: first second',
      'a.ts:2: error: first second',
      'a.ts:9: error: first second',
      'a.ts:1: warning: first second',
    ].join('\n'),
    count: 4,
    left: 0,
  });
});

test('a problem names who reports it; of very many the last are left', () => {
  const many = Array.from({ length: 201 }, (_, index) => ({
    ...problem(index + 1),
    source: 'ts',
    code: '2304',
  }));
  const { text, count, left } = problemsText([{ path: 'a.ts', problems: many }], undefined);
  expect(text.split('\n')[0]).toBe('a.ts:1: error: first second (ts 2304)');
  expect({ lines: text.split('\n').length, count, left }).toEqual({ lines: 200, count: 201, left: 1 });
});
