// What is kept when the budget is short.
import { phrase } from '../../../engine/protocol/phrase.ts';
import { expect, test } from 'vitest';
import { fitMessages, selectFiles } from '../../../engine/prompt/budget.ts';
import type { ChatMessage } from '../../../engine/protocol/chat.ts';

const file = (path: string, tokens: number, chars = tokens * 4) => ({
  path,
  chars,
  countTokens: () => tokens,
});

test('files are taken in order while they fit, and the rest is listed with its size', () => {
  const { included, leftOut, tokens } = selectFiles([file('a', 50), file('b', 60), file('c', 40)], 100);
  expect(included.map(f => f.path)).toEqual(['a', 'c']);
  expect(tokens).toBe(90);
  expect(leftOut).toEqual([{ path: 'b', reason: phrase`does not fit (${60} tokens)` }]);
});

test('a file that cannot fit is not tokenised', () => {
  const huge = { path: 'huge', chars: 1_000_000, countTokens: () => expect.unreachable() };
  expect(selectFiles([huge], 100).leftOut[0]?.reason.text).toBe('does not fit (about {0} tokens)');
});

const message = (role: ChatMessage['role'], content: string): ChatMessage => ({ role, content });
/** A token for each character. */
const promptOf = (messages: readonly ChatMessage[]) => ({
  ids: messages.flatMap(({ content }) => Array.from(content, char => char.charCodeAt(0))),
});

test('the oldest question goes with its answer, the system message and the last question stay', () => {
  const messages = [
    message('system', 'sssss'),
    message('user', 'aaaaa'),
    message('assistant', 'bbbbb'),
    message('user', 'ccccc'),
  ];
  const fitted = fitMessages(messages, { promptOf, contextTokensMax: 15, reserveTokens: 5 });
  expect(fitted.messages.map(m => m.content)).toEqual(['sssss', 'ccccc']);
  expect(fitted.dropped).toBe(2);
  expect(fitMessages(messages, { promptOf, contextTokensMax: 25, reserveTokens: 5 }).dropped).toBe(0);
});

test('a last message that does not fit alone stays alone, and is told of', () => {
  const fitted = fitMessages(
    [message('system', 'sss'), message('user', 'aaa'), message('user', 'x'.repeat(50))],
    { promptOf, contextTokensMax: 40, reserveTokens: 5 },
  );
  expect(fitted).toMatchObject({ fits: false, dropped: 1, wholeTokens: 56 });
  expect(fitted.prompt.ids).toHaveLength(53);
});

test('as few turns go as need be, counted a few times only', () => {
  const messages = [message('system', 's')];
  for (let i = 0; i < 200; i++) messages.push(message('user', 'uuuuu'), message('assistant', 'aaaaa'));
  messages.push(message('user', 'last'));
  let counted = 0;
  const counting = (list: readonly ChatMessage[]) => {
    counted++;
    return promptOf(list);
  };
  for (const kept of [0, 1, 7, 199, 200]) {
    counted = 0;
    const room = 1 + kept * 10 + 4;
    const fitted = fitMessages(messages, {
      promptOf: counting,
      contextTokensMax: room + 9,
      reserveTokens: 5,
    });
    expect(fitted.messages.length).toBe(2 + 2 * kept);
    expect(fitted.messages.at(1)?.role).toBe('user');
    expect(fitted.dropped).toBe(400 - 2 * kept);
    expect(counted).toBeLessThan(12);
  }
});

test('a conversation without a system message is shortened the same way', () => {
  const messages = [message('user', 'aaaaa'), message('assistant', 'bbbbb'), message('user', 'ccccc')];
  const fitted = fitMessages(messages, { promptOf, contextTokensMax: 8, reserveTokens: 1 });
  expect(fitted).toMatchObject({ messages: [messages[2]], prompt: promptOf([messages[2]!]), dropped: 2 });
});
