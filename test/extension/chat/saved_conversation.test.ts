import { describe, expect, test } from 'vitest';
import { errorCodes, type HearthErrorName } from '../../../engine/protocol/errors.ts';
import {
  textOf,
  thoughtOf,
  type AssistantMessage,
  type Conversation,
  type Message,
  type UserMessage,
} from '../../../extension/chat/conversation.ts';
import { restoreConversation, savedOf } from '../../../extension/chat/saved_conversation.ts';
import { turnView } from '../../../extension/chat/views.ts';
import { answerActions } from '../../../extension/remedies.ts';

const user = (id: string, text = 'q'): UserMessage => ({
  id,
  role: 'user',
  useWorkspace: false,
  parts: [{ type: 'text', text }],
});
const answer = (id: string, change: Partial<AssistantMessage> = {}): AssistantMessage => ({
  id,
  role: 'assistant',
  parts: [{ type: 'text', text: 'a' }],
  status: 'done',
  sources: [],
  leftOut: [],
  ...change,
});
const conversation = (...messages: Message[]): Conversation => ({ id: 'c', useWorkspace: true, messages });
/** What the editor's storage makes of a value. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const capped = (...messages: Message[]): Message[] => savedOf(conversation(...messages)).messages;

describe('kept conversation', () => {
  test('comes back as it was, with every kind of part', () => {
    const everything = conversation(
      {
        ...user('1'),
        parts: [
          { type: 'text', text: 'q' },
          { type: 'attachment', kind: 'file', name: 'a.ts', uri: 'file:///a.ts' },
        ],
      },
      answer('2', {
        parts: [
          { type: 'thought', text: 'hm', startedAt: 5, tookMs: 6 },
          { type: 'toolCall', callId: 't', name: 'read', arguments: { path: 'a.ts', lines: [1, 2] } },
          { type: 'toolResult', callId: 't', text: 'x', failed: false },
          { type: 'text', text: 'a' },
        ],
        sources: [{ path: 'a.ts', uri: 'file:///a.ts', startLine: 1, endLine: 3, origin: 'cited' }],
        leftOut: [{ path: 'b.bin', reason: 'not a text file' }],
        // An answer of one token has no speed.
        stats: { generatedTokens: 1, promptTokens: 2, reusedTokens: 0, firstTokenMs: 3 },
        cut: 'repetition',
      }),
      user('3'),
      answer('4', { status: 'failed', failure: { code: 'deviceLost', message: 'm', remedy: 'r' } }),
    );
    expect(savedOf(everything).version).toBe(1);
    expect(restoreConversation(stored(savedOf(everything)))).toEqual(everything);
  });

  test.each([
    undefined,
    null,
    'x',
    {},
    { version: 1, id: 'c', useWorkspace: true, messages: [{ role: 'robot' }] },
    { version: 2, id: 'c', useWorkspace: true, messages: [] },
    { id: 'c', useWorkspace: true, messages: [] },
    { conversationId: 'c', useWorkspace: true, turns: [{ role: 'robot' }] },
  ])('is none when damaged or of another version: %j', value => {
    expect(restoreConversation(value)).toBeUndefined();
  });

  test('counts an answer that was running as stopped, and its thought as ended', () => {
    const parts: AssistantMessage['parts'] = [{ type: 'thought', text: 'hm', startedAt: 5 }];
    const restored = restoreConversation(
      stored(savedOf(conversation(user('1'), answer('2', { status: 'running', parts })))),
    );
    expect(restored?.messages[1]).toMatchObject({
      status: 'stopped',
      parts: [{ type: 'thought', text: 'hm', startedAt: 5, tookMs: 0 }],
    });
  });

  test('is not lost for an error that this version does not know', () => {
    const failure = { code: 'somethingNew', message: 'm', remedy: 'r' };
    const restored = restoreConversation(
      stored({ version: 1, ...conversation(user('1'), { ...answer('2'), failure } as never) }),
    );
    expect(restored?.messages[1]).toMatchObject({ failure: { ...failure, code: 'internal' } });
  });

  test('drops the oldest thoughts when there are too many, and keeps their answers', () => {
    const text = 'x'.repeat(100_000);
    const kept = capped(
      ...['2', '4', '6'].flatMap(id => [
        user(`q${id}`),
        answer(id, {
          parts: [
            { type: 'thought', text, startedAt: 5, tookMs: 1 },
            { type: 'text', text: 'a' },
          ],
        }),
      ]),
    ).filter(message => message.role === 'assistant');
    expect(kept.map(textOf)).toEqual(['a', 'a', 'a']);
    expect(kept.map(message => thoughtOf(message)?.text.length)).toEqual([undefined, 100_000, 100_000]);
  });

  test('drops the oldest messages when there are too many, and begins with a question', () => {
    const kept = capped(
      ...Array.from({ length: 301 }, (_, index) => (index % 2 === 0 ? user(`${index}`) : answer(`${index}`))),
    );
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept[0]?.role).toBe('user');
    expect(kept.at(-1)?.id).toBe('300');
  });

  test('drops the oldest messages when they are too long', () => {
    const kept = capped(
      user('1', 'x'.repeat(400_000)),
      answer('2'),
      user('3', 'x'.repeat(200_000)),
      answer('4'),
    );
    expect(kept.map(message => message.id)).toEqual(['3', '4']);
  });
});

describe('a conversation kept before there were versions', () => {
  /** As earlier versions have written it: the turns of the page. */
  const turns = {
    conversationId: '0b5e2c7a-5f0f-4f0c-9a55-0d7a6f3f1b11',
    useWorkspace: true,
    turns: [
      { id: 'q1', role: 'user', text: 'Where is the parser?', useWorkspace: true },
      {
        id: 'a1',
        role: 'assistant',
        text: 'In `src/parser.ts`.',
        thinking: { startedAt: 1790000000000, tookMs: 1200, text: 'The user wants the parser.' },
        status: 'done',
        sources: [
          {
            label: 'src/parser.ts:10-42',
            path: 'src/parser.ts',
            uri: 'file:///sample/src/parser.ts',
            startLine: 10,
            endLine: 42,
            cited: true,
          },
          {
            label: 'src/a.ts:3',
            path: 'src/a.ts',
            uri: 'file:///sample/src/a.ts',
            startLine: 3,
            endLine: 3,
            cited: false,
          },
        ],
        leftOut: [{ path: 'assets/logo.png', reason: 'not a text file' }],
        stats: {
          tokensPerSecond: 23.456,
          generatedTokens: 512,
          promptTokens: 4100,
          reusedTokens: 3900,
          firstTokenMs: 240,
        },
        cut: 'length',
      },
      { id: 'q2', role: 'user', text: 'And strings?', useWorkspace: false },
      {
        id: 'a2',
        role: 'assistant',
        text: 'Strings are',
        status: 'failed',
        sources: [],
        leftOut: [],
        failure: {
          message: 'The prompt has 9 tokens, more than the context of 8.',
          remedy: 'Start a new chat.',
          actions: ['newChat', 'openSettings'],
        },
      },
    ],
  };

  test('is read, and shown as it was', () => {
    const restored = restoreConversation(stored(turns));
    expect(restored).toMatchObject({ id: turns.conversationId, useWorkspace: true });
    expect(restored?.messages[1]).toMatchObject({
      parts: [
        { type: 'thought', text: 'The user wants the parser.', startedAt: 1790000000000, tookMs: 1200 },
        { type: 'text', text: 'In `src/parser.ts`.' },
      ],
      sources: [{ path: 'src/parser.ts', origin: 'cited' }, { origin: 'ranked' }],
    });
    expect(stored(restored?.messages.map(message => turnView(message)))).toEqual(turns.turns);
  });

  test('is kept in the format of today from then on', () => {
    const restored = restoreConversation(stored(turns));
    if (!restored) return expect.fail('it was not read');
    expect(restoreConversation(stored(savedOf(restored)))).toEqual(restored);
  });

  test.each(['waiting', 'reading', 'streaming'])('an answer that was %s counts as stopped', status => {
    const running = {
      ...turns.turns[1],
      status,
      text: '',
      thinking: { text: 'hm', startedAt: 5 },
    };
    const restored = restoreConversation(stored({ ...turns, turns: [turns.turns[0], running] }));
    expect(restored?.messages[1]).toMatchObject({
      status: 'stopped',
      parts: [{ type: 'thought', text: 'hm', startedAt: 5, tookMs: 0 }],
    });
  });

  test('a failure of any error keeps its buttons', () => {
    for (const code of Object.keys(errorCodes) as HearthErrorName[]) {
      const failure = { message: 'm', remedy: 'r', actions: answerActions(code) };
      const restored = restoreConversation({ ...turns, turns: [{ ...turns.turns[3], failure }] });
      expect(
        restored?.messages.map(message => turnView(message)),
        code,
      ).toMatchObject([{ failure }]);
    }
  });
});
