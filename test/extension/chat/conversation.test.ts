import { describe, expect, test } from 'vitest';
import {
  modelHistory,
  newConversation,
  shownText,
  thoughtOf,
  titleOf,
  type AssistantMessage,
  type Message,
  type UserMessage,
} from '../../../extension/chat/conversation.ts';

const user = (text: string): UserMessage => ({
  id: text,
  parent: null,
  createdAt: 0,
  role: 'user',
  useWorkspace: false,
  parts: [{ type: 'text', text }],
});
const answer = (...parts: AssistantMessage['parts']): AssistantMessage => ({
  id: 'a',
  parent: null,
  createdAt: 0,
  role: 'assistant',
  parts,
  status: 'done',
  sources: [],
  leftOut: [],
});
const history = (...messages: Message[]) => modelHistory(messages);

describe('what the model is told', () => {
  test('is each question and each answer, thoughts apart and tools left out', () => {
    expect(
      history(
        user('one'),
        answer(
          { type: 'thought', text: 'hm', startedAt: 0, tookMs: 1 },
          { type: 'toolCall', callId: 't', name: 'read', arguments: {} },
          { type: 'toolResult', callId: 't', text: 'secret', failed: false },
          { type: 'text', text: 'fine' },
        ),
        user('two'),
      ),
    ).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'fine', thinking: 'hm' },
      { role: 'user', content: 'two' },
    ]);
  });

  test('is no question that got no word of answer, but for the last question', () => {
    const thought = { type: 'thought', text: 'hm', startedAt: 0, tookMs: 1 } as const;
    expect(history(user('one'), answer(), user('two'), answer(thought), user('three'))).toEqual([
      { role: 'user', content: 'three' },
    ]);
  });

  test('names what is attached below the question', () => {
    const question: UserMessage = {
      ...user('Explain'),
      parts: [
        { type: 'attachment', kind: 'selection', name: 'a.ts:1-3', uri: 'file:///a.ts' },
        { type: 'text', text: 'Explain' },
      ],
    };
    expect(shownText(question)).toBe('Explain');
    expect(history(question)).toEqual([{ role: 'user', content: 'Explain\n\nAttached selection: a.ts:1-3' }]);
  });

  test('has the words for the model, where those that the user typed are others', () => {
    const question: UserMessage = { ...user('Explain the attached code.'), shown: '/explain' };
    expect(shownText(question)).toBe('/explain');
    expect(history(question)).toEqual([{ role: 'user', content: 'Explain the attached code.' }]);
  });

  test('has a summary before the next question', () => {
    const summary = { id: 's', parent: null, createdAt: 0, role: 'summary', of: 'x', text: 'short' } as const;
    const told = history(summary, user('one'), answer({ type: 'text', text: 'a' }), user('two'));
    expect(told.map(({ content }) => content)).toEqual([expect.stringMatching(/short[^]*one$/), 'a', 'two']);
  });
});

describe('the title of a conversation', () => {
  const titled = (...messages: Message[]) => titleOf({ ...newConversation(false), messages });

  test('is the first line of the first question, until the user gives one', () => {
    expect(titled()).toBe('');
    expect(titled(user('\n  Where is it?  \nAnd why?'))).toBe('Where is it?');
    expect(titled({ ...user('long text'), shown: '/fix this' })).toBe('/fix this');
    expect(titled(user('x'.repeat(200)))).toHaveLength(80);
    expect(titleOf({ ...newConversation(false), messages: [user('a')], title: 'Mine' })).toBe('Mine');
  });
});

describe('the thought of an answer', () => {
  const thought = (text: string, tookMs?: number) =>
    ({ type: 'thought', text, startedAt: 7, tookMs }) as const;
  const call = { type: 'toolCall', callId: 't', name: 'read', arguments: {} } as const;

  test('is all of its thoughts, with the time they took together', () => {
    expect(thoughtOf(answer())).toBeUndefined();
    expect(thoughtOf(answer(thought('a', 1), call, thought('b', 2)))).toEqual(thought('a\n\nb', 3));
  });

  test('goes on while the last one does', () => {
    expect(thoughtOf(answer(thought('a', 1), call, thought('b')))?.tookMs).toBeUndefined();
  });
});
