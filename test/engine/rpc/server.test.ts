// The wire: real JSON-RPC on both ends of in-memory streams; typed errors, cancellation, rubbish and the end of input.
import { PassThrough } from 'node:stream';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import {
  answerNow,
  chatSend,
  ChatDeltaType,
  type ChatDelta,
  type ChatSendParams,
} from '../../../engine/protocol/chat.ts';
import { completionInline, completionPrompt } from '../../../engine/protocol/completion.ts';
import { errors, fromWire, type HearthError } from '../../../engine/protocol/errors.ts';
import { levelOfLine } from '../../../engine/protocol/log_line.ts';
import {
  engineStatus,
  initialize,
  loadModel,
  protocolVersion,
  shutdown,
  type EngineStatus,
} from '../../../engine/protocol/lifecycle.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { countTokens, measureChat, type MeasureParams } from '../../../engine/protocol/measure.ts';
import {
  workspaceForget,
  workspaceIngest,
  workspaceStatus,
  workspaceSymbols,
  type WorkspaceStatus,
} from '../../../engine/protocol/workspace.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import type { EngineHost } from '../../../engine/service/engine_host.ts';
import type { LoadedText } from '../../../engine/service/loaded.ts';
import { serve, type EngineServer } from '../../../engine/rpc/server.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedText } from '../../support/embedded_text.ts';
import { completionParams } from '../../support/completion_params.ts';

let text: LoadedText;
beforeAll(async () => {
  text = await embeddedText();
});

let toEngine: PassThrough;
let fromEngine: PassThrough;
let client: MessageConnection;
let server: EngineServer;
let model: FakeModel;
let host: EngineHost;
let ended: Promise<string>;
const statuses: EngineStatus[] = [];
/** What the model says after these ids. */
let next: (ids: readonly number[]) => number;
beforeEach(async () => {
  toEngine = new PassThrough();
  fromEngine = new PassThrough();
  next = () => 64;
  model = new FakeModel({ vocabularySize: 8192, contextTokensMax: 2048, next: ids => next(ids) });
  const openModel = (path: string) =>
    Promise.reject(errors.fileUnreadable(path, new Error('it is not there')));
  host = await hostServing(model, text, { openModel });
  ended = new Promise(resolve => {
    server = serve({ host, input: toEngine, output: fromEngine, engineVersion: '0', onEnd: resolve });
  });
  client = createMessageConnection(new StreamMessageReader(fromEngine), new StreamMessageWriter(toEngine));
  statuses.length = 0;
  client.onNotification(engineStatus, status => void statuses.push(status));
  client.listen();
});
afterEach(() => {
  client.dispose();
  server.dispose();
});

const chat = (change: Partial<ChatSendParams> = {}): ChatSendParams => ({
  progressToken: 'p',
  messages: [{ role: 'user', content: 'Hi' }],
  maxTokens: 5,
  sampling: { temperature: 0 },
  ...change,
});
const failureOf = (request: Promise<unknown>): Promise<HearthError> =>
  request.then(() => expect.unreachable('the request succeeded'), fromWire);

test('an answer arrives as progress and once more whole in the result', async () => {
  const deltas: ChatDelta[] = [];
  const progress = client.onProgress(ChatDeltaType, 'p', delta => void deltas.push(delta));
  const result = await client.sendRequest(chatSend, chat());
  progress.dispose();
  const shown = deltas.flatMap(delta => (delta.kind === 'text' ? [delta.text] : [])).join('');
  expect(result.text).toBe('aaaaa');
  expect(shown).toBe(result.text);
  expect(deltas[0]?.kind).toBe('prefill');
});

/** Lets the model say this, then "a" for ever. */
function says(answer: string): void {
  const ids = text.tokenizer.encode(answer, { special: false });
  let start: number | undefined;
  next = ({ length }) => ids[length - (start ??= length)] ?? 64;
}

