// Going on with an answer that was cut: what comes of it is what would have come without the cut, and nothing is read again.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChatMessage, ChatSendResult } from '../../../engine/protocol/chat.ts';
import { ClientSession, type AnswerParams } from '../../../engine/service/client_session.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { goldenTemplate, thinker, thinkingText, tokensRead } from '../../support/thinking_model.ts';

const thought = 'The user wants a song about 円周率 😀.\n\nSo let me sing.';
const answer = 'La 円周率, la 😀 la.\n\nAnd so on, and so on.';

let text: Awaited<ReturnType<typeof thinkingText>>;
let model: FakeModel;
let session: ClientSession;
const serve = async (own: FakeModel): Promise<void> => {
  model = own;
  session = new ClientSession(await hostServing(model, text));
};
const serveThinker = async (template: string | undefined, options = {}): Promise<void> => {
  text = await thinkingText(template);
  await serve(thinker(text, { thought, answer }, options));
};

const question: ChatMessage = { role: 'user', content: 'Sing!' };
const asked = (change: Partial<AnswerParams> = {}): AnswerParams => ({
  messages: [question],
  sampling: { temperature: 0 },
  ...change,
});
const ask = (change: Partial<AnswerParams> = {}) => session.chat(asked(change), {});
/** Asks, and stops after so many pieces. */
async function askUntil(pieces: number, change: Partial<AnswerParams> = {}): Promise<ChatSendResult> {
  const stop = new AbortController();
  let heard = 0;
  const onPiece = () => {
    if (++heard >= pieces) stop.abort();
  };
  return session.chat(asked(change), { onText: onPiece, onThinking: onPiece }, stop.signal);
}
const goOn = ({ text: content, thinking }: Pick<ChatSendResult, 'text' | 'thinking'>, change = {}) =>
  ask({ messages: [question, { role: 'assistant', content, thinking }], continueAnswer: true, ...change });
/** A thought that was cut before its end has the line break there, too. */
const both = (first: ChatSendResult, second: ChatSendResult) => ({
  thinking: (first.thinking + second.thinking).trimEnd(),
  text: first.text + second.text,
});

describe.each([
  ['without drafts', {}],
  ['with drafts', { draftsMax: 3 }],
])('%s', (_, options) => {
  beforeEach(() => serveThinker(goldenTemplate('thinking'), options));

  test('an answer goes on wherever it was stopped, in its thought or after it, and nothing is read again', async () => {
    const whole = await ask();
    expect(whole).toMatchObject({ thinking: thought, text: answer });
    const pieces = whole.stats.generatedTokens;
    for (let count = 1; count < pieces; count += 4) {
      const first = await askUntil(count);
      if (first.finishReason !== 'cancelled') break;
      const second = await goOn(first);
      expect(both(first, second)).toEqual({ thinking: thought, text: answer });
      expect(second.finishReason).toBe('stop');
      expect(second.stats.reusedTokens).toBe(second.stats.promptTokens);
    }
  });

  test('an answer of limited length goes on at its end, of which only the last token is read', async () => {
    const { stats } = await ask();
    for (let maxTokens = 1; maxTokens < stats.generatedTokens; maxTokens += 4) {
      const first = await ask({ maxTokens });
      if (first.finishReason === 'stop') break;
      const second = await goOn(first);
      expect(both(first, second)).toEqual({ thinking: thought, text: answer });
      expect(second.stats.reusedTokens).toBe(second.stats.promptTokens - 1);
    }
  });

  test('many short pieces are one answer', async () => {
    let sum = { thinking: '', text: '' };
    let last = await ask({ maxTokens: 1 });
    while (last.finishReason === 'length') {
      sum = { thinking: sum.thinking + last.thinking, text: sum.text + last.text };
      last = await goOn(sum, { maxTokens: 1 });
    }
    expect(both({ ...last, ...sum }, last)).toEqual({ thinking: thought, text: answer });
  });
});

test.each([{ temperature: 0 }, { temperature: 1, seed: 9 }, { temperature: 1, seed: 9, presencePenalty: 1 }])(
  'what is drawn after a cut is what would have been drawn: %o',
  async sampling => {
    text = await thinkingText(goldenTemplate('instruct'));
    // What it says depends on every token that was read.
    const fresh = () =>
      serve(new FakeModel({ vocabularySize: 8194, contextTokensMax: 2048, batchTokensMax: 64 }));
    await fresh();
    const whole = await ask({ sampling, maxTokens: 40 });
    for (const maxTokens of [1, 7, 20, 39]) {
      await fresh();
      const first = await ask({ sampling, maxTokens });
      const read = tokensRead(model);
      const second = await goOn(first, { sampling, maxTokens: 40 - maxTokens });
      expect(both(first, second)).toEqual({ thinking: whole.thinking, text: whole.text });
      // Its last token is not read, and so was that of the first part.
      expect(tokensRead(model) - read).toBe(40 - maxTokens);
    }
  },
);

