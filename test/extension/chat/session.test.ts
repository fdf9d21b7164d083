import { describe, expect, test, vi } from 'vitest';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { errors, type HearthError } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import {
  textOf,
  thoughtOf,
  newConversation,
  type AssistantMessage,
  type Conversation,
  type Thought,
} from '../../../extension/chat/conversation.ts';
import { replay, toLines, type LogEntry } from '../../../extension/chat/history/log_entry.ts';
import {
  ChatSession,
  type ChatSessionDeps,
  type ConversationEvent,
  type Question,
  cancelGraceMs,
} from '../../../extension/chat/session.ts';
import type { Measured } from '../../../extension/context/gauge.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import {
  fakeAnswer,
  FakeEngine,
  fakeMeasure,
  fakeStats,
  noGauge,
  settle,
  silentLog,
} from '../../fakes/fake_engine.ts';

function setUp(
  prepare: (engine: FakeEngine) => void = () => undefined,
  more: Partial<ChatSessionDeps> = {},
  conversation: Conversation = newConversation(true),
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
  let log = '';
  const shown: HearthError[] = [];
  const session = new ChatSession(conversation, {
    engine: supervisor,
    workspace: { ensure: async () => 'project' },
    settings: () => ({ sampling: { temperature: 0 }, maxTokens: 50, think: undefined, useWorkspace: true }),
    record: (_id, entries) => (log += toLines(entries)),
    claim: async () => true,
    gauge: noGauge,
    showError: error => shown.push(error),
    ...more,
  });
  const events: ConversationEvent[] = [];
  session.onEvent(event => events.push(structuredClone(event)));
  const last = (): AssistantMessage =>
    session.conversation.messages.findLast(message => message.role === 'assistant') as AssistantMessage;
  const lastText = (): string => textOf(last());
  const lastThought = (): Thought | undefined => thoughtOf(last());
  /** What another window, or the next one, reads from the log. */
  const kept = (): Conversation | undefined => replay(log.split('\n'));
  return { session, supervisor, engines, kept, shown, events, last, lastText, lastThought };
}
const ask = (session: ChatSession, words: string, useWorkspace: boolean): Promise<void> =>
  session.submit({ useWorkspace, parts: [{ type: 'text', text: words }] });
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
          sources: [
            { path: 'a.ts', uri: 'file:///a.ts', startLine: 1, endLine: 3, origin: 'cited', seen: 'whole' },
          ],
          seenWhole: 2,
          leftOut: [{ path: 'b.ts', reason: phrase`no room`, excerpt: true }],
        });
      };
    });
    await ask(session, 'Hi', false);
    expect(engines[0]?.chats[0]).toMatchObject({
      messages: [{ role: 'user', content: 'Hi' }],
      sampling: { temperature: 0 },
      maxTokens: 50,
    });
    expect(engines[0]?.chats[0]?.workspace).toBeUndefined();
    expect(events.map(event => event.type)).toEqual([
      'message',
      'title',
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
      sources: [{ path: 'a.ts', startLine: 1, endLine: 3, origin: 'cited', seen: 'whole' }],
      seenWhole: 2,
      leftOut: [{ path: 'b.ts', reason: 'no room', excerpt: true }],
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
    await ask(session, 'Hi', false);
    session.setContext(8192);
    expect(session.context).toEqual({ usedTokens: fakeStats.contextTokens, maxTokens: 8192 });
  });

  test('keeps what the model thought apart from what it said, and tells it apart', async () => {
    const { session, engines, events, last, lastThought } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'thinking', text: 'Hm', tokens: 1 });
        delta({ kind: 'thinking', text: ', 4.', tokens: 1 });
        text(delta, 'Four');
        return fakeAnswer('Four.', { thinking: 'Hm, 4.' });
      };
    });
    await ask(session, '2+2?', false);
    expect(last()).toMatchObject({
      parts: [
        { type: 'thought', text: 'Hm, 4.' },
        { type: 'text', text: 'Four.' },
      ],
      status: 'done',
    });
    expect(lastThought()?.tookMs).toBeGreaterThanOrEqual(0);
    expect(events.map(event => event.type).slice(4, 8)).toEqual(['thought', 'thought', 'message', 'text']);
    await ask(session, 'And 3+3?', false);
    expect(engines[0]?.chats[1]?.messages).toEqual([
      { role: 'user', content: '2+2?' },
      { role: 'assistant', content: 'Four.', thinking: 'Hm, 4.' },
      { role: 'user', content: 'And 3+3?' },
    ]);
  });

  test('a stop in the middle of a thought keeps it, and the model is not told of a question without an answer', async () => {
    const { session, engines, last, lastThought, kept } = setUp(engine => {
      engine.onChat = (_params, delta, token) =>
        new Promise(resolve => {
          delta({ kind: 'thinking', text: 'half a th', tokens: 1 });
          token.onCancellationRequested(() =>
            resolve(fakeAnswer('', { thinking: 'half a th', finishReason: 'cancelled' })),
          );
        });
    });
    const answer = ask(session, 'go', false);
    await vi.waitFor(() => expect(lastThought()?.text).toBe('half a th'));
    expect(lastThought()?.tookMs).toBeUndefined();
    session.stop();
    await answer;
    expect(last()).toMatchObject({ parts: [{ type: 'thought', text: 'half a th' }], status: 'stopped' });
    expect(lastThought()?.tookMs).toBeGreaterThanOrEqual(0);
    expect(kept()?.messages[1]).toMatchObject({ parts: [{ type: 'thought', text: 'half a th' }] });
    const next = ask(session, 'again', false);
    await vi.waitFor(() => expect(engines[0]?.chats.length).toBe(2));
    session.stop();
    await next;
    expect(engines[0]?.chats[1]?.messages).toEqual([{ role: 'user', content: 'again' }]);
  });

  test('an engine that dies while the model thinks leaves the thought', async () => {
    const { session, last, lastThought } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'thinking', text: 'hm', tokens: 1 });
        throw errors.gpuError('lost');
      };
    });
    await ask(session, 'go', false);
    expect(last()).toMatchObject({ status: 'failed', parts: [{ type: 'thought', text: 'hm' }] });
    expect(lastThought()?.tookMs).toBeGreaterThanOrEqual(0);
  });

  test.each([undefined, true, false])('asks the model to think as the settings say: %s', async think => {
    const settings = () => ({ sampling: {}, maxTokens: 50, think, useWorkspace: false });
    const { session, engines } = setUp(undefined, { settings });
    await ask(session, 'Hi', false);
    expect(engines[0]?.chats[0]?.think).toBe(think);
  });

  test('names the workspace only when asked to use it', async () => {
    const { session, engines } = setUp();
    await ask(session, 'with', true);
    await ask(session, 'without', false);
    expect(engines[0]?.chats.map(chat => chat.workspace)).toEqual(['project', undefined]);
  });

  test('sends the whole conversation', async () => {
    const { session, engines } = setUp();
    await ask(session, 'one', false);
    await ask(session, 'two', false);
    expect(engines[0]?.chats[1]?.messages.map(message => message.content)).toEqual(['one', 'hello', 'two']);
  });

  test('stops an answer and keeps what it said', async () => {
    const { session, last, lastText } = setUp(engine => {
      engine.onChat = (_params, delta, token) =>
        new Promise(resolve => {
          text(delta, 'part');
          token.onCancellationRequested(() => resolve(fakeAnswer('part', { finishReason: 'cancelled' })));
        });
    });
    const answer = ask(session, 'go', false);
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
      const answer = ask(session, 'go', false);
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
    const answer = ask(session, 'go', false);
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
    await ask(session, 'one', false);
    await ask(session, 'two', false);
    expect(last()).toMatchObject({ status: 'failed', failure: { code: 'engineExited' } });
    expect(lastText()).toBe('half an');
    const failedId = last().id;
    await session.retry(failedId);
    expect(engines).toHaveLength(2);
    expect(last().status).toBe('done');
    expect(last().failure).toBeUndefined();
    expect(lastText()).toBe('answer to two');
    expect(session.branch.map(textOf)).toEqual(['one', 'answer to one', 'two', 'answer to two']);
    expect(engines[1]?.chats[0]?.messages.map(message => message.content)).toEqual([
      'one',
      'answer to one',
      'two',
    ]);
  });

  test('asks an earlier question again in its place; the earlier answers stay as another branch', async () => {
    let round = 0;
    const { session, engines, kept } = setUp(engine => {
      engine.onChat = async () => fakeAnswer(`answer ${++round}`);
    });
    await ask(session, 'one', false);
    const first = session.branch[1];
    await ask(session, 'two', false);
    await session.retry(first?.id);
    expect(session.branch.map(textOf)).toEqual(['one', 'answer 3']);
    expect(engines[0]?.chats[2]?.messages).toEqual([{ role: 'user', content: 'one' }]);
    session.switchTo(first?.id ?? '');
    expect(session.branch.map(textOf)).toEqual(['one', 'answer 1', 'two', 'answer 2']);
    expect(kept()).toEqual(session.conversation);
  });

  test('an edited question goes on from its place, with what was said before it', async () => {
    const { session, engines } = setUp();
    await ask(session, 'one', false);
    await ask(session, 'two', false);
    const second = session.branch[2];
    await session.edit(second?.id ?? '', { useWorkspace: false, parts: [{ type: 'text', text: 'deux' }] });
    expect(session.branch.map(textOf)).toEqual(['one', 'hello', 'deux', 'hello']);
    expect(engines[0]?.chats[2]?.messages.map(message => message.content)).toEqual(['one', 'hello', 'deux']);
    session.switchTo(second?.id ?? '');
    expect(session.branch.map(textOf)).toEqual(['one', 'hello', 'two', 'hello']);
  });

  test('an answer without a word is asked for again in its own place', async () => {
    let isWorking = false;
    const { session, last } = setUp(engine => {
      engine.onChat = async () => {
        if (!isWorking) throw errors.contextFull(9, 8);
        return fakeAnswer('fine');
      };
    });
    await ask(session, 'one', false);
    const { id } = last();
    isWorking = true;
    await session.retry();
    expect(last()).toMatchObject({ id, status: 'done' });
    expect(last().failure).toBeUndefined();
    expect(session.conversation.messages).toHaveLength(2);
  });

  test('leaves a question without an answer out of what the model is told later', async () => {
    let fail = true;
    const { session, engines } = setUp(engine => {
      engine.onChat = async () => {
        if (fail) throw errors.contextFull(9, 8);
        return fakeAnswer('fine');
      };
    });
    await ask(session, 'too much', false);
    fail = false;
    await ask(session, 'less', false);
    expect(engines[0]?.chats[1]?.messages).toEqual([{ role: 'user', content: 'less' }]);
  });

  test('names the error of a failed answer, with what helps', async () => {
    const { session, last } = setUp(engine => {
      engine.onChat = async () => {
        throw errors.contextFull(9, 8);
      };
    });
    await ask(session, 'much', false);
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
    await ask(session, 'where', true);
    expect(last().status).toBe('failed');
    expect(session.busy).toBe(false);
  });

  /** An engine whose answers end when they are told to. */
  function patient(more: Partial<ChatSessionDeps> = {}) {
    const ends: (() => void)[] = [];
    const parts = setUp(engine => {
      engine.onChat = (_params, _delta, token) =>
        new Promise(resolve => {
          ends.push(() => resolve(fakeAnswer('fine')));
          token.onCancellationRequested(() => resolve(fakeAnswer('', { finishReason: 'cancelled' })));
        });
    }, more);
    return { ...parts, ends };
  }

  test('a question waits while an answer runs, and is asked when that has ended', async () => {
    const { session, ends } = patient();
    void ask(session, 'first', false);
    await ask(session, 'second', true);
    expect(session.queue).toMatchObject([{ parts: [{ text: 'second' }], useWorkspace: true }]);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]?.();
    await vi.waitFor(() => expect(ends).toHaveLength(2));
    expect(session.queue).toEqual([]);
    expect(session.branch.map(textOf)).toEqual(['first', 'fine', 'second', '']);
    ends[1]?.();
  });

  test('a question that waits stays when the answer is stopped, and can be taken back', async () => {
    const { session, ends } = patient();
    const first = ask(session, 'first', false);
    await ask(session, 'second', false);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    session.stop();
    await first;
    expect(session.busy).toBe(false);
    const [waiting] = session.queue;
    expect(session.unqueue(waiting?.id ?? '')).toMatchObject({ parts: [{ text: 'second' }] });
    expect(session.queue).toEqual([]);
  });

  test('a question that waits can be asked at once: the answer that runs is stopped for it', async () => {
    const { session, ends } = patient();
    void ask(session, 'first', false);
    await ask(session, 'second', false);
    await ask(session, 'third', false);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    void session.sendQueued(session.queue[1]?.id ?? '');
    await vi.waitFor(() => expect(ends).toHaveLength(2));
    expect(session.branch.map(textOf)).toEqual(['first', '', 'third', '']);
    expect(session.queue).toMatchObject([{ parts: [{ text: 'second' }] }]);
    ends[1]?.();
    await vi.waitFor(() => expect(ends).toHaveLength(3));
    ends[2]?.();
  });

  test('questions that waited when the window was closed wait again, for the user alone', async () => {
    const { session, kept, ends } = patient();
    void ask(session, 'first', false);
    for (const words of ['second', 'third']) await ask(session, words, true);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    session.dispose();
    const waiting = [
      { useWorkspace: true, parts: [{ type: 'text', text: 'second' }] },
      { parts: [{ type: 'text', text: 'third' }] },
    ];
    expect(kept()?.queue).toMatchObject(waiting);

    const next = setUp(engine => (engine.onChat = async () => fakeAnswer('fine')), {}, kept());
    expect(next.session.queue).toMatchObject(waiting);
    await ask(next.session, 'something else', false);
    expect(next.session.queue).toMatchObject(waiting);
    await next.session.sendQueued(next.session.queue[1]?.id ?? '');
    expect(next.session.branch.map(textOf).slice(-2)).toEqual(['third', 'fine']);
    expect(next.session.queue.map(({ id }) => next.session.isHeld(id))).toEqual([true]);
    next.session.unqueue(next.session.queue[0]?.id ?? '');
    expect(next.session.queue).toEqual([]);
  });

  test('a question that leaves the queue is in the log as a message before that', async () => {
    const entries: LogEntry[] = [];
    const { session, engines } = setUp(engine => (engine.onChat = async () => fakeAnswer('fine')), {
      record: (_id, more) => entries.push(...more),
    });
    const first = ask(session, 'first', false);
    await ask(session, 'second', false);
    await first;
    await vi.waitFor(() => expect(engines[0]?.chats).toHaveLength(2));
    const asked = entries.findLastIndex(entry => entry.type === 'message' && entry.message.role === 'user');
    const left = entries.findLastIndex(entry => entry.type === 'queue');
    expect(asked).toBeGreaterThan(0);
    expect(left).toBeGreaterThan(asked);
  });

  test('a question that has become too long meanwhile goes on waiting, for the user alone, and the user is told', async () => {
    const measured: Measured[] = [];
    const { ends, session, shown, events } = patient({
      gauge: {
        ...noGauge,
        measure: async what => {
          measured.push(what);
          return fakeMeasure(what, { fits: false, freeTokens: -50 });
        },
      },
    });
    const first = ask(session, 'first', false);
    await ask(session, 'second', true);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]?.();
    await first;
    expect(measured).toMatchObject([
      {
        messages: [
          { role: 'user', content: 'first' },
          { role: 'assistant', content: 'fine' },
          { role: 'user', content: 'second' },
        ],
        maxTokens: 50,
        useWorkspace: true,
      },
    ]);
    expect(shown.map(({ message }) => message)).toEqual([expect.stringContaining('50 tokens too long')]);
    expect(session.queue.map(({ id }) => session.isHeld(id))).toEqual([true]);
    expect(events.at(-1)).toEqual({ type: 'queue' });
    expect(session.branch.map(textOf)).toEqual(['first', 'fine']);
    // A question in place of an earlier one is measured where it is asked.
    const question = { useWorkspace: false, parts: [{ type: 'text' as const, text: 'other' }] };
    await expect(session.checkFit(question, null)).rejects.toThrow('too long');
    expect(measured.at(-1)?.messages).toEqual([{ role: 'user', content: 'other' }]);
  });

  test('one that does not fit holds up none of those behind it', async () => {
    const { ends, session, shown } = patient({
      gauge: {
        ...noGauge,
        measure: async what => {
          const isLong = what.messages.at(-1)?.content === 'long';
          return fakeMeasure(what, isLong ? { fits: false, freeTokens: -50 } : {});
        },
      },
    });
    void ask(session, 'first', false);
    for (const words of ['long', 'short', 'last']) await ask(session, words, false);
    for (const at of [0, 1, 2]) {
      await vi.waitFor(() => expect(ends).toHaveLength(at + 1));
      ends[at]?.();
    }
    await vi.waitFor(() => expect(session.busy).toBe(false));
    expect(session.branch.map(textOf)).toEqual(['first', 'fine', 'short', 'fine', 'last', 'fine']);
    expect(session.queue).toMatchObject([{ parts: [{ text: 'long' }] }]);
    expect(session.isHeld(session.queue[0]?.id ?? '')).toBe(true);
    expect(shown).toHaveLength(1);
  });

  test('rules that the context has no room for are named in the question, once', async () => {
    const { session } = setUp(engine => (engine.onChat = async () => fakeAnswer('fine')));
    const instructions = `Rules from AGENTS.md:\n\n${'a'.repeat(3000)}\n\nRules from lib/AGENTS.md:\n\n${'b'.repeat(3000)}`;
    await session.submit({ useWorkspace: false, parts: [{ type: 'text', text: 'Hi' }], instructions });
    await session.retry();
    expect(session.branch[0]).toMatchObject({
      notes: ['The context is too short for all rules. Cut or left out: lib/AGENTS.md'],
    });
  });

  test('nothing of the tree changes while an answer runs: it is told, and an edited question goes back into the input', async () => {
    const { session, ends, events } = patient();
    void ask(session, 'first', false);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    const [first] = session.branch;
    const id = first?.id ?? '';
    const running = { code: 'badUsage', message: 'An answer is still running.' };
    const edited = session.edit(id, { useWorkspace: true, parts: [{ type: 'text', text: 'other' }] });
    await expect(edited).rejects.toMatchObject(running);
    expect(events.at(-1)).toEqual({ type: 'input', text: 'other', useWorkspace: true, attachments: [] });
    expect(() => session.switchTo(id)).toThrow(running.message);
    expect(() => session.compact('short')).toThrow(running.message);
    expect(session.branch.map(textOf)).toEqual(['first', '']);
    ends[0]?.();
  });

  test('the rules that come with a question are sent with it, and when it is asked again', async () => {
    const { session, engines, kept } = setUp();
    const parts = [{ type: 'text' as const, text: 'Hi' }];
    await session.submit({ useWorkspace: false, parts, instructions: 'Be short.' });
    await session.retry();
    await ask(session, 'and without?', false);
    expect(engines[0]?.chats.map(({ instructions }) => instructions)).toEqual([
      'Be short.',
      'Be short.',
      undefined,
    ]);
    expect(kept()?.messages[0]).toMatchObject({ instructions: 'Be short.' });
  });

  test('a summary takes the place of the branch, which can be shown again', async () => {
    const { session, engines, kept } = setUp();
    await ask(session, 'one', false);
    const before = session.branch;
    const summary = await session.summarise(100, CancellationToken.None);
    expect(summary).toBe('hello');
    expect(engines[0]?.chats[1]).toMatchObject({ maxTokens: 100, messages: [{}, {}, { role: 'user' }] });
    expect(session.branch).toEqual(before);
    session.compact('we said hello');
    expect(session.context.usedTokens).toBe(0);
    await ask(session, 'two', false);
    const told = engines[0]?.chats[2]?.messages;
    expect(told).toHaveLength(1);
    expect(told?.[0]?.content).toMatch(/we said hello[^]*two$/);
    expect(kept()).toEqual(session.conversation);
    session.switchTo(before.at(-1)?.id ?? '');
    expect(session.branch).toEqual(before);
  });

  test('sends what a command stands for, keeps what was typed, and asks it again', async () => {
    const { session, engines, events } = setUp();
    const question: Question = {
      useWorkspace: false,
      shown: '/fix',
      parts: [
        { type: 'text', text: 'Fix the attached code.' },
        { type: 'attachment', kind: 'selection', name: 'a.ts:1', uri: 'file:///a.ts', text: 'code' },
      ],
      notes: ['It was cut.'],
    };
    await session.submit(question);
    const content = 'Fix the attached code.\n\nAttached selection: a.ts:1\n```\ncode\n```';
    expect(engines[0]?.chats[0]?.messages).toEqual([{ role: 'user', content }]);
    const first = session.branch[0];
    expect(first).toMatchObject({ shown: '/fix', notes: ['It was cut.'] });
    await ask(session, 'and now?', false);
    await session.retry(first?.id);
    expect(engines[0]?.chats[2]?.messages).toEqual([{ role: 'user', content }]);

    const words = 'x'.repeat(limits.messageCharsMax + 1);
    await session.submit({ ...question, parts: [{ type: 'text', text: words }] });
    expect(events.at(-1)).toEqual({ type: 'input', text: '/fix', useWorkspace: false, attachments: [] });
    expect(engines[0]?.chats).toHaveLength(3);
  });

  test('names a message that is too long and gives it back', async () => {
    const { session, events, shown } = setUp();
    const long = 'x'.repeat(limits.messageCharsMax + 1);
    await ask(session, long, false);
    expect(shown[0]?.code).toBe('messageTooLong');
    expect(events).toEqual([{ type: 'input', text: long, useWorkspace: false, attachments: [] }]);
    expect(session.conversation.messages).toEqual([]);
  });

  test('a window that closes in the middle of an answer keeps its text, and says so', async () => {
    const { session, kept } = setUp(engine => {
      engine.onChat = (_params, delta) => {
        text(delta, 'half an');
        return new Promise(() => undefined);
      };
    });
    void ask(session, 'go', false);
    await vi.waitFor(() => expect(textOf(session.branch[1] as AssistantMessage)).toBe('half an'));
    session.dispose();
    expect(kept()?.messages[1]).toMatchObject({ status: 'interrupted', parts: [{ text: 'half an' }] });
  });

  test('an answer is in the log while it grows: a process that dies loses half a second of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { session, kept } = setUp(engine => {
        engine.onChat = (_params, delta) => {
          delta({ kind: 'thinking', text: 'hm', tokens: 1 });
          text(delta, 'half ');
          text(delta, 'an');
          return new Promise(() => undefined);
        };
      });
      void ask(session, 'go', false);
      await settle();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(kept()?.messages[1]).toMatchObject({
        status: 'interrupted',
        parts: [
          { type: 'thought', text: 'hm', tookMs: 0 },
          { type: 'text', text: 'half an' },
        ],
      });
    } finally {
      vi.useRealTimers();
    }
  });

  test('goes on with a conversation that was kept', async () => {
    const before = setUp();
    await ask(before.session, 'one', true);
    expect(before.kept()).toEqual(before.session.conversation);
    const after = setUp(undefined, {}, before.kept());
    await ask(after.session, 'two', true);
    expect(after.engines[0]?.chats[0]?.messages.map(message => message.content)).toEqual([
      'one',
      'hello',
      'two',
    ]);
  });

  test('keeps the question at once, so that a dying window loses nothing', async () => {
    const { session, kept } = setUp(engine => {
      engine.onChat = () => new Promise(() => undefined);
    });
    void ask(session, 'precious', false);
    await settle();
    expect(kept()?.messages[0]).toMatchObject({
      role: 'user',
      parts: [{ type: 'text', text: 'precious' }],
    });
  });

  test('after a rest sends the whole conversation to a new engine, and tells how long the model took', async () => {
    const { session, supervisor, engines, last } = setUp();
    await ask(session, 'one', false);
    expect(last().stats?.modelWaitMs).toBeGreaterThan(0);
    await ask(session, 'two', false);
    expect(last().stats?.modelWaitMs).toBeUndefined();
    await supervisor.rest('idle');
    await ask(session, 'three', false);
    expect(engines).toHaveLength(2);
    expect(engines[1]?.chats[0]?.messages.map(({ content }) => content)).toEqual([
      'one',
      'hello',
      'two',
      'hello',
      'three',
    ]);
    expect(last()).toMatchObject({ status: 'done', stats: { modelWaitMs: expect.any(Number) } });
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
    const answer = ask(session, 'where', true);
    await vi.waitFor(() => expect(seen).toBeDefined());
    session.stop();
    await answer;
    expect(last().status).toBe('stopped');
  });
});
