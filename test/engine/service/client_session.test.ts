// A client's session over a model in plain numbers: chat, completion, workspace, cancellation, superseding.
import { phrase } from '../../../engine/protocol/phrase.ts';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { modelLimitsName } from '../../../engine/checkpoint/model_limits.ts';
import type { ChatMessage } from '../../../engine/protocol/chat.ts';
import type { IngestParams, WorkspaceStatus } from '../../../engine/protocol/workspace.ts';
import { BoundedTemplate } from '../../../engine/prompt/bounded_template.ts';
import { createChatTemplate } from '../../../engine/prompt/chat_template.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import { EngineHost } from '../../../engine/service/engine_host.ts';
import type { LoadedText } from '../../../engine/service/loaded.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { fakeDevice, hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedText } from '../../support/embedded_text.ts';
import { completionParams } from '../../support/completion_params.ts';
import { embeddedModelPath } from '../../support/embedded_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

let text: LoadedText;
beforeAll(async () => {
  text = await embeddedText();
});

let model: FakeModel;
let host: EngineHost;
let session: ClientSession;
/** Serves the model, with another text if need be. */
async function serve(own: LoadedText = text): Promise<void> {
  host = await hostServing(model, own);
  session = new ClientSession(host);
}
/** A session whose model answers with these words, again after every prompt. */
async function answering(
  answer: string,
  options: { contextTokensMax?: number; batchTokensMax?: number } = {},
): Promise<void> {
  const ids = [...text.tokenizer.encode(answer, { special: false }), 8179];
  // The next word follows from how much of the answer the text so far ends with.
  const next = (all: readonly number[]) => {
    for (let said = Math.min(ids.length - 1, all.length); said > 0; said--)
      if (ids.slice(0, said).every((id, i) => all[all.length - said + i] === id)) return ids[said]!;
    return ids[0]!;
  };
  model = new FakeModel({
    vocabularySize: 8192,
    contextTokensMax: 2048,
    batchTokensMax: 64,
    ...options,
    next,
  });
  await serve();
}
beforeEach(() => answering('Hello there.'));

const ask = (content: string, more: object = {}) => ({
  messages: [{ role: 'user' as const, content }],
  maxTokens: 50,
  sampling: { temperature: 0 },
  ...more,
});
const ingest = (files: Record<string, string>, change: Partial<IngestParams> = {}): IngestParams => ({
  workspace: 'demo',
  name: 'demo',
  reset: true,
  final: true,
  removedPaths: [],
  skipped: [],
  files: Object.entries(files).map(([path, content]) => ({
    path,
    uri: `file:///demo/${path}`,
    text: content,
  })),
  ...change,
});

test('an answer streams its text, ends at the stop token and reports its counts', async () => {
  const pieces: string[] = [];
  const prefill: number[] = [];
  const result = await session.chat(ask('Hi?'), {
    onText: piece => pieces.push(piece),
    onPrefill: done => prefill.push(done),
  });
  expect(result.text).toBe('Hello there.');
  expect(pieces.join('')).toBe(result.text);
  expect(pieces.length).toBeGreaterThan(1);
  expect(result.finishReason).toBe('stop');
  expect(prefill.at(-1)).toBe(result.stats.promptTokens);
  expect(result.stats.generatedTokens).toBe(text.tokenizer.encode('Hello there.', { special: false }).length);
  expect(result.sources).toEqual([]);
});

test('instructions are read with the question, and ones that are too long are cut to leave room', async () => {
  const tokensOf = async (instructions?: string) =>
    (await session.chat(ask('Hi?', { instructions }), {})).stats.promptTokens;
  const without = await tokensOf();
  const rules = 'Answer in one short sentence.';
  const { length } = text.tokenizer.encode(rules, { special: false });
  expect(await tokensOf(rules)).toBeGreaterThanOrEqual(without + length);
  // Twenty times what the context has room for.
  expect(await tokensOf(rules.repeat(1_500))).toBeLessThan(2048);
});

