// An answer that was cut goes on, in the same message, from what the engine had said; and a thought ends when the user wants it to.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChatSendResult } from '../../../engine/protocol/chat.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import {
  newConversation,
  thoughtOf,
  type AssistantMessage,
  type Conversation,
} from '../../../extension/chat/conversation.ts';
import { goOnOf } from '../../../extension/chat/go_on.ts';
import { replay, toLines } from '../../../extension/chat/history/log_entry.ts';
import { ChatSession, type ChatSettings } from '../../../extension/chat/session.ts';
import { turnView } from '../../../extension/chat/views.ts';
import { fakeAnswer, FakeEngine, fakeStats, noGauge } from '../../fakes/fake_engine.ts';

let engine: FakeEngine;
let settings: ChatSettings;
let log: string;
let session: ChatSession;
const begin = (conversation: Conversation = newConversation(false)): void => {
  const { client } = engine.running();
  session = new ChatSession(conversation, {
    engine: { whenReady: async () => ({ client }) },
    workspace: { ensure: async () => 'project' },
    settings: () => settings,
    record: (_id, entries) => (log += toLines(entries)),
    claim: async () => true,
    gauge: noGauge,
    showError: error => expect.fail(error.message),
  });
};
beforeEach(() => {
  engine = new FakeEngine();
  settings = { sampling: {}, maxTokens: 50, think: true, effort: 'high', useWorkspace: false };
  log = '';
  begin();
});
const ask = (words: string): Promise<void> =>
  session.submit({ useWorkspace: false, instructions: 'Be brief.', parts: [{ type: 'text', text: words }] });
const last = (): AssistantMessage => session.branch.at(-1) as AssistantMessage;
const kept = (): Conversation | undefined => replay(log.split('\n'));
const answers = (text: string, more: Partial<ChatSendResult> = {}): void => {
  engine.onChat = async (_params, delta) => {
    const { thinking } = more;
    if (thinking) delta({ kind: 'thinking', text: thinking, tokens: 3 });
    if (text) delta({ kind: 'text', text });
    return fakeAnswer(text, more);
  };
};
/** The next answer waits, after these words, for what it gets. */
function waits(deltas: { thinking?: string; text?: string }): Promise<(result: ChatSendResult) => void> {
  return new Promise(running => {
    engine.onChat = (_params, delta, token) =>
      new Promise(resolve => {
        if (deltas.thinking) delta({ kind: 'thinking', text: deltas.thinking, tokens: 3 });
        if (deltas.text) delta({ kind: 'text', text: deltas.text });
        token.onCancellationRequested(() =>
          resolve(
            fakeAnswer(deltas.text ?? '', { thinking: deltas.thinking ?? '', finishReason: 'cancelled' }),
          ),
        );
        running(resolve);
      });
  });
}

