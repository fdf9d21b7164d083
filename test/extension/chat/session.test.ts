import { describe, expect, test, vi } from 'vitest';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { errors, type HearthError } from '../../../engine/protocol/errors.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import {
  textOf,
  thoughtOf,
  type AssistantMessage,
  type Thought,
} from '../../../extension/chat/conversation.ts';
import type { SavedConversation } from '../../../extension/chat/saved_conversation.ts';
import {
  ChatSession,
  type ChatSessionDeps,
  type ConversationEvent,
  type ExpandedQuestion,
  cancelGraceMs,
} from '../../../extension/chat/session.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import { fakeAnswer, FakeEngine, fakeStats, settle, silentLog } from '../../fakes/fake_engine.ts';

function setUp(
  prepare: (engine: FakeEngine) => void = () => undefined,
  more: Partial<ChatSessionDeps> = {},
  kept?: unknown,
) {
  const engines: FakeEngine[] = [];
  const supervisor = new EngineSupervisor({
    launch: async () => {
      const engine = new FakeEngine();
      prepare(engine);
      engines.push(engine);
      return engine.running();
    },
    model: () => ({ path: '/a.gguf', contextTokensMax: 0 }),
    clientVersion: '0',
    log: silentLog,
    wait: async () => undefined,
  });
  const store: { saved: SavedConversation | undefined } = { saved: undefined };
  const shown: HearthError[] = [];
  const session = new ChatSession({
    engine: supervisor,
    workspace: { ensure: async () => 'project' },
    settings: () => ({ sampling: { temperature: 0 }, maxTokens: 50, think: undefined, useWorkspace: true }),
    storage: { load: () => kept, save: saved => (store.saved = structuredClone(saved)) },
    showError: error => shown.push(error),
    ...more,
  });
  const events: ConversationEvent[] = [];
  session.onEvent(event => events.push(structuredClone(event)));
  const last = (): AssistantMessage =>
    session.conversation.messages.findLast(message => message.role === 'assistant') as AssistantMessage;
  const lastText = (): string => textOf(last());
  const lastThought = (): Thought | undefined => thoughtOf(last());
  return { session, engines, store, shown, events, last, lastText, lastThought };
}
const text = (delta: (piece: { kind: 'text'; text: string }) => void, piece: string): void =>
  delta({ kind: 'text', text: piece });