test("a thinking model's thoughts come apart from its answer, and only the answer is limited", async () => {
  // Two tokens of the vocabulary that no text uses stand for those around a thought.
  const thought = { open: 8180, close: 8181 };
  const template = '{% for m in messages %}{{ m.content }}{% endfor %}<think>';
  const plain = text.tokenizer;
  const thinking: TextTokenizer = {
    ...plain,
    thought,
    chatTemplate: template,
    encode: (all, options) =>
      all.endsWith('<think>')
        ? [...plain.encode(all.slice(0, -'<think>'.length), options), thought.open]
        : plain.encode(all, options),
  };
  const said = [...plain.encode('Long thought.', { special: false }), thought.close];
  said.push(...plain.encode('Short.', { special: false }));
  const next = (all: readonly number[]) => said[all.length - 1 - all.lastIndexOf(thought.open)] ?? 8179;
  model = new FakeModel({ vocabularySize: 8192, contextTokensMax: 2048, next });
  await serve({ ...text, tokenizer: thinking, template: createChatTemplate('t', thinking) });
  const heard = { thinking: '', text: '' };
  const listeners = {
    onThinking: (piece: string) => (heard.thinking += piece),
    onText: (piece: string) => (heard.text += piece),
  };
  const result = await session.chat(ask('Hi?', { maxTokens: 2 }), listeners);
  expect(heard).toEqual({ thinking: result.thinking, text: result.text });
  expect(result.thinking).toBe('Long thought.');
  expect('Short.'.startsWith(result.text) && result.text !== '').toBe(true);
  expect(result.finishReason).toBe('length');
  heard.thinking = '';
  const abort = new AbortController();
  const onThinking = (piece: string) => {
    heard.thinking += piece;
    if (heard.thinking.length > 4) abort.abort();
  };
  const stopped = await session.chat(ask('Hi?'), { ...listeners, onThinking }, abort.signal);
  expect(stopped).toMatchObject({ finishReason: 'cancelled', text: '' });
  expect('Long thought.'.startsWith(stopped.thinking) && stopped.thinking !== '').toBe(true);
});

test('the next turn reads only what is new', async () => {
  const first = await session.chat(ask('Hi?'), {});
  const messages = [
    ...ask('Hi?').messages,
    { role: 'assistant' as const, content: first.text },
    { role: 'user' as const, content: 'And now?' },
  ];
  const second = await session.chat({ ...ask(''), messages }, {});
  expect(second.stats.reusedTokens).toBeGreaterThanOrEqual(first.stats.promptTokens);
});

test('cancelling keeps the text so far and is not an error', async () => {
  let shown = '';
  const abort = new AbortController();
  const onText = (piece: string) => {
    shown += piece;
    if (shown.length > 3) abort.abort();
  };
  const result = await session.chat(ask('Hi?'), { onText }, abort.signal);
  expect(result.finishReason).toBe('cancelled');
  expect(result.text).toBe(shown);
  expect('Hello there.'.startsWith(result.text)).toBe(true);
});

test('cancelling during prefill stops before the next batch', async () => {
  await answering('x', { batchTokensMax: 8 });
  let done = 0;
  const abort = new AbortController();
  const onPrefill = (tokens: number) => {
    done = tokens;
    if (done >= 16) abort.abort();
  };
  const result = await session.chat(ask('word '.repeat(200)), { onPrefill }, abort.signal);
  expect(result.finishReason).toBe('cancelled');
  expect(done).toBeLessThan(40);
});

test('the length limit is told', async () => {
  expect((await session.chat(ask('Hi?', { maxTokens: 2 }), {})).finishReason).toBe('length');
});

test('a question that cannot fit is a context error', async () => {
  await answering('x', { contextTokensMax: 64 });
  expect((await hearthErrorOf(() => session.chat(ask('word '.repeat(200)), {}))).code).toBe('contextFull');
});

test('old turns are dropped before a conversation overflows', async () => {
  await answering('ok', { contextTokensMax: 160 });
  const turn = (i: number) => [
    { role: 'user' as const, content: `Question ${i} ${'pad '.repeat(10)}` },
    { role: 'assistant' as const, content: 'ok' },
  ];
  const messages = [
    ...turn(1),
    ...turn(2),
    ...turn(3),
    ...turn(4),
    { role: 'user' as const, content: 'Last?' },
  ];
  const result = await session.chat({ ...ask(''), messages }, {});
  expect(result.text).toBe('ok');
  expect(result.stats.promptTokens).toBeLessThanOrEqual(160);
});

test('an answer, and a continuation, end before a stop text', async () => {
  await answering('One. Two. Three.');
  const result = await session.chat(ask('Count!', { stop: ['Three', ' Two'] }), {});
  expect(result).toMatchObject({ text: 'One.', finishReason: 'stop' });
  const continued = { prompt: 'Count: ', maxTokens: 50, sampling: {} };
  expect((await session.continueText({ ...continued, stop: ['Three'] }, {})).text).toBe('One. Two. ');
  expect((await session.continueText(continued, {})).text).toBe('One. Two. Three.');
});