test('a thought that nobody has opened is told of when it ends', async () => {
  says('Hm.</think>Yes');
  const deltas: ChatDelta[] = [];
  const progress = client.onProgress(ChatDeltaType, 'p', delta => void deltas.push(delta));
  const result = await client.sendRequest(chatSend, chat({ maxTokens: 20 }));
  progress.dispose();
  const said = deltas.filter(({ kind }) => kind !== 'prefill');
  const turn = said.findIndex(({ kind }) => kind === 'thoughtSoFar');
  const textOf = (some: ChatDelta[]) => some.map(delta => (delta.kind === 'text' ? delta.text : '')).join('');
  expect(textOf(said.slice(0, turn))).toBe('Hm.');
  expect(textOf(said.slice(turn))).toBe(result.text);
  expect(result.thinking).toBe('Hm.');
  expect(result.text).toMatch(/^Yesa+$/);
});

test('an answer that does not think, or that nobody knows, has no thought to end', async () => {
  const running = client.sendRequest(chatSend, chat({ maxTokens: 40 }));
  for (const progressToken of ['p', 'q'])
    expect(await client.sendRequest(answerNow, { progressToken })).toEqual({ closed: false });
  const { text: said, ...result } = await running;
  expect(said).toBe('a'.repeat(40));
  expect(result).not.toHaveProperty('thoughtCut');
  const params = {} as { progressToken: string };
  expect((await failureOf(client.sendRequest(answerNow, params))).message).toContain('progressToken');
});

test('an answer needs no limit; one that only repeats itself ends all the same, and says why', async () => {
  const result = await client.sendRequest(chatSend, chat({ maxTokens: undefined }));
  expect(result).toMatchObject({ text: 'a'.repeat(800), finishReason: 'repetition' });
});

test('cancelling a request gives its text so far as the result', async () => {
  const source = new CancellationTokenSource();
  model.before = ids => {
    if (ids.length === 1) source.cancel();
    return new Promise(resolve => setTimeout(resolve, 5));
  };
  const result = await client.sendRequest(chatSend, chat({ maxTokens: 200 }), source.token);
  expect(result.finishReason).toBe('cancelled');
  expect(result.stats.generatedTokens).toBeLessThan(200);
});

test('cancelling a completion is a result, not an error, and the engine goes on', async () => {
  const source = new CancellationTokenSource();
  model.before = ids => {
    if (ids.length === 1) source.cancel();
    return new Promise(resolve => setTimeout(resolve, 5));
  };
  const params = completionParams({ maxTokens: 90 });
  const cut = await client.sendRequest(completionInline, params, source.token);
  expect(cut.finishReason).toBe('cancelled');
  expect(cut.stats.generatedTokens).toBeLessThan(90);
  model.before = () => undefined;
  const whole = await client.sendRequest(completionInline, completionParams({ maxTokens: 5 }));
  expect(whole).toMatchObject({ text: 'aaaaa', finishReason: 'length' });
});

test('the prompt of a completion is told', async () => {
  const { text } = await client.sendRequest(completionPrompt, completionParams());
  expect(text).toContain('<|fim_middle|>const x = ');
});

test('a completion that was cancelled before it began reads nothing', async () => {
  const source = new CancellationTokenSource();
  // The chat holds the engine until the completion is cancelled.
  const chatting = client.sendRequest(chatSend, chat({ maxTokens: 20 }));
  model.before = () => new Promise(resolve => setTimeout(resolve, 2));
  const asked = client.sendRequest(completionInline, completionParams(), source.token);
  source.cancel();
  expect(await asked).toMatchObject({ text: '', finishReason: 'cancelled', stats: { prefillMs: 0 } });
  expect((await chatting).finishReason).toBe('length');
});

test('a stop text ends the answer', async () => {
  const result = await client.sendRequest(chatSend, chat({ stop: ['aaa'] }));
  expect(result).toMatchObject({ text: '', finishReason: 'stop' });
});

test('texts and prompts are measured while an answer runs', async () => {
  const answering = client.sendRequest(chatSend, chat({ maxTokens: 40 }));
  const { tokens } = await client.sendRequest(countTokens, { texts: ['', 'a', 'aa aa'] });
  const count = (all: string) => text.tokenizer.encode(all, { special: false }).length;
  expect(tokens).toEqual([0, count('a'), count('aa aa')]);
  const { promptTokens } = await client.sendRequest(measureChat, { messages: chat().messages });
  expect(promptTokens).toBe((await answering).stats.promptTokens);
});

