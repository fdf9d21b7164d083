import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { textOf } from '../../../extension/chat/conversation.ts';
import { Conversations } from '../../../extension/chat/conversations.ts';
import { History } from '../../../extension/chat/history/history.ts';
import type { ChatSession } from '../../../extension/chat/session.ts';
import type { StoredValue } from '../../../extension/stored_value.ts';
import { fakeAnswer, FakeEngine, noGauge } from '../../fakes/fake_engine.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const stored = (value?: unknown): StoredValue => ({
  get: () => value,
  set: async next => void (value = next),
});

/** A window; another one over the same folder and values is the next start. */
async function openWindow({
  folder = join(temporaryDirectory(), 'conversations'),
  shown = stored(),
  earlier = stored(),
  engine = new FakeEngine(),
} = {}) {
  const fail = (message: string) => expect.fail(message);
  const history = new History({ folder, warn: fail, showError: ({ message }) => fail(message) });
  const running = engine.running();
  const conversations = new Conversations({
    engine: { whenReady: async () => running },
    workspace: { ensure: async () => undefined },
    gauge: noGauge,
    settings: () => ({ sampling: {}, maxTokens: undefined, think: undefined, useWorkspace: false }),
    showError: ({ message }) => fail(message),
    history,
    shown,
    earlier,
    warn: fail,
  });
  await conversations.restored;
  return { conversations, history, again: { folder, shown, earlier } };
}
const ask = (session: ChatSession, text: string) =>
  session.submit({ useWorkspace: false, parts: [{ type: 'text', text }] });
const said = (session: ChatSession) => session.branch.map(textOf);

test('a new chat keeps the old one, which can be opened again', async () => {
  const { conversations, history } = await openWindow();
  const first = conversations.current;
  await ask(first, 'one');
  const switched: ChatSession[] = [];
  conversations.onDidSwitch(session => switched.push(session));
  conversations.newChat();
  expect(conversations.current.branch).toEqual([]);
  await ask(conversations.current, 'two');
  expect((await history.list()).map(({ title }) => title).sort()).toEqual(['one', 'two']);
  expect(await conversations.open(first.conversation.id)).toBe(true);
  expect(said(conversations.current)).toEqual(['one', 'hello']);
  expect(switched).toHaveLength(2);
  expect(await conversations.open('gone')).toBe(false);
});

test('an empty conversation needs no second one', async () => {
  const { conversations } = await openWindow();
  const { current } = conversations;
  conversations.newChat();
  expect(conversations.current).toBe(current);
});

test('an answer goes on in a conversation that is no longer shown, and is there afterwards', async () => {
  const engine = new FakeEngine();
  let finish: () => void = () => undefined;
  engine.onChat = () => new Promise(resolve => (finish = () => resolve(fakeAnswer('late'))));
  const { conversations, history } = await openWindow({ engine });
  const first = conversations.current;
  void ask(first, 'slow');
  await vi.waitFor(() => expect(engine.chats).toHaveLength(1));
  const events: string[] = [];
  conversations.newChat();
  conversations.onEvent(({ type }) => events.push(type));
  finish();
  await vi.waitFor(() => expect(first.busy).toBe(false));
  expect(events).toEqual([]);
  const kept = await history.load(first.conversation.id);
  expect(kept?.messages.map(textOf)).toEqual(['slow', 'late']);
  expect(await conversations.open(first.conversation.id)).toBe(true);
  expect(said(conversations.current)).toEqual(['slow', 'late']);
});

test('a question that waits is asked by one window alone, and the other shows what became of it', async () => {
  const engine = new FakeEngine();
  const ends: (() => void)[] = [];
  engine.onChat = async () => new Promise(resolve => ends.push(() => resolve(fakeAnswer('fine'))));
  const first = await openWindow({ engine });
  void ask(first.conversations.current, 'one');
  await ask(first.conversations.current, 'two');
  await vi.waitFor(() => expect(ends).toHaveLength(1));
  const { id } = first.conversations.current.conversation;
  first.conversations.dispose();
  await first.history.flush();

  const answers = new FakeEngine();
  answers.onChat = async () => fakeAnswer('fine');
  const windows = await Promise.all([1, 2].map(async () => openWindow({ ...first.again, engine: answers })));
  const sessions = windows.map(({ conversations }) => conversations.current);
  const [waiting] = sessions[0]?.queue ?? [];
  expect(sessions.map(({ queue }) => queue)).toEqual([[waiting], [waiting]]);
  const asked = await Promise.all(sessions.map(session => session.sendQueued(waiting?.id ?? '')));
  expect(asked.toSorted()).toEqual([false, true]);
  expect(answers.chats).toHaveLength(1);
  expect(sessions.map(({ queue }) => queue)).toEqual([[], []]);

  const loser = windows[asked.indexOf(false)];
  await Promise.all(windows.map(async ({ history }) => history.flush()));
  expect(await loser?.conversations.open(id)).toBe(true);
  expect(loser && said(loser.conversations.current)).toEqual(['one', '', 'two', 'fine']);
  // Who comes later, with the queue of before, asks it no more either.
  expect(await windows[0]?.history.claim(id, waiting?.id ?? '')).toBe(false);
  expect((await windows[0]?.history.load(id))?.queue).toEqual([]);
});

test('the next window shows the conversation that was shown last', async () => {
  const { conversations, history, again } = await openWindow();
  await ask(conversations.current, 'one');
  conversations.newChat();
  await ask(conversations.current, 'two');
  conversations.dispose();
  await history.flush();
  const next = await openWindow(again);
  expect(said(next.conversations.current)).toEqual(['two', 'hello']);
});

test('the next window shows the first conversation of a workspace, too', async () => {
  const { conversations, history, again } = await openWindow();
  await ask(conversations.current, 'one');
  conversations.dispose();
  await history.flush();
  const next = await openWindow(again);
  expect(said(next.conversations.current)).toEqual(['one', 'hello']);
});

test('what an earlier version has kept becomes a conversation of the history', async () => {
  const earlier = stored({
    version: 1,
    id: 'old-one',
    useWorkspace: false,
    messages: [{ id: '1', role: 'user', useWorkspace: false, parts: [{ type: 'text', text: 'before' }] }],
  });
  const { conversations, history } = await openWindow({ earlier });
  expect(said(conversations.current)).toEqual(['before']);
  expect(await history.list()).toMatchObject([{ id: 'old-one', title: 'before' }]);
  expect(earlier.get()).toBeUndefined();
});

test('a conversation that is not shown can be renamed; one that is shown can be deleted', async () => {
  const { conversations, history } = await openWindow();
  const first = conversations.current.conversation.id;
  await ask(conversations.current, 'one');
  conversations.newChat();
  await conversations.change(first, session => session.rename('mine'));
  expect(await history.list()).toMatchObject([{ title: 'mine' }]);
  await ask(conversations.current, 'two');
  await conversations.remove(conversations.current.conversation.id);
  expect(conversations.current.branch).toEqual([]);
  expect(await history.list()).toMatchObject([{ title: 'mine' }]);
});
