import { describe, expect, test } from 'vitest';
import type { FinishReason } from '../../../engine/protocol/chat.ts';
import {
  addText,
  addThought,
  answerStats,
  completeAnswer,
  cutOf,
  endThought,
  newAnswer,
  turnIntoThought,
} from '../../../extension/chat/answer.ts';
import { fakeAnswer, fakeStats } from '../../fakes/fake_engine.ts';

describe('an answer', () => {
  test('grows by pieces: first one thought, then one text', () => {
    const message = newAnswer('a');
    for (const piece of ['Hm', ', 4.']) addThought(message, piece);
    expect(endThought(message)).toBe(true);
    expect(endThought(message)).toBe(false);
    for (const piece of ['Fo', 'ur']) addText(message, piece);
    expect(message.parts).toMatchObject([
      { type: 'thought', text: 'Hm, 4.' },
      { type: 'text', text: 'Four' },
    ]);
  });

  test('has no thought to end when the model did not think', () => {
    const message = newAnswer('q');
    addText(message, 'x');
    expect(endThought(message)).toBe(false);
  });

  test('that turns out to be a thought begins anew', () => {
    const message = newAnswer('q');
    addText(message, 'Hm.');
    turnIntoThought(message);
    addText(message, 'Four');
    expect(message.parts).toMatchObject([
      { type: 'thought', text: 'Hm.', tookMs: 0 },
      { type: 'text', text: 'Four' },
    ]);
    expect(endThought(message)).toBe(false);
  });

  test('is in the end what the result says, with the time of the thought that was heard', () => {
    const message = newAnswer('q');
    const { startedAt } = addThought(message, 'H');
    endThought(message);
    addText(message, 'Fo');
    completeAnswer(message, fakeAnswer('Four.', { thinking: 'Hm', finishReason: 'length' }));
    expect(message).toMatchObject({
      parts: [
        { type: 'thought', text: 'Hm', startedAt },
        { type: 'text', text: 'Four.' },
      ],
      cut: 'length',
    });
  });

  test('has no empty parts', () => {
    const message = newAnswer('q');
    completeAnswer(message, fakeAnswer(''));
    expect(message.parts).toEqual([]);
  });

  test('gives the speed of the steps after the first token, and none when there was no step', () => {
    expect(answerStats({ ...fakeStats, generatedTokens: 7, decodeMs: 300 }).tokensPerSecond).toBe(20);
    expect(answerStats({ ...fakeStats, generatedTokens: 1, decodeMs: 0.2 }).tokensPerSecond).toBeUndefined();
    expect(answerStats({ ...fakeStats, generatedTokens: 0, decodeMs: 0 }).tokensPerSecond).toBeUndefined();
    expect(answerStats({ ...fakeStats, decodeMs: 0 }).tokensPerSecond).toBeUndefined();
  });

  test('says why it was cut', () => {
    const reasons: FinishReason[] = ['stop', 'length', 'context', 'repetition', 'cancelled', 'superseded'];
    expect(reasons.map(cutOf)).toEqual([undefined, 'length', 'context', 'repetition', undefined, undefined]);
  });
});