describe('an answer that was cut', () => {
  test('goes on in the same message and the same text, asked for in the same way', async () => {
    answers('One two', { thinking: 'Hm.', thoughtTokens: 3, finishReason: 'length' });
    await ask('Count');
    const { id } = last();
    expect(turnView(last())).toMatchObject({ cut: 'length', goOn: 'continue' });
    settings = { ...settings, think: false, effort: 'low' };
    answers(' three.');
    await session.goOn(id);
    expect(engine.chats[1]).toMatchObject({
      messages: [
        { role: 'user', content: 'Count' },
        { role: 'assistant', content: 'One two', thinking: 'Hm.' },
      ],
      continueAnswer: true,
      allowRepetition: false,
      instructions: 'Be brief.',
      think: true,
      effort: 'high',
    });
    expect(last()).toMatchObject({
      id,
      status: 'done',
      parts: [
        { type: 'thought', text: 'Hm.', tokens: 3 },
        { type: 'text', text: 'One two three.' },
      ],
      stats: { generatedTokens: 2 * fakeStats.generatedTokens, promptTokens: fakeStats.promptTokens },
    });
    expect(last().cut).toBeUndefined();
    expect(goOnOf(last())).toBeUndefined();
    expect(session.branch).toHaveLength(2);
    expect(kept()).toEqual(session.conversation);
  });

  test('goes on after a stop, a failure, and the end of the window', async () => {
    const running = waits({ text: 'One' });
    const answer = ask('Count');
    await running;
    session.stop();
    await answer;
    expect(last()).toMatchObject({ status: 'stopped', parts: [{ text: 'One' }] });
    engine.onChat = async (_params, delta) => {
      delta({ kind: 'text', text: ' two' });
      throw errors.gpuError('lost');
    };
    await session.goOn();
    expect(last()).toMatchObject({ status: 'failed', parts: [{ text: 'One two' }] });

    const dying = waits({ text: ' three' });
    void session.goOn();
    await dying;
    await vi.waitFor(() => expect(last().parts).toMatchObject([{ text: 'One two three' }]));
    session.dispose();
    const conversation = kept() as Conversation;
    expect(conversation.messages[1]).toMatchObject({
      status: 'interrupted',
      parts: [{ text: 'One two three' }],
    });
    begin(conversation);
    answers(' four.');
    await session.goOn();
    expect(engine.chats.at(-1)?.messages.at(-1)?.content).toBe('One two three');
    expect(last()).toMatchObject({ status: 'done', parts: [{ text: 'One two three four.' }] });
    expect(last().failure).toBeUndefined();
    expect(kept()).toEqual(session.conversation);
  });

  test('in its thought, thinks on, and the time of the thought goes on too', async () => {
    answers('', { thinking: 'Let me', thoughtTokens: 3, finishReason: 'length' });
    await ask('Count');
    const thought = thoughtOf(last());
    if (thought) thought.tookMs = 60_000;
    engine.onChat = async (_params, delta) => {
      delta({ kind: 'thinking', text: ' see.', tokens: 5 });
      delta({ kind: 'text', text: 'One.' });
      return fakeAnswer('One.', { thinking: ' see.', thoughtTokens: 5 });
    };
    await session.goOn();
    expect(engine.chats[1]?.messages.at(-1)).toMatchObject({ content: '', thinking: 'Let me' });
    expect(last().parts).toMatchObject([
      { type: 'thought', text: 'Let me see.', tokens: 5 },
      { type: 'text', text: 'One.' },
    ]);
    expect(thoughtOf(last())?.tookMs).toBeGreaterThanOrEqual(60_000);
  });

  test('may turn out to have been a thought all along', async () => {
    answers('Let me', { finishReason: 'length' });
    await ask('Count');
    engine.onChat = async (_params, delta) => {
      delta({ kind: 'text', text: ' see.' });
      delta({ kind: 'thoughtSoFar' });
      delta({ kind: 'text', text: 'One.' });
      return fakeAnswer('One.', { thinking: ' see.', thoughtTokens: 4, textBeforeWasThought: true });
    };
    const seen: unknown[] = [];
    session.onEvent(event => event.type === 'message' && seen.push(structuredClone(turnView(event.message))));
    await session.goOn();
    expect(seen).toContainEqual(
      expect.objectContaining({ text: '', thinking: expect.objectContaining({ text: 'Let me see.' }) }),
    );
    expect(last().parts).toMatchObject([
      { type: 'thought', text: 'Let me see.', tokens: 4 },
      { type: 'text', text: 'One.' },
    ]);
  });

  test('for repeating itself, may go on doing so', async () => {
    answers('ha ha', { finishReason: 'repetition' });
    await ask('Laugh');
    expect(turnView(last())).toMatchObject({ cut: 'repetition', goOn: 'anyway' });
    answers(' ha', { finishReason: 'length' });
    await session.goOn();
    expect(engine.chats[1]).toMatchObject({ continueAnswer: true, allowRepetition: true });
    expect(last()).toMatchObject({ cut: 'length', parts: [{ text: 'ha ha ha' }] });
  });

  test.each<[string, Partial<AssistantMessage>]>([
    ['runs', { status: 'running' }],
    ['is whole', {}],
    ['has no room left', { cut: 'context' }],
    ['has no word', { status: 'stopped', parts: [] }],
  ])('does not go on when it %s', (_, change) => {
    const parts: AssistantMessage['parts'] = [{ type: 'text', text: 'One' }];
    const message = { role: 'assistant', status: 'done', parts, ...change } as AssistantMessage;
    expect(goOnOf(message)).toBeUndefined();
  });

  test('goes on only while it is the last one', async () => {
    answers('One', { finishReason: 'length' });
    await ask('Count');
    const { id } = last();
    answers('Bye.');
    await ask('Never mind');
    await session.goOn(id);
    await session.goOn();
    expect(engine.chats).toHaveLength(2);
  });
});

describe('a thought', () => {
  test('is ended by its answer, and the turn says why it is short', async () => {
    expect(await session.answerNow()).toBe(false);
    const running = waits({ thinking: 'Hm' });
    const answer = ask('Well?');
    const end = await running;
    await vi.waitFor(() => expect(turnView(last())).toMatchObject({ thinking: { text: 'Hm', tokens: 3 } }));
    expect(await session.answerNow()).toBe(true);
    expect(engine.answeredNow).toEqual([engine.chats[0]?.progressToken]);
    end(fakeAnswer('Yes.', { thinking: 'Hm', thoughtTokens: 3, thoughtCut: 'answerNow' }));
    await answer;
    expect(turnView(last())).toMatchObject({
      text: 'Yes.',
      thinking: { text: 'Hm', tokens: 3, cut: 'answerNow' },
    });
    expect(await session.answerNow()).toBe(false);
    expect(kept()).toEqual(session.conversation);
  });

  test('has the budget of the settings', async () => {
    settings = { ...settings, thinkingTokens: 7 };
    answers('Yes.', { thinking: 'Hm', thoughtTokens: 7, thoughtCut: 'budget' });
    await ask('Well?');
    expect(engine.chats[0]).toMatchObject({ thinkingTokens: 7, think: true, effort: 'high' });
    expect(turnView(last())).toMatchObject({ thinking: { cut: 'budget' } });
  });
});
