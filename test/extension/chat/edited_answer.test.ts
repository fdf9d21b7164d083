// An answer whose words the user has changed: a branch of its own, from which the conversation, or the answer itself, goes on.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChatSendResult } from '../../../engine/protocol/chat.ts';
import {
  newConversation,
  textOf,
  type AssistantMessage,
  type Conversation,
} from '../../../extension/chat/conversation.ts';
import { asMarkdown } from '../../../extension/chat/history/export.ts';
import { replay, toLines } from '../../../extension/chat/history/log_entry.ts';
import { ChatSession, type ConversationEvent } from '../../../extension/chat/session.ts';
import { turnViews } from '../../../extension/chat/views.ts';
import { fakeAnswer, FakeEngine, fakeStats, noGauge } from '../../fakes/fake_engine.ts';

let engine: FakeEngine;
let log: string;
let session: ChatSession;
let events: ConversationEvent[];
const conversation = newConversation(false);
const begin = (shown: Conversation = { ...conversation, messages: [], head: null }): void => {
  const { client } = engine.running();
  session = new ChatSession(shown, {
    engine: { whenReady: async () => ({ client }) },
    workspace: { ensure: async () => 'project' },
    settings: () => ({ sampling: {}, maxTokens: 50, think: true, useWorkspace: false }),
    record: (_id, entries) => (log += toLines(entries)),
    claim: async () => true,
    gauge: noGauge,
    showError: error => expect.fail(error.message),
  });
  events = [];
  session.onEvent(event => events.push(event));
};
beforeEach(() => {
  engine = new FakeEngine();
  log = '';
  begin();
});
const answers = (text: string, more: Partial<ChatSendResult> = {}): void => {
  engine.onChat = async () => fakeAnswer(text, more);
};
const ask = (words: string): Promise<void> =>
  session.submit({ useWorkspace: false, parts: [{ type: 'text', text: words }] });
const last = (): AssistantMessage => session.branch.at(-1) as AssistantMessage;
const texts = (): string[] => session.branch.map(textOf);

/** Two questions with their answers; the id of the first answer. */
async function twoAnswers(): Promise<string> {
  answers('one', {
    thinking: 'Hm.',
    sources: [{ path: 'a', uri: 'file:///a', startLine: 1, endLine: 1, origin: 'cited', seen: 'whole' }],
    stats: { ...fakeStats, contextTokens: 30, promptTokens: 20, generatedTokens: 10 },
  });
  await ask('first');
  const { id } = last();
  answers('two');
  await ask('second');
  return id;
}

describe('an edited answer', () => {
  test('is a branch beside the one it was, with its words and nothing else of it', async () => {
    const id = await twoAnswers();
    session.editAnswer(id, '**uno**');
    expect(texts()).toEqual(['first', '**uno**']);
    expect(last()).toMatchObject({ status: 'done', edited: true, sources: [], thinking: { think: true } });
    expect(last().parts).toEqual([{ type: 'text', text: '**uno**' }]);
    expect(last().stats).toBeUndefined();
    expect(turnViews(session)).toMatchObject([
      { role: 'user' },
      { edited: true, goOn: 'fromUser', branch: { ids: [id, last().id], index: 1 } },
    ]);
    expect(events.slice(-2)).toMatchObject([{ type: 'branch' }, { type: 'context', usedTokens: 30 }]);
    session.switchTo(id);
    expect(texts()).toEqual(['first', 'one', 'second', 'two']);
    expect(turnViews(session)[1]).toMatchObject({ edited: undefined, goOn: undefined });
  });

  test('is what the model is told that it said, without a thought', async () => {
    const id = await twoAnswers();
    session.editAnswer(id, 'uno');
    answers('drei');
    await ask('third');
    expect(engine.chats.at(-1)?.messages).toEqual([
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'uno', thinking: '' },
      { role: 'user', content: 'third' },
    ]);
    expect(texts()).toEqual(['first', 'uno', 'third', 'drei']);
    // Asked again, the model answers in its own words.
    answers('eins');
    await session.retry(session.branch[1]?.id);
    expect(texts()).toEqual(['first', 'eins']);
    expect(last().edited).toBeUndefined();
  });

  test('can be gone on with by the model, from its last word, and stays marked', async () => {
    await twoAnswers();
    session.editAnswer(last().id, 'deux and');
    answers(' trois');
    await session.goOn(last().id);
    expect(engine.chats.at(-1)).toMatchObject({
      continueAnswer: true,
      think: true,
      messages: [{}, {}, { content: 'second' }, { role: 'assistant', content: 'deux and', thinking: '' }],
    });
    expect(textOf(last())).toBe('deux and trois');
    expect(turnViews(session).at(-1)).toMatchObject({ edited: true, goOn: undefined });
  });

  test('is kept, and an export says what it is', async () => {
    const id = await twoAnswers();
    session.editAnswer(id, 'uno');
    const kept = replay(log.split('\n'));
    expect(kept?.head).toBe(last().id);
    expect(kept?.messages.at(-1)).toEqual(last());
    expect(asMarkdown(session.conversation)).toContain('uno\n\n*Edited by you*\n');
  });

  test('is none while another answer runs, which is told; nor without a change, a word, or an answer', async () => {
    const id = await twoAnswers();
    const count = session.conversation.messages.length;
    for (const [target, text] of [
      [id, ' one\n'],
      [id, ' \n'],
      [session.branch[0]?.id ?? '', 'other'],
      ['nobody', 'other'],
    ] as const)
      session.editAnswer(target, text);
    let end: (() => void) | undefined;
    engine.onChat = () => new Promise(resolve => (end = () => resolve(fakeAnswer('three'))));
    const running = ask('third');
    expect(() => session.editAnswer(id, 'uno')).toThrow('An answer is still running.');
    expect(session.conversation.messages).toHaveLength(count + 2);
    while (!end) await new Promise(resolve => setImmediate(resolve));
    end();
    await running;
  });
});
