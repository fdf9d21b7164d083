import { describe, expect, test } from 'vitest';
import { errorCodes, type HearthErrorName } from '../../../../engine/protocol/errors.ts';
import type { Message } from '../../../../extension/chat/conversation.ts';
import { readEarlier } from '../../../../extension/chat/history/earlier_formats.ts';
import { turnView } from '../../../../extension/chat/views.ts';
import { answerActions } from '../../../../extension/remedies.ts';

/** What the editor's storage makes of a value. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test.each([
  undefined,
  null,
  'x',
  {},
  { version: 1, id: 'c', useWorkspace: true, messages: [{ role: 'robot' }] },
  { version: 9, id: 'c', useWorkspace: true, messages: [] },
  { id: 'c', useWorkspace: true, messages: [] },
  { conversationId: 'c', useWorkspace: true, turns: [{ role: 'robot' }] },
])('what is damaged or of another version is no conversation: %j', value => {
  expect(readEarlier(value)).toBeUndefined();
});

test('messages in a row become one branch', () => {
  const version1 = {
    version: 1,
    id: 'c',
    useWorkspace: true,
    messages: [
      { id: '1', role: 'user', useWorkspace: false, parts: [{ type: 'text', text: 'q' }] },
      {
        id: '2',
        role: 'assistant',
        parts: [{ type: 'text', text: 'half' }],
        status: 'running',
        sources: [],
        leftOut: [],
      },
    ],
  };
  expect(readEarlier(stored(version1))).toMatchObject({
    id: 'c',
    useWorkspace: true,
    head: '2',
    messages: [
      { id: '1', parent: null },
      { id: '2', parent: '1', status: 'interrupted', parts: [{ text: 'half' }] },
    ],
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
    const restored = readEarlier(stored(turns));
    expect(restored).toMatchObject({ id: turns.conversationId, useWorkspace: true });
    expect(restored?.messages[1]).toMatchObject({
      parts: [
        { type: 'thought', text: 'The user wants the parser.', startedAt: 1790000000000, tookMs: 1200 },
        { type: 'text', text: 'In `src/parser.ts`.' },
      ],
      sources: [{ path: 'src/parser.ts', origin: 'cited' }, { origin: 'ranked' }],
    });
    const shown = restored?.messages.map((message: Message) => turnView(message));
    expect(shown).toMatchObject(turns.turns);
  });

  test.each(['waiting', 'reading', 'streaming'])('an answer that was %s counts as interrupted', status => {
    const running = {
      ...turns.turns[1],
      status,
      text: '',
      thinking: { text: 'hm', startedAt: 5 },
    };
    const restored = readEarlier(stored({ ...turns, turns: [turns.turns[0], running] }));
    expect(restored?.messages[1]).toMatchObject({
      status: 'interrupted',
      parts: [{ type: 'thought', text: 'hm', startedAt: 5, tookMs: 0 }],
    });
  });

  test('a failure of any error keeps its buttons', () => {
    for (const code of Object.keys(errorCodes) as HearthErrorName[]) {
      const failure = { message: 'm', remedy: 'r', actions: answerActions(code) };
      const restored = readEarlier({ ...turns, turns: [{ ...turns.turns[3], failure }] });
      expect(
        restored?.messages.map(message => turnView(message)),
        code,
      ).toMatchObject([{ failure }]);
    }
  });
});
