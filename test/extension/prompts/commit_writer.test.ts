import { expect, test } from 'vitest';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';
import type { ChatDelta, ChatSendParams, ChatSendResult } from '../../../engine/protocol/chat.ts';
import { promptErrors } from '../../../extension/prompts/errors.ts';
import { writeCommitMessage, type CommitWriterDeps } from '../../../extension/prompts/commit_writer.ts';
import { fakeAnswer, settle } from '../../fakes/fake_engine.ts';

type Send = (
  params: Omit<ChatSendParams, 'progressToken'>,
  hear: (delta: ChatDelta) => void,
  token: CancellationToken,
) => Promise<ChatSendResult>;
const deps = (chatSend: Send): CommitWriterDeps => ({
  engine: { whenReady: async () => ({ client: { chatSend } }) },
  sampling: () => ({ temperature: 0 }),
});
const says = (hear: (delta: ChatDelta) => void, ...pieces: string[]): void =>
  pieces.forEach(text => hear({ kind: 'text', text }));

/** A box that remembers everything that was put into it. */
function recordingBox(value: string) {
  const shown: string[] = [];
  return {
    shown,
    get value() {
      return value;
    },
    set value(text: string) {
      value = text;
      shown.push(text);
    },
  };
}

test('writes the message word by word, without its fence and without thoughts', async () => {
  const box = recordingBox('mine');
  let asked: Omit<ChatSendParams, 'progressToken'> | undefined;
  const send: Send = async (params, hear) => {
    asked = params;
    hear({ kind: 'thinking', text: 'hm', tokens: 1 });
    says(hear, '```\nAdd', ' a parser', '\n```');
    return fakeAnswer('```\nAdd a parser\n```');
  };
  const { token } = new CancellationTokenSource();
  expect(await writeCommitMessage(deps(send), box, 'Write.', token)).toEqual({
    end: 'written',
    before: 'mine',
  });
  expect(box.value).toBe('Add a parser');
  expect(box.shown.slice(0, 2)).toEqual(['Add', 'Add a parser']);
  expect(asked).toMatchObject({
    messages: [{ role: 'user', content: 'Write.' }],
    think: false,
    sampling: { temperature: 0 },
  });
});

test('a text that turns out to be a thought is no part of the message', async () => {
  const box = recordingBox('');
  const send: Send = async (_params, hear) => {
    says(hear, 'Let me see.');
    hear({ kind: 'thoughtSoFar' });
    says(hear, 'Add', ' a parser');
    return fakeAnswer('Add a parser', { thinking: 'Let me see.' });
  };
  await writeCommitMessage(deps(send), box, 'Write.', new CancellationTokenSource().token);
  expect(box.shown).toEqual(['Let me see.', 'Add', 'Add a parser', 'Add a parser']);
});

test('stopped, the box is as it was, even when the engine does not answer', async () => {
  const box = { value: 'mine' };
  const source = new CancellationTokenSource();
  let cancelled = false;
  const send: Send = async (_params, hear, token) => {
    says(hear, 'Add');
    token.onCancellationRequested(() => (cancelled = true));
    return new Promise(() => undefined);
  };
  const done = writeCommitMessage(deps(send), box, '', source.token);
  await settle();
  expect(box.value).toBe('Add');
  source.cancel();
  expect(await done).toEqual({ end: 'stopped', before: 'mine' });
  expect(box.value).toBe('mine');
  expect(cancelled).toBe(true);
});

test('stopped before the engine is ready, nothing is asked', async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  const box = { value: 'mine' };
  const engine: CommitWriterDeps['engine'] = {
    whenReady: async token => (token.isCancellationRequested ? undefined : expect.fail('was not told')),
  };
  expect(await writeCommitMessage({ engine, sampling: () => ({}) }, box, '', source.token)).toEqual({
    end: 'stopped',
    before: 'mine',
  });
});

test('whoever writes into the box meanwhile keeps what is there', async () => {
  const box = { value: '' };
  let heardCancel = false;
  const send: Send = async (_params, hear, token) => {
    says(hear, 'Add');
    box.value = 'Add my own';
    token.onCancellationRequested(() => (heardCancel = true));
    says(hear, ' a parser');
    return fakeAnswer('Add a parser');
  };
  const { token } = new CancellationTokenSource();
  expect((await writeCommitMessage(deps(send), box, '', token)).end).toBe('taken');
  expect(box.value).toBe('Add my own');
  expect(heardCancel).toBe(true);
});

test('a box that shows an earlier piece again, as the editor’s does, was not taken', async () => {
  const box = { value: '' };
  const send: Send = async (_params, hear) => {
    says(hear, 'Add', ' a');
    box.value = 'Add';
    says(hear, ' parser');
    return fakeAnswer('Add a parser');
  };
  const { token } = new CancellationTokenSource();
  expect((await writeCommitMessage(deps(send), box, '', token)).end).toBe('written');
  expect(box.value).toBe('Add a parser');
});

test('an error leaves the box as it was', async () => {
  const box = { value: 'mine' };
  const { token } = new CancellationTokenSource();
  const failing: Send = async (_params, hear) => {
    says(hear, 'Add');
    throw new Error('lost');
  };
  await expect(writeCommitMessage(deps(failing), box, '', token)).rejects.toThrow('lost');
  expect(box.value).toBe('mine');
  const empty: Send = async () => fakeAnswer('``` \n```');
  await expect(writeCommitMessage(deps(empty), box, '', token)).rejects.toThrow(
    promptErrors.noCommitMessage(),
  );
  expect(box.value).toBe('mine');
});
