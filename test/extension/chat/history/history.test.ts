import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  newConversation,
  textOf,
  type Conversation,
  type Message,
} from '../../../../extension/chat/conversation.ts';
import { History } from '../../../../extension/chat/history/history.ts';
import { entriesOf, replay, toLines, wonClaim } from '../../../../extension/chat/history/log_entry.ts';
import type { HearthError } from '../../../../engine/protocol/errors.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

function openFolder(folder = join(temporaryDirectory(), 'conversations')) {
  const warnings: string[] = [];
  const shown: HearthError[] = [];
  const history = new History({
    folder,
    warn: message => warnings.push(message),
    showError: error => shown.push(error),
  });
  return { folder, history, warnings, shown };
}
/** Questions in a row, each with an answer. */
function conversationOf(...words: string[]): Conversation {
  const conversation: Conversation = { ...newConversation(false), createdAt: 0 };
  let parent: string | null = null;
  for (const [i, text] of words.entries()) {
    const common: Pick<Message, 'id' | 'parent' | 'createdAt'> = {
      parent,
      createdAt: 1000 + i,
      id: `${conversation.id.slice(0, 8)}-${i}`,
    };
    const parts = [{ type: 'text' as const, text }];
    const message: Message =
      i % 2 === 0
        ? { ...common, role: 'user', useWorkspace: false, parts }
        : { ...common, role: 'assistant', parts, status: 'done', sources: [], leftOut: [] };
    conversation.messages.push(message);
    parent = message.id;
  }
  conversation.head = parent;
  return conversation;
}

test('what was added is there for the next window, however long it is', async () => {
  const { folder, history } = openFolder();
  const long = conversationOf(...Array.from({ length: 601 }, (_, i) => `message ${i}`));
  await history.add(long);
  expect(await openFolder(folder).history.load(long.id)).toEqual(long);
  expect(await history.load('not-there')).toBeUndefined();
  expect(await history.load('../../etc/passwd')).toBeUndefined();
});

test('the list has pinned conversations first, then the newest, and none without a question', async () => {
  const { folder, history } = openFolder();
  const [old, newer, pinned, empty] = [
    conversationOf('old'),
    conversationOf('newer', 'x', 'y'),
    conversationOf('pinned'),
    conversationOf(),
  ];
  for (const one of [old, newer, pinned, empty]) await history.add(one);
  history.append(pinned.id, [{ type: 'pinned', pinned: true }]);
  const titles = (list: { title: string }[]) => list.map(({ title }) => title);
  expect(titles(await history.list())).toEqual(['pinned', 'newer', 'old']);
  // The next window reads its summaries from the cache, unless a log has changed.
  expect(readdirSync(folder)).toContain('index.json');
  history.append(old.id, [{ type: 'title', title: 'renamed' }]);
  await history.flush();
  expect(titles(await openFolder(folder).history.list())).toEqual(['pinned', 'newer', 'renamed']);
});

test.each(['{', '{"version":1,"entries":{"x":1}}'])(
  'a damaged cache of the list costs nothing: %s',
  async text => {
    const { folder, history } = openFolder();
    await history.add(conversationOf('one'));
    writeFileSync(join(folder, 'index.json'), text);
    expect(await openFolder(folder).history.list()).toMatchObject([{ title: 'one', questions: 1 }]);
  },
);

test('two windows write the same conversation, and both of what they wrote is kept', async () => {
  const { folder, history } = openFolder();
  const conversation = conversationOf('one', 'answer');
  await history.add(conversation);
  const other = openFolder(folder).history;
  const question = (id: string, text: string): Message => ({
    id,
    parent: conversation.head,
    createdAt: 5000,
    role: 'user',
    useWorkspace: false,
    parts: [{ type: 'text', text }],
  });
  for (let i = 0; i < 50; i++) {
    history.append(conversation.id, [{ type: 'message', message: question(`here-${i}`, 'here') }]);
    other.append(conversation.id, [{ type: 'message', message: question(`there-${i}`, 'there') }]);
  }
  await Promise.all([history.flush(), other.flush()]);
  const kept = await openFolder(folder).history.load(conversation.id);
  expect(kept?.messages.filter(({ id }) => id.startsWith('here')).length).toBe(50);
  expect(kept?.messages.filter(({ id }) => id.startsWith('there')).length).toBe(50);
});