test('a completion ends at the line end, or goes on when a block is wanted', async () => {
  await answering('sum(1);\nnext();');
  expect((await session.complete(completionParams())).text).toBe('sum(1);');
  expect((await session.complete(completionParams({ multiline: true }))).text).toBe('sum(1);\nnext();');
});

test('the prompt of a completion is the one that is read, and telling it reads nothing', async () => {
  await answering('1');
  const params = completionParams({ linesBefore: 'a\n', lineLeft: 'const x = ', suffix: '\n' });
  const { text, tokens } = session.completionPrompt(params);
  expect(text).toBe('<|file_sep|>a.ts\n<|fim_prefix|>a\n<|fim_suffix|>\n<|fim_middle|>const x = ');
  const { stats } = await session.complete(params);
  expect(stats).toMatchObject({ promptTokens: tokens, reusedTokens: 0 });
});

test('a newer completion of the same document supersedes the older one', async () => {
  await answering('a long line of text that takes many tokens');
  const older = session.complete(completionParams());
  const newer = session.complete(completionParams({ lineLeft: 'const xy = ' }));
  expect((await older).finishReason).toBe('superseded');
  expect((await newer).text).toContain('a long line');
});

test('a cancelled completion ends with what is there, before it began with nothing, and the next one is whole', async () => {
  await answering('a long line of text that takes many tokens');
  expect(await session.complete(completionParams(), AbortSignal.abort())).toMatchObject({
    text: '',
    finishReason: 'cancelled',
  });
  const abort = new AbortController();
  let steps = 0;
  model.before = () => {
    if (++steps === 4) abort.abort();
  };
  const cut = await session.complete(completionParams(), abort.signal);
  expect(cut.finishReason).toBe('cancelled');
  expect('a long line of text that takes many tokens'.startsWith(cut.text)).toBe(true);
  expect(cut.stats.generatedTokens).toBeLessThan(6);
  const whole = await session.complete(completionParams());
  expect(whole).toMatchObject({ text: 'a long line of text that takes many tokens', finishReason: 'stop' });
});

test('typing in the line reuses everything before it', async () => {
  await answering('1');
  const first = await session.complete(completionParams());
  const second = await session.complete(completionParams({ lineLeft: 'const x = 1' }));
  expect(second.stats.reusedTokens).toBeGreaterThanOrEqual(first.stats.promptTokens - 4);
});

test('a late completion gives what is there', async () => {
  await answering('a long line of text');
  model.before = () => new Promise(resolve => setTimeout(resolve, 15));
  const result = await session.complete(completionParams({ deadlineMs: 20 }));
  expect(result.finishReason).toBe('deadline');
});

test('workspace answers carry checked sources and list what was left out', async () => {
  await answering('It is in src/queue.ts:2 and in src/nowhere.ts:5.');
  session.ingest(
    ingest(
      { 'src/queue.ts': 'class A {}\nexport class Queue {}\n', 'src/other.ts': 'const x = 1;\n' },
      { skipped: [{ path: 'logo.png', reason: phrase`not text` }] },
    ),
  );
  const result = await session.chat(ask('Where is Queue defined?', { workspace: 'demo' }), {});
  expect(result.sources[0]).toEqual({
    path: 'src/queue.ts',
    uri: 'file:///demo/src/queue.ts',
    startLine: 2,
    endLine: 2,
    origin: 'cited',
    seen: 'whole',
  });
  expect(result.seenWhole).toBe(2);
  expect(result.sources.every(source => source.path !== 'src/nowhere.ts')).toBe(true);
  expect(result.leftOut).toEqual([{ path: 'logo.png', reason: phrase`not text` }]);
});

test('the workspace block is read once: the second question reuses it', async () => {
  await answering('ok');
  const { blockTokens } = session.ingest(ingest({ 'a.ts': 'const value = 1;\n'.repeat(30) }));
  await session.chat(ask('One?', { workspace: 'demo' }), {});
  const second = await session.chat(ask('A second, quite different question?', { workspace: 'demo' }), {});
  expect(second.stats.reusedTokens).toBeGreaterThan(blockTokens * 0.9);
});

