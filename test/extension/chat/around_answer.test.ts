// What stands around an answer: questions, what is attached to them, and code of answers, up to it.
import { expect, test } from 'vitest';
import { aroundAnswer } from '../../../extension/chat/around_answer.ts';
import { newConversation, type Conversation, type Message } from '../../../extension/chat/conversation.ts';

const text = (words: string) => ({ type: 'text' as const, text: words });
const asked = (id: string, parent: string | null, words: string, useWorkspace: boolean): Message => ({
  id,
  parent,
  createdAt: 0,
  role: 'user',
  useWorkspace,
  parts: [text(words)],
  instructions: `rules of ${id}`,
});
const answered = (id: string, parent: string, words: string): Message => ({
  id,
  parent,
  createdAt: 0,
  role: 'assistant',
  parts: [text(words)],
  status: 'done',
  sources: [],
  leftOut: [],
});
const conversation: Conversation = {
  ...newConversation(true),
  messages: [
    asked('q1', null, 'first', true),
    answered('a1', 'q1', 'See `inSpan`:\n\n```ts\nconst inFence = 1;\n```\n\n~~~\nother\n~~~\nend'),
    asked('q2', 'a1', 'second', false),
    answered('a2', 'q2', '> ```\n> quoted\n> ```\n\n````md\n```\ninner\n```\n````\n\n```py\nopen'),
  ],
  head: 'a2',
};

test('of the first answer', () => {
  expect(aroundAnswer(conversation, 'a1')).toEqual({
    useWorkspace: true,
    texts: ['first', 'rules of q1', 'const inFence = 1;\n', 'other\n'],
  });
});

test('of a later one, with all that was said before', () => {
  const { useWorkspace, texts } = aroundAnswer(conversation, 'a2');
  expect(useWorkspace).toBe(false);
  expect(texts).toContain('const inFence = 1;\n');
  expect(texts.join('')).toContain('quoted');
  expect(texts.join('')).toContain('inner');
  expect(texts.at(-1)).toBe('open');
});

test('of an answer that is not there, nothing', () => {
  expect(aroundAnswer(conversation, 'gone')).toEqual({ useWorkspace: false, texts: [] });
});
