import { expect, test } from 'vitest';
import { TokenCounts } from '../../../extension/context/token_counts.ts';
import { settle } from '../../fakes/fake_engine.ts';

test('a guess becomes a count, which is asked for once', async () => {
  const asked: string[] = [];
  const counts = new TokenCounts(async text => (asked.push(text), 7));
  let changes = 0;
  counts.onDidChange(() => (changes += 1));
  expect(counts.of('some text')).toEqual({ tokens: 3, estimated: true });
  expect(counts.of('some text')).toEqual({ tokens: 3, estimated: true });
  await settle();
  expect(counts.of('some text')).toEqual({ tokens: 7, estimated: false });
  expect({ asked, changes }).toEqual({ asked: ['some text'], changes: 1 });
});

test('without a model, or when it fails, the guess stays and is asked for again', async () => {
  const answers = [async () => undefined, () => Promise.reject(new Error('gone')), async () => 2];
  const counts = new TokenCounts(async () => answers.shift()?.());
  for (let times = 0; times < 3; times++) {
    expect(counts.of('abcdefgh')).toEqual({ tokens: 2, estimated: true });
    await settle();
  }
  expect(counts.of('abcdefgh')).toEqual({ tokens: 2, estimated: false });
});

test('another model counts anew, and an answer of the one before does not count', async () => {
  let answer = (_tokens: number): void => undefined;
  const counts = new TokenCounts(() => new Promise<number>(resolve => (answer = resolve)));
  counts.of('abcd');
  counts.forget();
  answer(99);
  await settle();
  expect(counts.of('abcd')).toEqual({ tokens: 1, estimated: true });
});