describe('chat session', () => {
  test('sends the question with the settings and shows the answer as it comes', async () => {
    const { session, engines, events, last } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'prefill', doneTokens: 1, totalTokens: 2 });
        text(delta, 'Hel');
        text(delta, 'lo');
        return fakeAnswer('Hello', {
          sources: [{ path: 'a.ts', uri: 'file:///a.ts', startLine: 1, endLine: 3, origin: 'cited' }],
          leftOut: [{ path: 'b.ts', reason: 'no room' }],
        });
      };
    });
    await session.submit('Hi', false);
    expect(engines[0]?.chats[0]).toMatchObject({
      messages: [{ role: 'user', content: 'Hi' }],
      sampling: { temperature: 0 },
      maxTokens: 50,
    });
    expect(engines[0]?.chats[0]?.workspace).toBeUndefined();
    expect(events.map(event => event.type)).toEqual([
      'message',
      'message',
      'busy',
      'reading',
      'text',
      'text',
      'context',
      'message',
      'busy',
    ]);
    expect(last()).toMatchObject({
      parts: [{ type: 'text', text: 'Hello' }],
      status: 'done',
      sources: [{ path: 'a.ts', startLine: 1, endLine: 3, origin: 'cited' }],
      leftOut: [{ path: 'b.ts' }],
      stats: { tokensPerSecond: 20 },
    });
    expect(session.reading).toBeUndefined();
    expect(session.busy).toBe(false);
    expect(session.context).toEqual({ usedTokens: fakeStats.contextTokens, maxTokens: 4096 });
    expect(session.hasSource('file:///a.ts')).toBe(true);
    expect(session.hasSource('file:///etc/passwd')).toBe(false);
  });

  test('knows how long the context is before an answer, and how full it is after one', async () => {
    const { session } = setUp();
    session.setContext(4096);
    expect(session.context).toEqual({ usedTokens: 0, maxTokens: 4096 });
    await session.submit('Hi', false);
    session.setContext(8192);
    expect(session.context).toEqual({ usedTokens: fakeStats.contextTokens, maxTokens: 8192 });
    session.newChat();
    expect(session.context).toEqual({ usedTokens: 0, maxTokens: 8192 });
  });

  test('keeps what the model thought apart from what it said, and tells it apart', async () => {
    const { session, engines, events, last, lastThought } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'thinking', text: 'Hm' });
        delta({ kind: 'thinking', text: ', 4.' });
        text(delta, 'Four');
        return fakeAnswer('Four.', { thinking: 'Hm, 4.' });
      };
    });
    await session.submit('2+2?', false);
    expect(last()).toMatchObject({
      parts: [
        { type: 'thought', text: 'Hm, 4.' },
        { type: 'text', text: 'Four.' },
      ],
      status: 'done',
    });
    expect(lastThought()?.tookMs).toBeGreaterThanOrEqual(0);
    expect(events.map(event => event.type).slice(3, 7)).toEqual(['thought', 'thought', 'message', 'text']);
    await session.submit('And 3+3?', false);
    expect(engines[0]?.chats[1]?.messages).toEqual([
      { role: 'user', content: '2+2?' },
      { role: 'assistant', content: 'Four.', thinking: 'Hm, 4.' },
      { role: 'user', content: 'And 3+3?' },
    ]);
  });

  test('a stop in the middle of a thought keeps it, and the model is not told of a question without an answer', async () => {
    const { session, engines, last, lastThought, store } = setUp(engine => {
      engine.onChat = (_params, delta, token) =>
        new Promise(resolve => {
          delta({ kind: 'thinking', text: 'half a th' });
          token.onCancellationRequested(() =>
            resolve(fakeAnswer('', { thinking: 'half a th', finishReason: 'cancelled' })),
          );
        });
    });
    const answer = session.submit('go', false);
    await vi.waitFor(() => expect(lastThought()?.text).toBe('half a th'));
    expect(lastThought()?.tookMs).toBeUndefined();
    session.stop();
    await answer;
    expect(last()).toMatchObject({ parts: [{ type: 'thought', text: 'half a th' }], status: 'stopped' });
    expect(lastThought()?.tookMs).toBeGreaterThanOrEqual(0);
    expect(store.saved?.messages[1]).toMatchObject({ parts: [{ type: 'thought', text: 'half a th' }] });
    const next = session.submit('again', false);
    await vi.waitFor(() => expect(engines[0]?.chats.length).toBe(2));
    session.stop();
    await next;
    expect(engines[0]?.chats[1]?.messages).toEqual([{ role: 'user', content: 'again' }]);
  });

  test('an engine that dies while the model thinks leaves the thought', async () => {
    const { session, last, lastThought } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'thinking', text: 'hm' });
        throw errors.gpuError('lost');
      };
    });
    await session.submit('go', false);
    expect(last()).toMatchObject({ status: 'failed', parts: [{ type: 'thought', text: 'hm' }] });
    expect(lastThought()?.tookMs).toBeGreaterThanOrEqual(0);
  });

  test.each([undefined, true, false])('asks the model to think as the settings say: %s', async think => {
    const settings = () => ({ sampling: {}, maxTokens: 50, think, useWorkspace: false });
    const { session, engines } = setUp(undefined, { settings });
    await session.submit('Hi', false);
    expect(engines[0]?.chats[0]?.think).toBe(think);
  });

  test('names the workspace only when asked to use it', async () => {
    const { session, engines } = setUp();
    await session.submit('with', true);
    await session.submit('without', false);
    expect(engines[0]?.chats.map(chat => chat.workspace)).toEqual(['project', undefined]);
  });

  test('sends the whole conversation, and nothing of it after a new chat', async () => {
    const { session, engines, events } = setUp();
    await session.submit('one', false);
    await session.submit('two', false);
    session.newChat();
    await session.submit('three', false);
    const [, second, third] = engines[0]?.chats ?? [];
    expect(second?.messages.map(message => message.content)).toEqual(['one', 'hello', 'two']);
    expect(third?.messages.map(message => message.content)).toEqual(['three']);
    expect(events.map(event => event.type)).toContain('cleared');
  });

  test('stops an answer and keeps what it said', async () => {
    const { session, last, lastText } = setUp(engine => {
      engine.onChat = (_params, delta, token) =>
        new Promise(resolve => {
          text(delta, 'part');
          token.onCancellationRequested(() => resolve(fakeAnswer('part', { finishReason: 'cancelled' })));
        });
    });
    const answer = session.submit('go', false);
    await vi.waitFor(() => expect(lastText()).toBe('part'));
    session.stop();
    await answer;
    expect(last().status).toBe('stopped');
    expect(lastText()).toBe('part');
    expect(session.busy).toBe(false);
  });

  test('stops for the user even when the engine never notices', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { session, last, lastText } = setUp(engine => {
        engine.onChat = (_params, delta) => {
          text(delta, 'part');
          return new Promise(() => undefined);
        };
      });
      const answer = session.submit('go', false);
      await settle();
      session.stop();
      await settle();
      expect(session.busy).toBe(true);
      await vi.advanceTimersByTimeAsync(cancelGraceMs);
      await answer;
      expect(last().status).toBe('stopped');
      expect(lastText()).toBe('part');
    } finally {
      vi.useRealTimers();
    }
  });

  test('stops while the engine is still starting', async () => {
    const { session, last } = setUp(engine => {
      engine.onLoad = () => new Promise(() => undefined);
    });
    const answer = session.submit('go', false);
    await settle();
    session.stop();
    await answer;
    expect(last()).toMatchObject({ parts: [], status: 'stopped' });
  });

  test('keeps the partial text and the conversation when the engine dies, and retries in place', async () => {
    let round = 0;
    const { session, engines, last, lastText } = setUp(engine => {
      engine.onChat = async (params, delta) => {
        round += 1;
        if (round !== 2) return fakeAnswer(`answer to ${params.messages.at(-1)?.content}`);
        text(delta, 'half an');
        void settle().then(() => engine.crash());
        return new Promise(() => undefined);
      };
    });
    await session.submit('one', false);
    await session.submit('two', false);
    expect(last()).toMatchObject({ status: 'failed', failure: { code: 'engineExited' } });
    expect(lastText()).toBe('half an');
    const failedId = last().id;
    await session.retry(failedId);
    expect(engines).toHaveLength(2);
    expect(last()).toMatchObject({ id: failedId, status: 'done' });
    expect(lastText()).toBe('answer to two');
    expect(last().failure).toBeUndefined();
    expect(session.conversation.messages).toHaveLength(4);
    expect(engines[1]?.chats[0]?.messages.map(message => message.content)).toEqual([
      'one',
      'answer to one',
      'two',
    ]);
  });

  test('asks an earlier question again as a new one', async () => {
    const { session, engines } = setUp();
    await session.submit('one', false);
    const [, first] = session.conversation.messages;
    await session.submit('two', false);
    await session.retry(first?.id);
    const questions = session.conversation.messages.filter(message => message.role === 'user');
    expect(questions.map(textOf)).toEqual(['one', 'two', 'one']);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(3);
    expect(engines[0]?.chats).toHaveLength(3);
  });

  test('leaves a question without an answer out of what the model is told later', async () => {
    let fail = true;
    const { session, engines } = setUp(engine => {
      engine.onChat = async () => {
        if (fail) throw errors.contextFull(9, 8);
        return fakeAnswer('fine');
      };
    });
    await session.submit('too much', false);
    fail = false;
    await session.submit('less', false);
    expect(engines[0]?.chats[1]?.messages).toEqual([{ role: 'user', content: 'less' }]);
  });

  test('names the error of a failed answer, with what helps', async () => {
    const { session, last } = setUp(engine => {
      engine.onChat = async () => {
        throw errors.contextFull(9, 8);
      };
    });
    await session.submit('much', false);
    const { code, message, remedy } = errors.contextFull(9, 8);
    expect(last().failure).toEqual({ code, message, remedy });
  });

  test('fails an answer when the workspace cannot be read', async () => {
    const { session, last } = setUp(undefined, {
      workspace: {
        ensure: async () => {
          throw errors.internal('no files');
        },
      },
    });
    await session.submit('where', true);
    expect(last().status).toBe('failed');
    expect(session.busy).toBe(false);
  });

  test('gives text back that cannot be sent now', async () => {
    const { session, events, shown } = setUp(engine => {
      engine.onChat = () => new Promise(() => undefined);
    });
    void session.submit('first', false);
    await session.submit('second', true);
    expect(events.at(-1)).toEqual({ type: 'input', text: 'second', useWorkspace: true });
    expect(shown).toEqual([]);
  });

  test('sends what a command stands for, keeps what was typed, and asks it again', async () => {
    const { session, engines, events } = setUp();
    const question: ExpandedQuestion = {
      shown: '/fix',
      parts: [
        { type: 'text', text: 'Fix the attached code.' },
        { type: 'attachment', kind: 'selection', name: 'a.ts:1', uri: 'file:///a.ts', text: 'code' },
      ],
      notes: ['It was cut.'],
    };
    await session.submitExpanded(question, false);
    const content = 'Fix the attached code.\n\nAttached selection: a.ts:1\n```\ncode\n```';
    expect(engines[0]?.chats[0]?.messages).toEqual([{ role: 'user', content }]);
    const [first] = session.conversation.messages;
    expect(first).toMatchObject({ shown: '/fix', notes: ['It was cut.'] });
    await session.submit('and now?', false);
    await session.retry(first?.id);
    expect(session.conversation.messages.at(-2)).toMatchObject({ shown: '/fix', notes: ['It was cut.'] });
    expect(engines[0]?.chats[2]?.messages.at(-1)).toEqual({ role: 'user', content });

    const tooLong = {
      ...question,
      parts: [{ type: 'text' as const, text: 'x'.repeat(limits.messageCharsMax + 1) }],
    };
    await session.submitExpanded(tooLong, false);
    expect(events.at(-1)).toEqual({ type: 'input', text: '/fix', useWorkspace: false });
    expect(engines[0]?.chats).toHaveLength(3);
  });

  test('names a message that is too long and gives it back', async () => {
    const { session, events, shown } = setUp();
    const long = 'x'.repeat(limits.messageCharsMax + 1);
    await session.submit(long, false);
    expect(shown[0]?.code).toBe('messageTooLong');
    expect(events).toEqual([{ type: 'input', text: long, useWorkspace: false }]);
    expect(session.conversation.messages).toEqual([]);
  });

  test('forgets a running answer on a new chat, however late it comes', async () => {
    let finish: () => void = () => undefined;
    const { session, events } = setUp(engine => {
      engine.onChat = (_params, delta) =>
        new Promise(resolve => {
          finish = () => {
            text(delta, 'late');
            resolve(fakeAnswer('late'));
          };
        });
    });
    const answer = session.submit('go', false);
    await settle();
    session.newChat();
    events.length = 0;
    finish();
    await answer;
    expect(session.conversation.messages).toEqual([]);
    expect(session.busy).toBe(false);
    expect(events).toEqual([]);
  });

  test('restores the conversation of the last window', async () => {
    const before = setUp();
    await before.session.submit('one', true);
    const after = setUp(undefined, {}, before.store.saved);
    expect(after.session.conversation).toEqual(before.session.conversation);
    await after.session.submit('two', true);
    expect(after.engines[0]?.chats[0]?.messages.map(message => message.content)).toEqual([
      'one',
      'hello',
      'two',
    ]);
  });

  test('keeps the question at once, so that a dying window loses nothing', async () => {
    const { session, store } = setUp(engine => {
      engine.onChat = () => new Promise(() => undefined);
    });
    void session.submit('precious', false);
    await settle();
    expect(store.saved?.messages[0]).toMatchObject({
      role: 'user',
      parts: [{ type: 'text', text: 'precious' }],
    });
  });

  test('cancels the reading of the workspace with the answer', async () => {
    let seen: CancellationToken | undefined;
    const { session, last } = setUp(undefined, {
      workspace: {
        ensure: token =>
          new Promise(resolve => {
            seen = token;
            token.onCancellationRequested(() => resolve(undefined));
          }),
      },
    });
    const answer = session.submit('where', true);
    await vi.waitFor(() => expect(seen).toBeDefined());
    session.stop();
    await answer;
    expect(last().status).toBe('stopped');
  });
});