test('a search finds all words in titles and texts, whatever their case, and shows where', async () => {
  const { history } = openFolder();
  const parser = conversationOf('Where is the parser?', `${'x '.repeat(100)}It is in SRC/parse.ts, line 3.`);
  await history.add(parser);
  await history.add(conversationOf('Something else', 'no'));
  expect(await history.search('PARSER where')).toMatchObject([{ id: parser.id, excerpt: '' }]);
  const [found, ...more] = await history.search('src/parse.ts');
  expect(more).toEqual([]);
  expect(found?.excerpt).toMatch(/^….*SRC\/parse\.ts/);
  expect(await history.search('nowhere')).toEqual([]);
  expect(await history.search('')).toHaveLength(2);
});

test('a claim counts for a minute, so that a window that died keeps no question', () => {
  const now = 1_000_000;
  const claim = (by: string, at: number): string =>
    toLines([{ type: 'claim', questionId: 'w', by, at }]).trim();
  const won = (by: string, ...lines: string[]): boolean => wonClaim(lines, { questionId: 'w', by }, now);
  expect(won('a')).toBe(true);
  expect(won('a', claim('a', now), claim('b', now))).toBe(true);
  expect(won('b', claim('a', now), claim('b', now))).toBe(false);
  expect(won('b', claim('a', now - 60_001), claim('b', now))).toBe(true);
});

test('a deleted conversation can be brought back, and is gone for good after a month', async () => {
  const { folder, history } = openFolder();
  const conversation = conversationOf('one');
  await history.add(conversation);
  await history.remove(conversation.id);
  expect(await history.list()).toEqual([]);
  await history.restore(conversation.id);
  // The button of a message may be pressed after the row of a list.
  await history.restore(conversation.id);
  expect(await history.load(conversation.id)).toEqual(conversation);
  await history.remove(conversation.id);
  await history.purge();
  expect(readdirSync(folder)).toContain(`${conversation.id}.deleted`);
  const longAgo = new Date(Date.now() - 31 * 24 * 60 * 60_000);
  utimesSync(join(folder, `${conversation.id}.deleted`), longAgo, longAgo);
  await history.purge();
  expect(readdirSync(folder)).not.toContain(`${conversation.id}.deleted`);
});

test('what cannot be written is told once, is kept in memory, and is written when it can be', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const parent = temporaryDirectory();
    // A file where the folder should be: nothing can be written into it.
    writeFileSync(join(parent, 'conversations'), '');
    const { folder, history, shown } = openFolder(join(parent, 'conversations'));
    const conversation = conversationOf('precious');
    await history.add(conversation);
    history.append(conversation.id, [{ type: 'title', title: 'renamed' }]);
    await history.flush();
    expect(shown.map(({ code }) => code)).toEqual(['fileUnwritable']);
    rmSync(folder);
    mkdirSync(folder);
    await vi.advanceTimersByTimeAsync(5_000);
    await history.flush();
    expect(await openFolder(folder).history.load(conversation.id)).toEqual({
      ...conversation,
      title: 'renamed',
    });
  } finally {
    vi.useRealTimers();
  }
});

test('a line that was cut, or comes from a later version, costs that line only', async () => {
  const { folder, history } = openFolder();
  const conversation = conversationOf('one', 'two');
  await history.add(conversation);
  const path = join(folder, `${conversation.id}.jsonl`);
  appendFileSync(path, '{"type":"message","message":{"id":"ha');
  // The process died there; the next one goes on.
  const next = openFolder(folder).history;
  next.append(conversation.id, [{ type: 'title', title: 'after it' }]);
  await next.flush();
  appendFileSync(path, '{"type":"hologram","messageId":"x"}\n');
  expect(await next.load(conversation.id)).toEqual({ ...conversation, title: 'after it' });
  expect(readFileSync(path, 'utf8')).toContain('hologram');
});

test('text that a failed write has left behind twice is there once', () => {
  const conversation = conversationOf('one', '');
  const [messageId = ''] = conversation.messages.slice(1).map(({ id }) => id);
  const lines = toLines([
    ...entriesOf(conversation),
    { type: 'text', messageId, from: 0, text: 'Hello' },
    { type: 'text', messageId, from: 0, text: 'Hello' },
    { type: 'text', messageId, from: 5, text: ' you' },
  ]);
  expect(replay(lines.split('\n'))?.messages.map(textOf)).toEqual(['one', 'Hello you']);
});

test('a message whose parent was lost is still within reach', () => {
  const conversation = conversationOf('one', 'two', 'three');
  const lines = toLines(entriesOf(conversation)).split('\n');
  const without = lines.filter(line => !line.includes('"two"'));
  expect(replay(without)?.messages.map(({ parent }) => parent)).toEqual([null, conversation.messages[0]?.id]);
});
