// What conversations read again: next to nothing but what is new, whatever is edited, asked anew or asked in turns.
import { expect, test } from 'vitest';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';
import { generate, type GenerateRequest } from '../../../engine/generate/generator.ts';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import { createSampler } from '../../../engine/generate/sampler.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import type { TextTokenizer } from '../../../engine/tokenizer/tokenizer.ts';
import { FakeModel } from '../../fakes/fake_model.ts';

const tokenizer = {
  thought: undefined,
  isSpecial: () => false,
  decodeBytes: (id: number) => Uint8Array.of(48 + id),
} as unknown as TextTokenizer;

const answerTokens = 40;
/** What may be read besides new text. */
const besides = 32;
/** How an answer is begun, after the last message. */
const opening = [39, 38, 37, 36];
/** What all conversations begin with: a system message and the files of a workspace. */
const shared = Array.from({ length: 3000 }, (_, i) => (i * 7) % 40);

function setUp() {
  const model = new FakeModel({ vocabularySize: 40, contextTokensMax: 40_000, batchTokensMax: 512 });
  const cache = new PrefixCache(model);
  const ask = async (messages: number[][], change: Partial<GenerateRequest> = {}) => {
    const ids = [shared, ...messages, opening].flat();
    let end = shared.length;
    const borders = messages.map(({ length }) => (end += length));
    const steps = generate(
      { cache, tokenizer, drafts: new DraftPolicy(0), contextTokensMax: model.contextTokensMax },
      {
        purpose: 'chat',
        ids,
        snapshotsAt: [shared.length, ...borders.slice(-15)],
        pinnedAt: shared.length,
        maxTokens: answerTokens,
        sampler: createSampler({}),
        stopIds: new Set(),
        stopStrings: [],
        allowRepetition: true,
        signal: new AbortController().signal,
        ...change,
      },
    );
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value.stats.promptTokens - value.stats.reusedTokens;
    }
  };
  return { model, cache, ask };
}

const message = (kind: number, length: number) => Array.from({ length }, (_, i) => (i * 3 + kind) % 40);
/** So many questions with their answers, each of another kind, and one question more. */
const talk = (kind: number, turns: number) =>
  Array.from({ length: 2 * turns + 1 }, (_, i) =>
    i % 2 ? [...opening, ...message(kind + 5 * i, answerTokens)] : message(kind + 5 * i, 100),
  );

test('an edit of the second-last question of ten, and the same question again, read what is new', async () => {
  const { ask } = setUp();
  const messages = talk(1, 5).slice(0, 10);
  for (let asked = 1; asked < 10; asked += 2) await ask(messages.slice(0, asked));
  const edited = [...messages.slice(0, 6), message(17, 60)];
  expect(await ask(edited)).toBeLessThanOrEqual(60 + besides);
  // The answer before the edit is still there to go on from.
  expect(await ask([...messages.slice(0, 9)])).toBeLessThanOrEqual(besides);
  // And the answer is made anew.
  expect(await ask(edited)).toBeLessThanOrEqual(besides);
});

test('three chats in turn read what is new in each, though there are sequences for two', async () => {
  const { ask, model } = setUp();
  const chats = [talk(1, 4), talk(2, 4), talk(3, 4)];
  expect(await ask(chats[0]!.slice(0, 1))).toBe(shared.length + 100 + opening.length);
  for (const other of chats.slice(1)) expect(await ask(other.slice(0, 1))).toBeLessThanOrEqual(100 + besides);
  for (let asked = 3; asked <= 9; asked += 2)
    for (const chat of chats) {
      const added = chat.slice(asked - 2, asked).flat().length;
      expect(await ask(chat.slice(0, asked))).toBeLessThanOrEqual(added + besides);
    }
  expect(model.liveSequences.size).toBe(limits.chatSequencesMax);
});

test('a completion over the same beginning reads what is new, and many of them leave chats their states', async () => {
  const { ask, cache } = setUp();
  await ask(talk(1, 0));
  for (let kind = 1; kind < 20; kind++)
    expect(await ask([message(kind, 80)], { purpose: 'completion' })).toBeLessThanOrEqual(80 + besides);
  expect(cache.reusableTokens([...shared, ...talk(1, 0).flat()], 'chat', { whole: true })).toBe(
    shared.length + 100,
  );
});

test('where texts were found to branch a state is kept: the next one goes on from there', async () => {
  const { ask } = setUp();
  const long = message(1, 900);
  await ask([[...long, ...message(4, 200)]]);
  const [second, third] = [
    [...long, ...message(9, 200)],
    [...long, ...message(12, 200)],
  ];
  // 3,900 ids are common, of which 3,072 are behind a state.
  expect(await ask([second])).toBe(4104 - 3072);
  expect(await ask([third])).toBe(204);
});
