import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { ChatDelta } from '../../../engine/protocol/chat.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { EngineClient } from '../../../extension/link/client.ts';
import { fakeAnswer, fakeMeasure, FakeEngine, silentLog } from '../../fakes/fake_engine.ts';

const chat = { messages: [], maxTokens: 5, sampling: {} };

describe('engine client', () => {
  test('streams an answer and gives its result', async () => {
    const engine = new FakeEngine();
    engine.onChat = async (_params, delta) => {
      delta({ kind: 'prefill', doneTokens: 1, totalTokens: 2 });
      delta({ kind: 'text', text: 'a' });
      delta({ kind: 'text', text: 'b' });
      return fakeAnswer('ab');
    };
    const heard: ChatDelta[] = [];
    const result = await engine
      .running()
      .client.chatSend(chat, delta => heard.push(delta), CancellationToken.None);
    expect(result.text).toBe('ab');
    expect(heard.map(delta => (delta.kind === 'text' ? delta.text : delta.kind))).toEqual([
      'prefill',
      'a',
      'b',
    ]);
  });

  test('keeps the progress of two answers apart', async () => {
    const engine = new FakeEngine();
    engine.onChat = async ({ messages }, delta) => {
      const text = messages[0]?.content ?? '';
      delta({ kind: 'text', text });
      return fakeAnswer(text);
    };
    const { client } = engine.running();
    const heard: Record<string, string> = { one: '', two: '' };
    const ask = (content: 'one' | 'two') =>
      client.chatSend(
        { ...chat, messages: [{ role: 'user', content }] },
        delta => (heard[content] += delta.kind === 'text' ? delta.text : ''),
        CancellationToken.None,
      );
    await Promise.all([ask('one'), ask('two')]);
    expect(heard).toEqual({ one: 'one', two: 'two' });
  });

  test('has the thought of one answer end, by the name that it was given', async () => {
    const engine = new FakeEngine();
    const { client } = engine.running();
    const progressToken = client.newAnswerToken();
    let answer: (text: string) => void = () => undefined;
    engine.onChat = () => new Promise(resolve => (answer = text => resolve(fakeAnswer(text))));
    const heard: ChatDelta[] = [];
    const answered = client.chatSend(
      { ...chat, progressToken },
      delta => heard.push(delta),
      CancellationToken.None,
    );
    expect(await client.answerNow(progressToken)).toBe(true);
    engine.thinks = false;
    expect(await client.answerNow(progressToken)).toBe(false);
    expect(engine.chats[0]?.progressToken).toBe(progressToken);
    expect(engine.answeredNow).toEqual([progressToken, progressToken]);
    expect(client.newAnswerToken()).not.toBe(progressToken);
    answer('x');
    expect((await answered).text).toBe('x');
  });

  test('asks for the tokens of texts and of a whole question', async () => {
    const engine = new FakeEngine();
    const { client } = engine.running();
    expect(await client.countTokens(['', 'four'])).toEqual([0, 4]);
    const { messages } = chat;
    engine.onMeasure = async params => fakeMeasure(params, { reusableTokens: 3 });
    expect(await client.measureChat({ messages })).toMatchObject({ fits: true, reusableTokens: 3 });
  });

  test('turns a wire error back into the named error with its remedy', async () => {
    const engine = new FakeEngine();
    engine.onChat = async () => {
      throw errors.contextFull(9, 8);
    };
    const failure = engine.running().client.chatSend(chat, () => undefined, CancellationToken.None);
    await expect(failure).rejects.toMatchObject({
      code: 'contextFull',
      remedy: errors.contextFull(9, 8).remedy,
    });
  });

  test('passes cancellation on to the engine', async () => {
    const engine = new FakeEngine();
    engine.onChat = (_params, _delta, token) =>
      new Promise(resolve =>
        token.onCancellationRequested(() => resolve(fakeAnswer('', { finishReason: 'cancelled' }))),
      );
    const source = new CancellationTokenSource();
    const answer = engine.running().client.chatSend(chat, () => source.cancel(), source.token);
    setImmediate(() => source.cancel());
    expect((await answer).finishReason).toBe('cancelled');
  });

  test('fails open and later calls with how the process ended', async () => {
    const engine = new FakeEngine();
    engine.onChat = () => new Promise(() => undefined);
    const { client } = engine.running();
    const open = client.chatSend(chat, () => undefined, CancellationToken.None);
    engine.crash('exit code 134');
    await expect(open).rejects.toMatchObject({
      code: 'engineExited',
      message: expect.stringContaining('exit code 134'),
    });
    await expect(
      client.initialize({ protocolVersion: 1, clientName: '', clientVersion: '' }),
    ).rejects.toMatchObject({ code: 'engineExited' });
    expect((await client.failed).code).toBe('engineExited');
  });

  test.each([
    ['stray text', 'hello, this is no message\r\n\r\n'],
    ['a body that is no JSON', 'Content-Length: 3\r\n\r\n{{{'],
    ['a message over the limit', `Content-Length: ${limits.rpcMessageBytesMax + 1}\r\n\r\n`],
    ['a header without end', 'x'.repeat(5000)],
  ])('fails instead of hanging on %s', async (_what, bytes) => {
    const engine = new FakeEngine();
    engine.onChat = () => new Promise(() => undefined);
    const { client } = engine.running();
    const open = client.chatSend(chat, () => undefined, CancellationToken.None);
    engine.output.write(bytes);
    await expect(open).rejects.toMatchObject({
      code: 'engineExited',
      message: expect.stringContaining('unreadable answer'),
    });
  });

  test('names the end of the process for a call made while it dies', async () => {
    const engine = new FakeEngine();
    const { client } = engine.running();
    engine.crash('signal SIGKILL');
    await new Promise(resolve => setImmediate(resolve));
    const late = client.chatSend(chat, () => undefined, CancellationToken.None);
    await expect(late).rejects.toMatchObject({
      code: 'engineExited',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  test('hears what was written just before the end', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let exit: (how: string) => void = () => undefined;
    const exited = new Promise<string>(resolve => (exit = resolve));
    const client = new EngineClient({ input, output, exited }, silentLog);
    let heard = '';
    const answer = client.chatSend(
      chat,
      delta => (heard += delta.kind === 'text' ? delta.text : ''),
      CancellationToken.None,
    );
    const body = JSON.stringify({
      jsonrpc: '2.0',
      method: '$/progress',
      params: { token: 'chat-1', value: { kind: 'text', text: 'x' } },
    });
    exit('signal SIGKILL');
    output.end(`Content-Length: ${body.length}\r\n\r\n${body}`.repeat(200));
    await expect(answer).rejects.toMatchObject({ code: 'engineExited' });
    expect(heard).toBe('x'.repeat(200));
  });

  test('fails when the output closes', async () => {
    const engine = new FakeEngine();
    const { client } = engine.running();
    engine.output.end();
    expect((await client.failed).message).toContain('output closed');
  });
});
