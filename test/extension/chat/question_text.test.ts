import { expect, test } from 'vitest';
import { fenced, questionForModel } from '../../../extension/chat/question_text.ts';

test('words come first, then each attachment with its name in a fence of its own', () => {
  expect(
    questionForModel([
      { type: 'attachment', kind: 'file', name: 'a.md', languageId: 'markdown', text: 'x\n```\ny\n```\n' },
      { type: 'text', text: 'Explain ' },
      { type: 'attachment', kind: 'changes', name: 'staged changes', text: '+z' },
      { type: 'text', text: 'this.' },
    ]),
  ).toBe(
    'Explain this.\n\nAttached file: a.md\n````markdown\nx\n```\ny\n```\n````\n\nAttached changes: staged changes\n```\n+z\n```',
  );
});

test('an attachment without a text is named, and a question may be nothing but attachments', () => {
  expect(questionForModel([{ type: 'attachment', kind: 'file', name: 'a.ts' }])).toBe('Attached file: a.ts');
  expect(questionForModel([])).toBe('');
});

test('a fence is longer than any run of its sign in the text', () => {
  expect(fenced('a `b` c')).toBe('```\na `b` c\n```');
  expect(fenced('`````\n', 'ts')).toBe('``````ts\n`````\n``````');
});

test('the model is told what a thing is in words', () => {
  const heads = ['terminal', 'paste', 'symbol', 'folder', 'problems'].map(kind =>
    questionForModel([{ type: 'attachment', kind, name: 'x' }]),
  );
  expect(heads).toEqual([
    'Attached output of the terminal: x',
    'Attached text: x',
    'Attached code of the symbol: x',
    'Attached files of the folder: x',
    'Attached problems: x',
  ]);
});
