import { expect, test } from 'vitest';
import { inEnglish } from '../../../../engine/protocol/phrase.ts';
import { newConversation, type Conversation } from '../../../../extension/chat/conversation.ts';
import { asJson, asMarkdown, fileName, fromJson } from '../../../../extension/chat/history/export.ts';

const place = (id: string, parent: string | null) => ({ id, parent, createdAt: 1 });
const conversation: Conversation = {
  ...newConversation(true),
  messages: [
    {
      ...place('q', null),
      role: 'user',
      useWorkspace: false,
      shown: '/explain',
      parts: [
        { type: 'text', text: 'Explain the attached code.' },
        { type: 'attachment', kind: 'file', name: 'a.ts', uri: 'file:///a.ts', text: 'let a;' },
      ],
    },
    {
      ...place('a1', 'q'),
      role: 'assistant',
      parts: [
        { type: 'thought', text: 'Hm.', startedAt: 1, tookMs: 1 },
        { type: 'text', text: 'A **variable**.' },
      ],
      status: 'done',
      sources: [],
      leftOut: [],
    },
    {
      ...place('a2', 'q'),
      role: 'assistant',
      parts: [{ type: 'text', text: 'Something else.' }],
      status: 'done',
      sources: [],
      leftOut: [],
    },
  ],
  head: 'a1',
  branchNames: { a1: 'first' },
};

test('Markdown has the shown branch, as the user has seen it', () => {
  expect(asMarkdown(conversation)).toBe(
    '# /explain\n\n## You\n\n/explain\n\n- a.ts\n\n## Hearth\n\n' +
      '<details><summary>Thought</summary>\n\nHm.\n\n</details>\n\nA **variable**.\n',
  );
  const summary = { ...place('s', null), role: 'summary', of: 'a1', text: 'Short.' } as const;
  expect(asMarkdown({ ...conversation, messages: [summary], head: 's' })).toContain(
    'said before\n\nShort.\n',
  );
});

test('JSON comes back with every branch, as a conversation of its own', () => {
  const read = fromJson(asJson(conversation));
  if ('fault' in read) return expect.fail(inEnglish(read.fault));
  const { id, ...imported } = read.conversation;
  expect(id).not.toBe(conversation.id);
  expect({ ...imported, id: conversation.id }).toEqual(conversation);
});

test.each([
  ['{', 'not JSON'],
  ['null', 'no list of entries'],
  ['{"entries":{}}', 'no list of entries'],
  ['{"entries":[null,1,{"type":"message"}]}', 'no message'],
])('another file is none: %s', (text, fault) => {
  expect(fromJson(text)).toMatchObject({ fault: { text: expect.stringContaining(fault) } });
});

test('a file is named after the conversation, by letters and digits only', () => {
  const named = (title: string | undefined) => fileName({ ...conversation, title });
  expect(named('Wo ist "orderTotal"? / 어디')).toBe('Wo-ist-orderTotal-어디');
  expect(named('../..')).toBe('conversation');
  expect(named('x'.repeat(99))).toHaveLength(60);
});

test('what was pasted is in no file, and so its text is in the Markdown', () => {
  const [question, ...others] = conversation.messages;
  if (question?.role !== 'user') throw new Error('the first message is a question');
  const pasted = { type: 'attachment', kind: 'paste', name: 'a <b>', uri: '', text: '```\nx\n```' } as const;
  const markdown = asMarkdown({
    ...conversation,
    messages: [{ ...question, parts: [...question.parts, pasted] }, ...others],
  });
  expect(markdown).toContain('- a.ts\n- a <b>');
  expect(markdown).toContain('<summary>a &lt;b></summary>\n\n````\n```\nx\n```\n````\n\n</details>');
  expect(markdown).not.toContain('let a;');
});