test('what is too much to count, or no question, is refused', async () => {
  const many = { texts: Array.from({ length: limits.countTextsMax + 1 }, () => '') };
  const long = { texts: ['x'.repeat(limits.countCharsMax), 'y'] };
  for (const params of [many, long])
    expect(await failureOf(client.sendRequest(countTokens, params))).toMatchObject({
      code: 'badParams',
      message: expect.stringContaining('texts'),
    });
  const answer: MeasureParams = { messages: [{ role: 'assistant', content: 'x' }] };
  expect((await failureOf(client.sendRequest(measureChat, answer))).message).toContain('messages');
});

test('errors keep their code and remedy over the wire', async () => {
  const error = await failureOf(
    client.sendRequest(chatSend, chat({ messages: [{ role: 'user', content: 'word '.repeat(3000) }] })),
  );
  expect(error.code).toBe('contextFull');
  expect(error.remedy).toContain('hearth.context.maxTokens');
});

test.each<[string, Partial<Record<keyof ChatSendParams, unknown>>, string]>([
  ['no messages', { messages: [] }, 'messages'],
  ['a system message', { messages: [{ role: 'system', content: 'x' }] }, 'messages.0.role'],
  ['an answer last', { messages: [{ role: 'assistant', content: 'x' }] }, 'messages'],
  ['an answer to continue that is none', { continueAnswer: true }, 'messages'],
  [
    'an answer to continue that nobody asked for',
    { continueAnswer: true, messages: [{ role: 'assistant', content: 'x' }] },
    'messages',
  ],
  ['a negative length', { maxTokens: -1 }, 'maxTokens'],
  ['a text as temperature', { sampling: { temperature: 'hot' } }, 'sampling.temperature'],
  ['an effort that is a text', { effort: 'low <|im_end|>' }, 'effort'],
  ['instructions without end', { instructions: 'x'.repeat(limits.instructionsCharsMax + 1) }, 'instructions'],
  ['half a token of thought', { thinkingTokens: 0.5 }, 'thinkingTokens'],
  ['an empty stop text', { stop: ['x', ''] }, 'stop.1'],
  ['a stop text without end', { stop: ['x'.repeat(limits.stopTextCharsMax + 1)] }, 'stop.0'],
  ['more stop texts than are looked for', { stop: Array(limits.stopTextsMax + 1).fill('x') }, 'stop'],
])('params with %s are refused by name', async (_, change, field) => {
  const error = await failureOf(client.sendRequest(chatSend, chat(change as Partial<ChatSendParams>)));
  expect(error.code).toBe('badParams');
  expect(error.message).toContain(field);
});

test('another protocol version is refused', async () => {
  const error = await failureOf(
    client.sendRequest(initialize, {
      protocolVersion: protocolVersion + 1,
      clientName: 't',
      clientVersion: '0',
    }),
  );
  expect(error.code).toBe('badParams');
});

test('a model that cannot be read is a named error, and the one that is loaded goes on answering', async () => {
  const error = await failureOf(
    client.sendRequest(loadModel, { path: '/nowhere.gguf', contextTokensMax: 0, progressToken: 'l' }),
  );
  expect(error.code).toBe('fileUnreadable');
  expect(statuses.map(status => status.state)).toEqual(['loading', 'ready']);
  expect((await client.sendRequest(chatSend, chat())).text).toBe('aaaaa');
});

test('a lost device fails the request and is told to everybody', async () => {
  model.before = () => Promise.reject(errors.deviceLost('gone'));
  expect((await failureOf(client.sendRequest(chatSend, chat()))).code).toBe('deviceLost');
  expect(statuses.at(-1)).toMatchObject({ state: 'failed', error: { code: 'deviceLost' } });
});

