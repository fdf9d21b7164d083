// What a question would take, told before it is asked: the numbers of the answer itself, and nothing is run for them.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { MeasureParams } from '../../../engine/protocol/measure.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import type { LoadedText } from '../../../engine/service/loaded.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedText } from '../../support/embedded_text.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

let text: LoadedText;
let model: FakeModel;
let session: ClientSession;
beforeAll(async () => {
  text = await embeddedText();
});
beforeEach(async () => {
  model = new FakeModel({ vocabularySize: 8192, contextTokensMax: 2048, batchTokensMax: 64, next: () => 64 });
  session = new ClientSession(await hostServing(model, text));
});

const question: MeasureParams = {
  messages: [{ role: 'user', content: 'What does the parser do?' }],
  instructions: 'Answer in one sentence.',
  maxTokens: 20,
};
const send = (params: MeasureParams) =>
  session.chat({ ...params, sampling: { temperature: 0 }, allowRepetition: true }, {});

test('is what the answer then takes', async () => {
  session.ingest({
    workspace: 'demo',
    name: 'demo',
    reset: true,
    final: true,
    removedPaths: [],
    skipped: [],
    files: [{ path: 'parser.ts', uri: 'file:///demo/parser.ts', text: 'export const parse = 1;\n' }],
  });
  const asked = { ...question, workspace: 'demo' };
  const measured = await session.measure(asked);
  const { stats } = await send(asked);
  expect(measured).toMatchObject({
    promptTokens: stats.promptTokens,
    wholePromptTokens: stats.promptTokens,
    reservedTokens: 20,
    freeTokens: 2048 - stats.promptTokens - 20,
    contextTokensMax: 2048,
    droppedMessages: 0,
    fits: true,
  });
  expect((await session.measure({ ...question, workspace: undefined })).promptTokens).toBeLessThan(
    measured.promptTokens,
  );
});

test('says how much is there already, once the conversation has been read', async () => {
  expect((await session.measure(question)).reusableTokens).toBe(0);
  const { text: said } = await send(question);
  const next: MeasureParams = {
    ...question,
    messages: [
      ...question.messages,
      { role: 'assistant', content: said },
      { role: 'user', content: 'And the lexer?' },
    ],
  };
  const { reusableTokens, promptTokens } = await session.measure(next);
  expect(reusableTokens).toBeGreaterThan(0);
  const { stats } = await send(next);
  expect([stats.reusedTokens, stats.promptTokens]).toEqual([reusableTokens, promptTokens]);
});

test('of an answer that goes on, all that was read and said is there', async () => {
  const { text: said } = await send(question);
  const { promptTokens, reusableTokens } = await session.measure({
    ...question,
    messages: [...question.messages, { role: 'assistant', content: said }],
    continueAnswer: true,
  });
  expect(promptTokens).toBeGreaterThan((await session.measure(question)).promptTokens);
  expect(promptTokens - reusableTokens).toBeLessThanOrEqual(1);
});

test('says which messages have no room, and what is too long by itself', async () => {
  const long = 'word '.repeat(1_100);
  const turns: MeasureParams['messages'] = [
    { role: 'user', content: long },
    { role: 'assistant', content: long },
    ...question.messages,
  ];
  const crowded = await session.measure({ ...question, messages: turns });
  expect(crowded).toMatchObject({ droppedMessages: 2, fits: true });
  expect(crowded.freeTokens).toBe(2048 - crowded.wholePromptTokens - 20);
  expect(crowded.freeTokens).toBeLessThan(0);
  expect(crowded.promptTokens).toBe((await session.measure(question)).promptTokens);
  expect((await send({ ...question, messages: turns })).droppedMessages).toBe(2);

  const overlong = { ...question, messages: [{ role: 'user' as const, content: long.repeat(2) }] };
  expect((await session.measure(overlong)).fits).toBe(false);
  expect((await hearthErrorOf(() => send(overlong))).code).toBe('contextFull');
});

test('runs nothing, and others have their turn between two messages', async () => {
  let reads = 0;
  model.before = () => void reads++;
  let turns = 0;
  const messages = Array.from({ length: 41 }, (_, i) => ({
    role: i % 2 ? ('assistant' as const) : ('user' as const),
    content: `Message number ${i}.`,
  }));
  const measuring = session.measure({ ...question, messages }).then(() => 'measured');
  const turn = () => new Promise<string>(resolve => setImmediate(() => resolve('turn')));
  while ((await Promise.race([measuring, turn()])) === 'turn') turns++;
  expect(turns).toBeGreaterThan(20);
  expect(reads).toBe(0);
});

test('needs a workspace that was ingested', async () => {
  const { code, message } = await hearthErrorOf(() => session.measure({ ...question, workspace: 'other' }));
  expect([code, message]).toEqual(['badParams', expect.stringContaining('other')]);
});