describe('without the state of the answer', () => {
  beforeEach(() => serveThinker(goldenTemplate('thinking')));

  test('it is read again from its words: in a thought, after one, and where nothing was said', async () => {
    for (const [thinking, content] of [
      ['The user wants a song about', ''],
      [thought, answer.slice(0, 9)],
      ['', ''],
    ] as const) {
      await serveThinker(goldenTemplate('thinking'));
      const rest = await goOn({ thinking, text: content });
      expect([thinking + rest.thinking, content + rest.text]).toEqual([thought, answer]);
    }
  });

  test('words that somebody has changed are gone on with as they are', async () => {
    const first = await ask({ maxTokens: 4 });
    const rest = await goOn({ ...first, text: answer.slice(0, -4) });
    expect(rest).toMatchObject({ thinking: '', text: answer.slice(-4) });
    expect(rest.stats.reusedTokens).toBeGreaterThan(10);
  });

  test('another conversation with the same words is not taken for it', async () => {
    const first = await ask({ maxTokens: 4 });
    const messages: ChatMessage[] = [
      { role: 'user', content: 'Sing something else!' },
      { role: 'assistant', content: first.text, thinking: first.thinking },
    ];
    const rest = await ask({ messages, continueAnswer: true });
    expect(both(first, rest)).toEqual({ thinking: thought, text: answer });
  });

  test('a thought that the model opened by itself is opened again', async () => {
    await serveThinker(undefined);
    const rest = await goOn({ thinking: 'The user wants a song', text: '' });
    expect('The user wants a song' + rest.thinking).toBe(thought);
    expect(rest.text).toBe(answer);
  });

  test('an answer that was not to think does not begin to', async () => {
    await serveThinker(goldenTemplate('qwen35'));
    const rest = await goOn({ thinking: '', text: 'La 円' }, { think: false });
    expect(rest).toMatchObject({ thinking: '', text: answer.slice('La 円'.length) });
  });
});

test('a cut thought may be closed at once, and the budget counts what was thought before', async () => {
  await serveThinker(goldenTemplate('thinking'));
  const stopped = await askUntil(6);
  expect(stopped.text).toBe('');
  expect(await goOn(stopped, { thinkingTokens: 0 })).toMatchObject({
    thinking: '',
    text: answer,
    thoughtCut: 'budget',
  });
  const again = await askUntil(6);
  const tokens = again.stats.generatedTokens;
  const rest = await goOn(again, { thinkingTokens: tokens + 2 });
  expect(rest.thoughtCut).toBe('budget');
  expect(text.tokenizer.encode(rest.thinking, { special: false }).length).toBeLessThanOrEqual(2);
});

test('a thought that nobody opened may be cut, and its end is told', async () => {
  text = await thinkingText(undefined);
  const said = text.tokenizer.encode('Hm, so I think.\n</think>\n\nDone.', { special: true });
  const [end] = text.tokenizer.eosIds as [number];
  let promptTokens = 0;
  await serve(
    new FakeModel({
      vocabularySize: 8194,
      contextTokensMax: 2048,
      batchTokensMax: 64,
      next: ids => said[ids.length - promptTokens] ?? end,
    }),
  );
  ({ promptTokens } = (await ask({ maxTokens: 1 })).stats);
  const first = await ask({ maxTokens: 4 });
  expect(first).toMatchObject({ thinking: '', text: expect.stringMatching(/^Hm, so/) });
  const second = await goOn(first);
  expect(second).toMatchObject({ text: 'Done.', textBeforeWasThought: true });
  expect(first.text + second.thinking).toBe('Hm, so I think.');
});

test('sources are those of the whole answer', async () => {
  await serveThinker(goldenTemplate('instruct'));
  const files = [{ path: 'src/a.ts', uri: 'file:///src/a.ts', text: 'const a = 1;\n'.repeat(9) }];
  const batch = { workspace: 'w', name: 'w', reset: true, final: true, removedPaths: [], skipped: [] };
  session.ingest({ ...batch, files });
  const rest = await goOn({ thinking: '', text: 'See src/a.ts:3. ' }, { workspace: 'w' });
  expect(rest.sources).toContainEqual(
    expect.objectContaining({ path: 'src/a.ts', startLine: 3, origin: 'cited' }),
  );
});
