import { describe, expect, test } from 'vitest';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { fakeStats } from '../../fakes/fake_engine.ts';
import { completionParams } from '../../support/completion_params.ts';
import { CompletionTrace, describeTrace, type TraceEntry } from '../../../extension/completion/trace.ts';

const entry = (place: string): TraceEntry => ({
  place,
  languageId: 'typescript',
  explicit: false,
  decidedBy: 'mid-line',
  explanation: phrase`there is code right of the cursor`,
  changes: [],
  shown: false,
  tookMs: 1.4,
  at: new Date(2026, 0, 1, 9, 5, 7),
});

describe('completion trace', () => {
  test('keeps the last fifty, newest first', () => {
    const trace = new CompletionTrace();
    for (let index = 0; index < 60; index += 1) trace.add(entry(`${index}`));
    expect(trace.entries).toHaveLength(50);
    expect(trace.entries[0]?.place).toBe('59');
  });

  test('says where, when and why', () => {
    expect(describeTrace(entry('a.ts:1:2'))).toBe(
      '09:05:07 a.ts:1:2 (while typing, 1 ms): nothing shown, there is code right of the cursor [mid-line]',
    );
  });

  test('says what a request to the engine took, and that one failed', () => {
    const asked = { params: completionParams(), pauseMs: 0, readyMs: 2.4 };
    expect(describeTrace({ ...entry('a'), asked: { ...asked, stats: fakeStats } })).toMatch(
      /; pause 0 ms, engine ready 2 ms, 8 tokens read in 10 ms, 4 reused, 7 written in 300 ms$/,
    );
    expect(describeTrace({ ...entry('a'), asked })).toMatch(/; pause 0 ms, engine ready 2 ms$/);
  });

  test('says what clean-up changed', () => {
    const changes = [{ rule: 'one-line', explanation: phrase`one line is suggested here` }];
    expect(describeTrace({ ...entry('a.ts:1:2'), changes })).toMatch(/\[mid-line, one-line\]$/);
  });
});