describe('instructions of the user', () => {
  const rules = 'Be short.\nNever say "<|im_end|>".';
  const promptOf = async (more: object): Promise<{ text: string; read: number; total: number }> => {
    const ids: number[] = [];
    model.before = batch => void ids.push(...batch);
    const { stats } = await session.chat(ask('Hi?', more), {});
    const read = stats.promptTokens - stats.reusedTokens;
    const bytes = ids.slice(0, read).flatMap(id => [...text.tokenizer.decodeBytes(id)]);
    return { text: new TextDecoder().decode(Uint8Array.from(bytes)), read, total: stats.promptTokens };
  };

  test("stand in the system message, after the engine's own, and cannot end it", async () => {
    await answering('ok');
    const { text: prompt } = await promptOf({ instructions: ` \n${rules}\n` });
    const system = `<|im_start|>system\nYou are a coding assistant.\n\n${rules}<|im_end|>\n`;
    expect(prompt.startsWith(`${system}<|im_start|>user\nHi?`)).toBe(true);
    await answering('ok');
    const blank = await promptOf({ instructions: ' \n' });
    await answering('ok');
    expect((await promptOf({})).text).toBe(blank.text);
  });

  test('stand after the workspace: whoever brings others, or none, reads it no second time', async () => {
    await answering('ok');
    const { blockTokens } = session.ingest(ingest({ 'a.ts': 'const value = 1;\n'.repeat(30) }));
    await idle();
    const first = await promptOf({ workspace: 'demo', instructions: rules });
    expect(first.read).toBeLessThan(first.total - blockTokens + 5);
    expect(first.text).toContain(rules);
    for (const more of [{ instructions: 'Be long, and friendly.' }, {}, { instructions: rules }]) {
      const { read, total } = await promptOf({ workspace: 'demo', ...more });
      expect(read).toBeLessThan(total - blockTokens + 5);
    }
  });

  test('that stay the same are read once, with or without a workspace', async () => {
    await answering('ok');
    session.ingest(ingest({ 'a.ts': 'const value = 1;\n' }));
    for (const workspace of [undefined, 'demo']) {
      const long = 'Be short. '.repeat(40);
      await session.chat(ask('One?', { workspace, instructions: long }), {});
      const second = await session.chat(ask('Something else?', { workspace, instructions: long }), {});
      expect(second.stats.promptTokens - second.stats.reusedTokens).toBeLessThan(20);
    }
  });
});

test('files beyond the budget are listed, and the best passage of one reaches the prompt', async () => {
  await answering('See big.ts, big.ts:300-301, big.ts:5, small.ts and unread.ts.', { contextTokensMax: 600 });
  const filler = Array.from({ length: 300 }, (_, i) => `const filler${i} = ${i};`).join('\n');
  const status = session.ingest(
    ingest({
      'small.ts': 'export const tiny = 1;\n',
      'big.ts': `${filler}\nexport function needle() {}\n`,
      // Best for the question, but longer than an excerpt may be.
      'unread.ts': `${filler}\n// needle ${'needle '.repeat(700)}\n`,
    }),
  );
  expect(status.included.map(file => file.path)).toEqual(['small.ts']);
  expect(status.leftOut[0]?.path).toBe('big.ts');
  const result = await session.chat(ask('Where is needle defined?', { workspace: 'demo' }), {});
  expect(result.sources.map(({ path, startLine, origin, seen }) => [path, startLine, origin, seen])).toEqual([
    ['big.ts', 301, 'cited', 'excerpt'],
    ['small.ts', 1, 'cited', 'whole'],
  ]);
  expect(result.seenWhole).toBe(1);
  expect(result.leftOut.map(({ path, excerpt }) => [path, excerpt])).toEqual([
    ['big.ts', true],
    ['unread.ts', undefined],
  ]);
});

test("the block is as large as the model's own limit says, or as large as asked, but never above half the context", async () => {
  await answering('ok', { contextTokensMax: 32_768 });
  await serve({ ...text, limits: { workspaceTokensMax: 4096 } });
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`${i}.ts`, `const value${i} = 'some text';\n`.repeat(40)]),
  );
  const asked = (change: Partial<IngestParams>) => session.ingest(ingest(files, change));
  const own = asked({});
  expect(own.budgetTokens).toBe(4096);
  expect(own.blockTokens).toBeLessThanOrEqual(4096);
  expect(own.leftOut).not.toEqual([]);
  // The files need not come again for another bound.
  const more = asked({ reset: false, files: [], blockTokensMax: 10_000 });
  expect(more.budgetTokens).toBe(10_000);
  expect(more.blockTokens).toBeGreaterThan(own.blockTokens);
  expect(more.included.length).toBeGreaterThan(own.included.length);
  expect(asked({ blockTokensMax: 30_000 }).budgetTokens).toBe(16_384);
  expect(asked({ blockTokensMax: 1 })).toMatchObject({ budgetTokens: 1, included: [] });
  await serve({ ...text, limits: {} });
  expect(asked({}).budgetTokens).toBe(16_384);
});