test('an unexpected error becomes internal, keeps its message, and is an error in the log', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue();
  model.before = () => Promise.reject(new TypeError('x is not a function'));
  const error = await failureOf(client.sendRequest(chatSend, chat()));
  expect(error.code).toBe('internal');
  expect(error.message).toContain('x is not a function');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines).toEqual([expect.stringContaining('TypeError: x is not a function')]);
  expect(lines.map(levelOfLine)).toEqual(['error']);
  model.before = () => undefined;
  expect((await client.sendRequest(chatSend, chat())).text).toBe('aaaaa');
});

test('a workspace is ingested in batches, and unknown once it was forgotten', async () => {
  const batch = { workspace: 'w', name: 'w', removedPaths: [], skipped: [] };
  const file = (path: string) => ({ path, uri: `file:///${path}`, text: 'x\n' });
  await client.sendRequest(workspaceIngest, { ...batch, reset: true, final: false, files: [file('a.ts')] });
  const status = await client.sendRequest(workspaceIngest, {
    ...batch,
    reset: false,
    final: true,
    files: [file('b.ts')],
  });
  expect(status.included.map(f => f.path)).toEqual(['a.ts', 'b.ts']);
  expect((await client.sendRequest(chatSend, chat({ workspace: 'w' }))).text).toBe('aaaaa');
  expect(await client.sendRequest(workspaceForget, { workspace: 'w' })).toBeNull();
  const late = client.sendRequest(chatSend, chat({ workspace: 'w' }));
  expect((await failureOf(late)).code).toBe('badParams');
});

test('a block that is laid out again by itself is told of', async () => {
  host.requireLoaded().limits = {};
  const told: WorkspaceStatus[] = [];
  client.onNotification(workspaceStatus, status => void told.push(status));
  const status = await client.sendRequest(workspaceIngest, {
    workspace: 'w',
    name: 'w',
    reset: true,
    final: true,
    removedPaths: [],
    skipped: [],
    files: Array.from({ length: 20 }, (_, i) => ({
      path: `${i}.ts`,
      uri: `file:///${i}.ts`,
      text: `export const value${i} = ${i};\n`.repeat(20),
    })),
  });
  expect(status.mapTokens).toBeGreaterThan(0);
  await vi.waitFor(() => expect(told).toHaveLength(1), 20_000);
  expect(told[0]).toMatchObject({ workspace: 'w', included: status.included });
});

test('names are defined, written, or missing in a workspace, as its files are now', async () => {
  const batch = { workspace: 'w', name: 'w', final: true, removedPaths: [], skipped: [] };
  const file = (path: string, text: string) => ({ path, uri: `file:///${path}`, text });
  const files = [
    file('a.ts', 'export function orderTotal() {\n  return lodashSum([]);\n}\n'),
    file('b.ts', 'export class Stock {\n  add(item: string) {}\n}\n'),
  ];
  const lookUp = async (...names: string[]) => {
    const symbols = names.map(name => ({ name, near: true }));
    return (await client.sendRequest(workspaceSymbols, { workspace: 'w', symbols })).found;
  };
  expect((await failureOf(lookUp('x'))).code).toBe('badParams');
  await client.sendRequest(workspaceIngest, { ...batch, reset: true, files });
  expect(
    await lookUp('orderTotal', 'Stock.add()', 'lodashSum', 'fs.readFile', 'orderTotals', 'nothingAlike'),
  ).toEqual([
    { name: 'orderTotal', kind: 'defined', places: [{ path: 'a.ts', uri: 'file:///a.ts', line: 1 }] },
    { name: 'Stock.add()', kind: 'defined', places: [{ path: 'b.ts', uri: 'file:///b.ts', line: 2 }] },
    { name: 'lodashSum', kind: 'written', places: [] },
    { name: 'fs.readFile', kind: 'unknown', places: [] },
    { name: 'orderTotals', kind: 'missing', places: [], near: 'orderTotal' },
    { name: 'nothingAlike', kind: 'missing', places: [] },
  ]);
  const changed = [file('a.ts', '\nexport function orderTotals() {}\n')];
  await client.sendRequest(workspaceIngest, { ...batch, reset: false, files: changed });
  expect(await lookUp('orderTotal', 'orderTotals')).toEqual([
    { name: 'orderTotal', kind: 'missing', places: [], near: 'orderTotals' },
    { name: 'orderTotals', kind: 'defined', places: [{ path: 'a.ts', uri: 'file:///a.ts', line: 2 }] },
  ]);
  // What was left out may hold it.
  const skipped = [{ path: '…', reason: phrase`${2} more files were skipped`, files: 2 }];
  await client.sendRequest(workspaceIngest, { ...batch, reset: false, files: [], skipped });
  expect(await lookUp('orderTotal')).toEqual([{ name: 'orderTotal', kind: 'unknown', places: [] }]);
});

