import { describe, expect, test, vi } from 'vitest';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { errors, type EngineError } from '../../../engine/protocol/errors.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { ChatSession, type ChatSessionDeps } from '../../../extension/chat/session.ts';
import type { SavedChat } from '../../../extension/chat/saved_chat.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import type { AssistantTurn, ToPanel } from '../../../webview/protocol.ts';
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
  const store: { saved: SavedChat | undefined } = { saved: undefined };
  const shown: EngineError[] = [];
  const session = new ChatSession({
    engine: supervisor,
    workspace: { ensure: async () => 'project' },
    settings: () => ({ sampling: { temperature: 0 }, maxTokens: 50, think: undefined, useWorkspace: true }),
    storage: { load: () => kept, save: chat => (store.saved = structuredClone(chat)) },
    showError: error => shown.push(error),
    ...more,
  });
  const posted: ToPanel[] = [];
  session.onMessage(message => posted.push(structuredClone(message)));
  const last = (): AssistantTurn =>
    session.state().turns.findLast(turn => turn.role === 'assistant') as AssistantTurn;
  return { session, engines, store, shown, posted, last };
}
const text = (delta: (piece: { kind: 'text'; text: string }) => void, piece: string): void =>
  delta({ kind: 'text', text: piece });

describe('chat session', () => {
  test('sends the question with the settings and shows the answer as it comes', async () => {
    const { session, engines, posted, last } = setUp(engine => {
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
    expect(posted.map(message => message.type)).toEqual([
      'turn',
      'turn',
      'busy',
      'reading',
      'delta',
      'delta',
      'meter',
      'turn',
      'busy',
    ]);
    expect(last()).toMatchObject({
      text: 'Hello',
      status: 'done',
      sources: [{ label: 'a.ts:1-3', cited: true }],
      leftOut: [{ path: 'b.ts' }],
      stats: { tokensPerSecond: 20 },
    });
    expect(last().reading).toBeUndefined();
    expect(session.state()).toMatchObject({
      busy: false,
      meter: { usedTokens: fakeStats.contextTokens, maxTokens: 4096 },
    });
    expect(session.hasSource('file:///a.ts')).toBe(true);
    expect(session.hasSource('file:///etc/passwd')).toBe(false);
  });

  test('says why the context is bounded, before an answer and after it', async () => {
    const { session } = setUp();
    const bound = { by: 'machine' as const, modelTokens: 262_144 };
    session.setContext(4096, bound);
    expect(session.state().meter).toEqual({ usedTokens: 0, maxTokens: 4096, bound });
    await session.submit('Hi', false);
    expect(session.state().meter).toMatchObject({ usedTokens: fakeStats.contextTokens, bound });
    session.setContext(8192, undefined);
    expect(session.state().meter.bound).toBeUndefined();
  });

  test('keeps what the model thought apart from what it said, and tells it apart', async () => {
    const { session, engines, posted, last } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'thinking', text: 'Hm' });
        delta({ kind: 'thinking', text: ', 4.' });
        text(delta, 'Four');
        return fakeAnswer('Four.', { thinking: 'Hm, 4.' });
      };
    });
    await session.submit('2+2?', false);
    expect(last()).toMatchObject({ text: 'Four.', thinking: { text: 'Hm, 4.' }, status: 'done' });
    expect(last().thinking?.tookMs).toBeGreaterThanOrEqual(0);
    expect(posted.map(message => message.type).slice(3, 7)).toEqual([
      'thinking',
      'thinking',
      'turn',
      'delta',
    ]);
    await session.submit('And 3+3?', false);
    expect(engines[0]?.chats[1]?.messages).toEqual([
      { role: 'user', content: '2+2?' },
      { role: 'assistant', content: 'Four.', thinking: 'Hm, 4.' },
      { role: 'user', content: 'And 3+3?' },
    ]);
  });

  test('a stop in the middle of a thought keeps it, and the model is not told of a question without an answer', async () => {
    const { session, engines, last, store } = setUp(engine => {
      engine.onChat = (_params, delta, token) =>
        new Promise(resolve => {
          delta({ kind: 'thinking', text: 'half a th' });
          token.onCancellationRequested(() =>
            resolve(fakeAnswer('', { thinking: 'half a th', finishReason: 'cancelled' })),
          );
        });
    });
    const answer = session.submit('go', false);
    await vi.waitFor(() => expect(last().thinking?.text).toBe('half a th'));
    expect(last().thinking?.tookMs).toBeUndefined();
    session.stop();
    await answer;
    expect(last()).toMatchObject({ text: '', status: 'stopped', thinking: { text: 'half a th' } });
    expect(last().thinking?.tookMs).toBeGreaterThanOrEqual(0);
    expect(store.saved?.turns[1]).toMatchObject({ thinking: { text: 'half a th' } });
    const next = session.submit('again', false);
    await vi.waitFor(() => expect(engines[0]?.chats.length).toBe(2));
    session.stop();
    await next;
    expect(engines[0]?.chats[1]?.messages).toEqual([{ role: 'user', content: 'again' }]);
  });

  test('an engine that dies while the model thinks leaves the thought', async () => {
    const { session, last } = setUp(engine => {
      engine.onChat = async (_params, delta) => {
        delta({ kind: 'thinking', text: 'hm' });
        throw errors.gpuError('lost');
      };
    });
    await session.submit('go', false);
    expect(last()).toMatchObject({ status: 'failed', thinking: { text: 'hm' } });
    expect(last().thinking?.tookMs).toBeGreaterThanOrEqual(0);
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

  test('sends the whole conversation under one id, and another id after a new chat', async () => {
    const { session, engines, posted } = setUp();
    await session.submit('one', false);
    await session.submit('two', false);
    session.newChat();
    await session.submit('three', false);
    const [first, second, third] = engines[0]?.chats ?? [];
    expect(second?.messages.map(message => message.content)).toEqual(['one', 'hello', 'two']);
    expect(second?.conversationId).toBe(first?.conversationId);
    expect(third?.messages.map(message => message.content)).toEqual(['three']);
    expect(third?.conversationId).not.toBe(first?.conversationId);
    expect(posted.map(message => message.type)).toContain('cleared');
  });

  test('stops an answer and keeps what it said', async () => {
    const { session, last } = setUp(engine => {
      engine.onChat = (_params, delta, token) =>
        new Promise(resolve => {
          text(delta, 'part');
          token.onCancellationRequested(() => resolve(fakeAnswer('part', { finishReason: 'cancelled' })));
        });
    });
    const answer = session.submit('go', false);
    await vi.waitFor(() => expect(last().text).toBe('part'));
    session.stop();
    await answer;
    expect(last()).toMatchObject({ text: 'part', status: 'stopped' });
    expect(session.busy).toBe(false);
  });

  test('stops for the user even when the engine never notices', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { session, last } = setUp(engine => {
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
      await vi.advanceTimersByTimeAsync(limits.cancelGraceMs);
      await answer;
      expect(last()).toMatchObject({ text: 'part', status: 'stopped' });
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
    expect(last()).toMatchObject({ text: '', status: 'stopped' });
  });

  test('keeps the partial text and the conversation when the engine dies, and retries in place', async () => {
    let round = 0;
    const { session, engines, last } = setUp(engine => {
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
    expect(last()).toMatchObject({
      text: 'half an',
      status: 'failed',
      failure: { actions: ['retry', 'openLog'] },
    });
    const failedId = last().id;
    await session.retry(failedId);
    expect(engines).toHaveLength(2);
    expect(last()).toMatchObject({ id: failedId, text: 'answer to two', status: 'done' });
    expect(last().failure).toBeUndefined();
    expect(session.state().turns).toHaveLength(4);
    expect(engines[1]?.chats[0]?.messages.map(message => message.content)).toEqual([
      'one',
      'answer to one',
      'two',
    ]);
  });

  test('asks an earlier question again as a new one', async () => {
    const { session, engines } = setUp();
    await session.submit('one', false);
    const [, first] = session.state().turns;
    await session.submit('two', false);
    await session.retry(first?.id);
    expect(
      session
        .state()
        .turns.filter(turn => turn.role === 'user')
        .map(turn => turn.text),
    ).toEqual(['one', 'two', 'one']);
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

  test('offers what helps when the context is full', async () => {
    const { session, last } = setUp(engine => {
      engine.onChat = async () => {
        throw errors.contextFull(9, 8);
      };
    });
    await session.submit('much', false);
    expect(last().failure).toMatchObject({
      message: errors.contextFull(9, 8).message,
      actions: ['newChat', 'openSettings'],
    });
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
    const { session, posted, shown } = setUp(engine => {
      engine.onChat = () => new Promise(() => undefined);
    });
    void session.submit('first', false);
    await session.submit('second', true);
    expect(posted.at(-1)).toEqual({ type: 'setInput', text: 'second', useWorkspace: true });
    expect(shown).toEqual([]);
  });

  test('names a message that is too long and gives it back', async () => {
    const { session, posted, shown } = setUp();
    const long = 'x'.repeat(limits.messageCharsMax + 1);
    await session.submit(long, false);
    expect(shown[0]?.code).toBe('messageTooLong');
    expect(posted).toEqual([{ type: 'setInput', text: long, useWorkspace: false }]);
    expect(session.state().turns).toEqual([]);
  });

  test('forgets a running answer on a new chat, however late it comes', async () => {
    let finish: () => void = () => undefined;
    const { session, posted } = setUp(engine => {
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
    posted.length = 0;
    finish();
    await answer;
    expect(session.state()).toMatchObject({ turns: [], busy: false });
    expect(posted).toEqual([]);
  });

  test('restores the conversation of the last window', async () => {
    const before = setUp();
    await before.session.submit('one', true);
    const after = setUp(undefined, {}, before.store.saved);
    expect(after.session.state().turns).toEqual(before.session.state().turns);
    await after.session.submit('two', true);
    expect(after.engines[0]?.chats[0]?.messages.map(message => message.content)).toEqual([
      'one',
      'hello',
      'two',
    ]);
    expect(after.engines[0]?.chats[0]?.conversationId).toBe(before.engines[0]?.chats[0]?.conversationId);
  });

  test('keeps the question at once, so that a dying window loses nothing', async () => {
    const { session, store } = setUp(engine => {
      engine.onChat = () => new Promise(() => undefined);
    });
    void session.submit('precious', false);
    await settle();
    expect(store.saved?.turns[0]).toMatchObject({ role: 'user', text: 'precious' });
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