test('the embedded model says how large its block is', async () => {
  const folder = dirname(embeddedModelPath);
  const { workspaceTokensMax } = JSON.parse(readFileSync(join(folder, modelLimitsName), 'utf8')) as {
    workspaceTokensMax: number;
  };
  await answering('ok', { contextTokensMax: 32_768 });
  expect(session.ingest(ingest({})).budgetTokens).toBe(workspaceTokensMax);
  expect(workspaceTokensMax).toBeLessThan(16_384);
});

test('without a model, and with an unknown workspace, the error is named', async () => {
  const openers = {
    device: async () => fakeDevice({ load: async () => model }),
    model: () => expect.unreachable(),
  };
  const idle = new ClientSession(new EngineHost(openers));
  expect((await hearthErrorOf(() => idle.chat(ask('x'), {}))).code).toBe('noModel');
  expect((await hearthErrorOf(() => session.chat(ask('x', { workspace: 'nope' }), {}))).code).toBe(
    'badParams',
  );
});

test('disposing ends a running answer as cancelled and frees the model', async () => {
  await answering('word '.repeat(40));
  const running = session.chat(ask('Hi?'), {});
  await host.dispose();
  expect((await running).finishReason).toBe('cancelled');
  expect(model.disposed).toBe(true);
  expect(model.liveSequences.size).toBe(0);
});

/** Tokens the model has read so far, in all sequences. */
const tokensRead = () => model.batches.reduce((sum, rows) => sum + rows, 0);
/** Resolves while the model reads its `count`th batch from now. */
const batchStarts = (count: number) =>
  new Promise<void>(resolve => {
    model.before = () => {
      if (--count === 0) resolve();
    };
  });
const longBlock = { 'a.ts': 'const value = 1;\n'.repeat(60) };

test('a question asked while its workspace is being read goes on where that reading is', async () => {
  await answering('ok', { batchTokensMax: 16 });
  // The fourth batch takes until the question wants the device.
  let batches = 0;
  const stop = host.prewarm.stop.bind(host.prewarm);
  const wanted = new Promise<void>(resolve => {
    vi.spyOn(host.prewarm, 'stop').mockImplementation(() => {
      stop();
      if (batches === 4) resolve();
    });
  });
  const begun = new Promise<void>(resolve => {
    model.before = () => {
      if (++batches !== 4) return undefined;
      resolve();
      return wanted;
    };
  });
  session.ingest(ingest(longBlock));
  await begun;
  const result = await session.chat(ask('One?', { workspace: 'demo' }), {});
  expect(result.text).toBe('ok');
  expect(result.stats.reusedTokens).toBe(64);
  expect(tokensRead()).toBe(result.stats.promptTokens + result.stats.generatedTokens);
  expect(model.liveSequences.size).toBe(1);
});

test('a question that needs no workspace passes its reading, which then goes on to the end', async () => {
  await answering('ok', { batchTokensMax: 16 });
  const begun = batchStarts(4);
  const { blockTokens } = session.ingest(ingest(longBlock));
  await begun;
  await session.chat(ask('Hi?'), {});
  expect(tokensRead()).toBeLessThan(blockTokens);
  await expect.poll(tokensRead).toBeGreaterThan(blockTokens);
  const result = await session.chat(ask('One?', { workspace: 'demo' }), {});
  expect(result.stats.reusedTokens).toBeGreaterThan(blockTokens * 0.9);
});

test('a chat that is interrupted by completions gives the same answer', async () => {
  await answering('a rather long answer that takes many tokens to say');
  const alone = await session.chat(ask('Hi?'), {});
  let asked = 0;
  const completions: Promise<unknown>[] = [];
  const result = await session.chat(ask('Hi?'), {
    onText: () => {
      if (asked++ < 3) completions.push(session.complete(completionParams({ documentId: `doc${asked}` })));
    },
  });
  expect(result.text).toBe(alone.text);
  expect(await Promise.all(completions)).toMatchObject([
    { finishReason: 'stop' },
    { finishReason: 'stop' },
    { finishReason: 'stop' },
  ]);
});

