import { expect, test } from 'vitest';
import { branchTo, newestEnd, siblingsAlong } from '../../../extension/chat/branches.ts';
import { newConversation, type Conversation, type Message } from '../../../extension/chat/conversation.ts';

const message = (id: string, parent: string | null): Message => ({
  id,
  parent,
  createdAt: 0,
  role: 'user',
  useWorkspace: false,
  parts: [],
});
/**
 * a ─ b ─ c ─ d
 *      └─ e ─ f
 */
const tree: Conversation = {
  ...newConversation(false),
  messages: [
    message('a', null),
    message('b', 'a'),
    message('c', 'b'),
    message('d', 'c'),
    message('e', 'b'),
    message('f', 'e'),
  ],
  head: 'f',
};
const ids = (branch: Message[]) => branch.map(({ id }) => id).join('');

test('a branch goes from the first message to its end', () => {
  expect(ids(branchTo(tree))).toBe('abef');
  expect(ids(branchTo(tree, 'd'))).toBe('abcd');
  expect(branchTo({ ...tree, head: null })).toEqual([]);
});

test('a damaged tree has an end: no message comes twice', () => {
  const loop = { ...tree, messages: [message('a', 'b'), message('b', 'a')], head: 'b' };
  expect(ids(branchTo(loop))).toBe('ab');
});

test('messages of the same parent are branches of one place', () => {
  expect(Object.fromEntries(siblingsAlong(tree, branchTo(tree)))).toEqual({
    e: { ids: ['c', 'e'], index: 1 },
  });
});

test('a branch is shown to its newest end', () => {
  expect(newestEnd(tree, 'c')).toBe('d');
  expect(newestEnd(tree, 'a')).toBe('f');
  expect(newestEnd(tree, 'f')).toBe('f');
});