test('shutdown frees the model and answers', async () => {
  expect(await client.sendRequest(shutdown)).toBeNull();
  expect(model.disposed).toBe(true);
});

test('the end of the input ends the engine', async () => {
  toEngine.end();
  expect(await ended).toMatch(/input ended|connection closed/);
});

test.each([
  ['an oversized message', `Content-Length: ${limits.rpcMessageBytesMax + 1}\r\n\r\n`, /over the limit/],
  ['a header without a length', 'Hello: there\r\n\r\n', /lacks its length/],
  ['a header without an end', 'x'.repeat(5000), /no end/],
  ['a body that is no JSON', 'Content-Length: 5\r\n\r\n{nope', /JSON/],
])('%s ends the engine with its reason instead of hanging', async (_, bytes, reason) => {
  toEngine.write(bytes);
  expect(await ended).toMatch(reason);
});

test.each([
  ['a request of an unknown method', { jsonrpc: '2.0', id: 7, method: 'no/such', params: {} }],
  ['a request without params', { jsonrpc: '2.0', id: 7, method: 'chat/send' }],
  ['a request with params of another kind', { jsonrpc: '2.0', id: 7, method: 'chat/send', params: [1, 2] }],
])('%s gets an error as its answer', async (_, message) => {
  client.dispose();
  const answer = new Promise<string>(resolve => {
    let seen = '';
    fromEngine.on('data', (chunk: Buffer) => {
      seen += chunk.toString('utf8');
      if (seen.includes('"id":7')) resolve(seen);
    });
  });
  const body = JSON.stringify(message);
  toEngine.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  expect(await answer).toContain('"error"');
});

test('what is no message is passed over, and the next request is answered', async () => {
  for (const body of ['null', '5', '[]', '{}', '{"jsonrpc":"2.0"}'])
    toEngine.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  expect((await client.sendRequest(chatSend, chat())).text).toBe('aaaaa');
});

test('a client that goes in the middle of an answer ends it', async () => {
  let steps = 0;
  model.before = () => {
    if (++steps === 3) {
      client.dispose();
      toEngine.end();
    }
    return new Promise(resolve => setTimeout(resolve, 1));
  };
  client.sendRequest(chatSend, chat({ maxTokens: 500 })).catch(() => undefined);
  expect(await ended).toMatch(/input ended|connection closed/);
});

test('a client that goes takes its workspaces and requests with it; the model stays for others', async () => {
  model.before = () => new Promise(resolve => setTimeout(resolve, 2));
  const batch = { workspace: 'w', name: 'w', reset: true, final: true, removedPaths: [], skipped: [] };
  const file = { path: 'a.ts', uri: 'file:///a.ts', text: 'x\n' };
  await client.sendRequest(workspaceIngest, { ...batch, files: [file] });
  const steps = () => model.batches.length;
  client.sendRequest(chatSend, chat({ maxTokens: 500 })).catch(() => undefined);
  await expect.poll(steps).toBeGreaterThan(5);
  expect(host.onLoaded.size).toBe(1);
  client.dispose();
  toEngine.end();
  await ended;
  // Nobody lays out its files any more.
  expect(host.onLoaded.size).toBe(0);
  await new Promise(resolve => setTimeout(resolve, 20));
  const [before, sequences] = [steps(), model.liveSequences.size];
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(steps()).toBe(before);
  expect(model.disposed).toBe(false);
  const next = new ClientSession(host);
  const again = { messages: chat().messages, maxTokens: 5, sampling: { temperature: 0 } };
  expect((await next.chat(again, {})).text).toBe('aaaaa');
  expect(model.liveSequences.size).toBe(sequences);
});