test('an answer that fills the context ends there and says so', async () => {
  await answering('word '.repeat(60), { contextTokensMax: 64 });
  const result = await session.chat(ask('Hi?', { maxTokens: 1000 }), {});
  expect(result.finishReason).toBe('context');
  expect(result.stats.contextTokens).toBe(64);
});

test('without a limit an answer goes on until the model ends it or the context is full', async () => {
  const long = Array.from({ length: 600 }, (_, i) => `n${i}`).join(' ');
  const unlimited = ask('Hi?', { maxTokens: undefined });
  await answering(long, { contextTokensMax: 4096 });
  const whole = await session.chat(unlimited, {});
  expect(whole).toMatchObject({ text: long, finishReason: 'stop' });
  expect(whole.stats.generatedTokens).toBeGreaterThan(1024);
  expect((await session.continueText({ prompt: 'x', sampling: {} }, {})).text).toBe(long);
  await answering(long, { contextTokensMax: 1200 });
  const cut = await session.chat(unlimited, {});
  expect(cut.finishReason).toBe('context');
  expect(cut.stats.contextTokens).toBe(1200);
});

test('room is kept for an answer without a limit, by a question that fills the context too', async () => {
  await answering('ok', { contextTokensMax: 800 });
  const pad = (words: number) => ({ role: 'user' as const, content: 'pad '.repeat(words) });
  const said = { role: 'assistant' as const, content: 'ok' };
  const promptOf = async (...messages: ChatMessage[]) =>
    (await session.chat({ messages, sampling: {} }, {})).stats.promptTokens;
  const full = await promptOf(pad(200), said, pad(200), said, pad(200));
  expect(full).toBeLessThanOrEqual(600);
  expect((await hearthErrorOf(() => promptOf(pad(900)))).code).toBe('contextFull');
});

test('an answer that only repeats itself is ended, and says so', async () => {
  const song = text.tokenizer.encode(' the current number of', { special: false });
  const next = (ids: readonly number[]) => song[ids.length % song.length]!;
  model = new FakeModel({ vocabularySize: 8192, contextTokensMax: 4096, next });
  await serve();
  let shown = '';
  const result = await session.chat(ask('Hi?', { maxTokens: undefined }), {
    onText: piece => (shown += piece),
  });
  expect(result.finishReason).toBe('repetition');
  expect(result.stats.generatedTokens).toBeLessThan(200);
  expect(result.text).toBe(shown);
  expect(result.text.split('current').length).toBeGreaterThan(15);
  const more = { maxTokens: 1000, allowRepetition: true };
  expect((await session.chat(ask('Hi?', more), {})).finishReason).toBe('length');
  const messages: ChatMessage[] = [...ask('Hi?').messages, { role: 'assistant', content: result.text }];
  const gone = await session.chat({ ...ask('', { ...more, messages }), continueAnswer: true }, {});
  expect(gone).toMatchObject({ finishReason: 'length' });
  expect(gone.stats.promptTokens - gone.stats.reusedTokens).toBe(1);
});

test('a failed batch fails its answer only: the next one is right', async () => {
  model.before = ids => {
    if (ids.length === 1) throw new Error('once');
  };
  await expect(session.chat(ask('Hi?'), {})).rejects.toThrow('once');
  model.before = () => undefined;
  expect((await session.chat(ask('Hi?'), {})).text).toBe('Hello there.');
});

test('a file that changed is answered from its new text', async () => {
  await answering('ok');
  session.ingest(ingest({ 'a.ts': 'export const first = 1;\n', 'b.ts': 'x\n' }));
  const status = session.ingest(
    ingest(
      { 'a.ts': 'export const second = 2;\n' },
      { reset: false, removedPaths: ['b.ts'], skipped: [{ path: 'c.bin', reason: phrase`not text` }] },
    ),
  );
  expect(status.included.map(file => file.path)).toEqual(['a.ts']);
  expect(status.leftOut).toEqual([{ path: 'c.bin', reason: phrase`not text` }]);
  const { sources } = await session.chat(ask('Where is second?', { workspace: 'demo' }), {});
  expect(sources[0]).toMatchObject({ path: 'a.ts', startLine: 1 });
  session.forget('demo');
  const late = () => session.chat(ask('Where is second?', { workspace: 'demo' }), {});
  expect((await hearthErrorOf(late)).code).toBe('badParams');
});

test('two workspaces of one name are kept apart by their uris', () => {
  const one = ingest({ 'a.ts': 'x\n' }, { workspace: 'file:///one/demo' });
  const two = ingest({ 'b.ts': 'y\n' }, { workspace: 'file:///two/demo' });
  expect([one, two].map(params => session.ingest(params).included.map(({ path }) => path))).toEqual([
    ['a.ts'],
    ['b.ts'],
  ]);
  session.forget('file:///two/demo');
  expect(session.ingest({ ...one, reset: false, files: [] }).included.map(({ path }) => path)).toEqual([
    'a.ts',
  ]);
});

/** Lets all that the engine does by itself come to its end. */
const idle = async () => {
  for (let turn = 0; turn < 300; turn++) await new Promise(resolve => setImmediate(resolve));
};

describe('between two questions of a conversation', () => {
  /** Tokens that the next question of a conversation had to read. */
  let say: (content: string) => Promise<number>;
  let included: WorkspaceStatus['included'];
  beforeEach(async () => {
    await answering('ok', { batchTokensMax: 16 });
    ({ included } = session.ingest(ingest(longBlock)));
    const messages: ChatMessage[] = [];
    say = async content => {
      messages.push({ role: 'user', content });
      const result = await session.chat({ ...ask(''), messages, workspace: 'demo' }, {});
      messages.push({ role: 'assistant', content: result.text });
      return result.stats.promptTokens - result.stats.reusedTokens;
    };
    await say('One?');
    await say('Two?');
    expect(tokensRead()).toBeGreaterThan(400);
  });
  const skipped = [{ path: 'logo.png', reason: phrase`not text` }];

  test.each([
    ['nothing is new', ingest({}, { reset: false })],
    ['all files come again as they were', ingest(longBlock)],
    ['only a file that is skipped is new', ingest({}, { reset: false, skipped })],
  ])('%s: nothing is laid out or read, and the next one goes on from its state', async (_, params) => {
    const before = tokensRead();
    const status = session.ingest(params);
    await idle();
    expect(tokensRead()).toBe(before);
    expect(status.included).toBe(included);
    expect(status.leftOut).toEqual(params.skipped);
    expect(await say('Three?')).toBeLessThan(25);
  });

  test('a file changes and changes back: both are read ahead or there, and the next one goes on from its state', async () => {
    const changed = { 'a.ts': longBlock['a.ts'].replace(/1;\n$/, '2;\n') };
    const before = tokensRead();
    session.ingest(ingest(changed, { reset: false }));
    await idle();
    expect(tokensRead() - before).toBeGreaterThan(300);
    expect(model.liveSequences.size).toBe(2);
    session.ingest(ingest(longBlock, { reset: false }));
    await idle();
    expect(await say('Three?')).toBeLessThan(25);
  });

  test('a file changes for good: the next one finds its block read', async () => {
    session.ingest(ingest({ 'a.ts': longBlock['a.ts'].replace(/1;\n$/, '2;\n') }, { reset: false }));
    await idle();
    expect(await say('Three?')).toBeLessThan(60);
  });

  test('a file is edited: what stood in the block is not read again, only the new version', async () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c'].map(name => [`${name}.ts`, `export const ${name} = 1;\n`.repeat(15)]),
    );
    session.ingest(ingest(files));
    await idle();
    expect(await say('First?')).toBeLessThan(60);
    const edited = `${files['a.ts']}export const more = 2;\n`;
    const { blockTokens } = session.ingest(ingest({ 'a.ts': edited }, { reset: false }));
    const fileTokens = text.tokenizer.encode(edited, { special: false }).length;
    expect(blockTokens).toBeGreaterThan(3.5 * fileTokens);
    // The conversation stands after the block.
    expect(await say('And now?')).toBeLessThan(1.2 * fileTokens + 80);
  });

  test('what was edited is packed into its place when nothing is asked for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const long = { ...longBlock, 'b.ts': 'const other = 1;\n'.repeat(60) };
      session.ingest(ingest(long));
      const edited = ingest({ 'a.ts': 'const value = 2;\n'.repeat(10) }, { reset: false });
      expect(session.ingest(edited).blockTokens).toBeGreaterThan(0);
      const withTail = session.ingest(ingest({}, { reset: false })).blockTokens;
      vi.advanceTimersByTime(11 * 60_000);
      expect(session.ingest(ingest({}, { reset: false })).blockTokens).toBeLessThan(withTail - 300);
    } finally {
      vi.useRealTimers();
    }
  });

  test('nothing is read ahead where that was not wanted, not when it is packed anew either', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const later = { reset: false, readLater: true };
      session.ingest(ingest({ 'b.ts': 'const other = 1;\n'.repeat(30) }, later));
      session.ingest(ingest({ 'b.ts': 'const other = 2;\n'.repeat(30) }, later));
      const before = tokensRead();
      vi.advanceTimersByTime(11 * 60_000);
      vi.useRealTimers();
      await idle();
      expect(tokensRead()).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a file is deleted: a note says so, unless the model was trained on the forms of the block', async () => {
    const files = { 'a.ts': 'const a = 1;\n'.repeat(30), 'b.ts': 'const b = 1;\n'.repeat(30) };
    const without = () => {
      session.ingest(ingest(files));
      return session.ingest(ingest({}, { reset: false, removedPaths: ['a.ts'] })).blockTokens;
    };
    await serve({ ...text, limits: {} });
    const noted = without();
    await serve({ ...text, limits: { workspaceTokensMax: 4096 } });
    expect(without()).toBeLessThan(noted / 1.5);
  });

  test('a workspace that was forgotten and comes again is there still, or read ahead again', async () => {
    session.forget('demo');
    await session.chat(ask('word '.repeat(200)), {});
    await session.chat(ask('other '.repeat(200)), {});
    const before = tokensRead();
    session.ingest(ingest(longBlock));
    await idle();
    expect(tokensRead() - before).toBeLessThan(32);
    session.forget('demo');
    await model.memory.giveBack(1e9);
    session.ingest(ingest(longBlock));
    await idle();
    expect(tokensRead() - before).toBeGreaterThan(300);
  });
});

test('a template that refuses a system message alone does not keep the block from being read ahead', async () => {
  await answering('ok');
  const picky =
    "{%- if messages|length < 2 %}{{ raise_exception('No user query found.') }}{%- endif %}" +
    "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{%- endfor %}" +
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}";
  const tokenizer = { ...text.tokenizer, chatTemplate: picky };
  const template = createChatTemplate('fake.gguf', tokenizer);
  await serve({ ...text, tokenizer, template });
  const { blockTokens } = session.ingest(ingest(longBlock));
  await expect.poll(tokensRead).toBeGreaterThan(blockTokens);
  const first = await session.chat(ask('One?', { workspace: 'demo' }), {});
  expect(first.stats.reusedTokens).toBeGreaterThanOrEqual(blockTokens);
  const second = await session.chat(ask('Something else?', { workspace: 'demo' }), {});
  expect(second.stats.reusedTokens).toBeGreaterThanOrEqual(blockTokens);
});

test('a question that is cancelled while another is answered leaves at once, unread', async () => {
  let release: () => void = () => undefined;
  const begun = new Promise<void>(resolve => {
    model.before = () => {
      resolve();
      return new Promise(go => (release = go));
    };
  });
  const running = session.chat(ask('Hi?'), {});
  await begun;
  const abort = new AbortController();
  const waiting = session.chat(ask('And this?'), {}, abort.signal);
  abort.abort();
  // The first one is in the middle of a batch all the while.
  expect(await waiting).toMatchObject({ text: '', finishReason: 'cancelled', stats: { promptTokens: 0 } });
  model.before = () => undefined;
  release();
  expect((await running).text).toBe('Hello there.');
});

test('a conversation is rendered once for an answer, and once for each place worth a snapshot', async () => {
  const messages: ChatMessage[] = [];
  for (let i = 0; i < 6; i++) {
    messages.push({ role: 'user', content: `Question ${i}?` }, { role: 'assistant', content: 'Yes.' });
  }
  messages.push({ role: 'user', content: 'Last?' });
  await session.chat({ ...ask(''), messages }, {});
  const render = vi.spyOn(BoundedTemplate.prototype, 'render');
  await session.chat({ ...ask(''), messages }, {});
  const whole = render.mock.calls.filter(
    ([variables]) => (variables.get('messages') as unknown[]).length > messages.length,
  );
  render.mockRestore();
  // With its system message, for the ids and for the border at its own end.
  expect(whole.length).toBe(2);
});

test('a workspace that is forgotten while its question is answered is not read any more', async () => {
  session.ingest(ingest({ 'a.ts': 'const value = 1;\n' }));
  const asking = session.chat(ask('Hi?', { workspace: 'demo' }), { onText: () => session.forget('demo') });
  const start = vi.spyOn(host.prewarm, 'start');
  await asking;
  expect(start).not.toHaveBeenCalled();
});
