// The list behind "why no suggestion?".
import { describe, expect, test } from 'vitest';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { rules } from '../../../engine/shared/completion/completion_rules.ts';
import type { TraceEntry } from '../../../extension/completion/trace.ts';
import { fakeStats } from '../../fakes/fake_engine.ts';
import { completionParams } from '../../support/completion_params.ts';
import { whyRows } from '../../../extension/completion/why.ts';

const at = (second: number): Date => new Date(2026, 0, 1, 9, 5, second);
const entry = (more: Partial<TraceEntry> = {}): TraceEntry => ({
  place: 'src/a.md:1:2',
  languageId: 'markdown',
  explicit: false,
  decidedBy: 'cancelled',
  explanation: phrase`you typed on, or the editor no longer wanted it`,
  changes: [],
  shown: false,
  tookMs: 1.4,
  at: at(7),
  ...more,
});
const off = {
  decidedBy: 'language-disabled',
  explanation: phrase`completions are turned off for this language`,
};
const rowsOf = (entries: TraceEntry[]) => whyRows(entries, id => (id === 'markdown' ? 'Markdown' : id));

describe('why there was no suggestion', () => {
  test('a row says why, where, when and how, and nothing twice', () => {
    expect(rowsOf([entry()])).toEqual([
      {
        label: '$(circle-slash) You typed on, or the editor no longer wanted it',
        description: 'src/a.md:1:2',
        detail: '09:05:07, while typing, 1 ms',
        cure: undefined,
        sent: undefined,
      },
    ]);
  });

  test('a row of a request that went to the engine tells stages and tokens, and has what was sent', () => {
    const params = completionParams();
    const stats = { ...fakeStats, promptTokens: 2_632, reusedTokens: 1_024, prefillMs: 40, decodeMs: 120 };
    const [row] = rowsOf([entry({ asked: { params, pauseMs: 300, readyMs: 0.2, stats } })]);
    expect(row?.detail).toBe(
      '09:05:07, while typing, 1 ms, pause 300 ms, 1,608 tokens read in 40 ms, 1,024 reused, 7 written in 120 ms',
    );
    expect(row?.sent).toBe(params);
    const unread = { ...stats, prefillMs: 0 };
    const [early] = rowsOf([entry({ asked: { params, pauseMs: 0, readyMs: 0, stats: unread } })]);
    expect(early?.detail).toBe('09:05:07, while typing, 1 ms');
    const [failed] = rowsOf([entry({ asked: { params, pauseMs: 0, readyMs: 25 } })]);
    expect(failed?.detail).toBe('09:05:07, while typing, 1 ms, engine ready after 25 ms');
  });

  test('a row says what clean-up changed', () => {
    const changes = [{ rule: 'one-line', explanation: phrase`one line is suggested here` }];
    expect(rowsOf([entry({ changes, shown: true })])[0]?.detail).toMatch(
      /ms, changed: one line is suggested here$/,
    );
  });

  test('one row stands for a row of requests with the same end, and the real reason is not buried', () => {
    const typed = [9, 8, 7, 6].map(second => entry({ at: at(second), place: `src/a.md:1:${second}` }));
    const rows = rowsOf([...typed, entry(off), entry({ ...off, place: 'src/b.md:1:1' }), entry()]);
    expect(rows.map(({ label }) => label.slice(0, 40))).toEqual([
      '$(circle-slash) You typed on, or the edi',
      '$(circle-slash) Completions are turned o',
      '$(circle-slash) You typed on, or the edi',
    ]);
    expect(rows[0]?.label).toMatch(/ \(4 times since 09:05:06\)$/);
    expect(rows[0]?.description).toBe('src/a.md:1:9');
    expect(rows[1]?.label).toMatch(/ \(2 times since/);
  });

  test('other languages, other ways of asking and what was shown have rows of their own', () => {
    const shown = { shown: true, decidedBy: 'model', explanation: phrase`the model’s suggestion (stop)` };
    expect(rowsOf([entry(off), entry({ ...off, languageId: 'go' })])).toHaveLength(2);
    expect(rowsOf([entry(), entry({ explicit: true })])).toHaveLength(2);
    const rows = rowsOf([entry(shown), entry(shown)]);
    expect(rows.map(({ label }) => label)).toEqual(
      [1, 2].map(() => '$(check) The model’s suggestion (stop)'),
    );
  });

  test.each<[string, Partial<TraceEntry>, object | undefined]>([
    ['not-started', {}, { title: 'Start now', command: 'hearth.startEngine' }],
    ['resting', {}, { title: 'Start now', command: 'hearth.startEngine' }],
    ['disabled', {}, { title: 'Turn completions on', command: 'hearth.toggleCompletions', args: [true] }],
    [
      'language-disabled',
      {},
      {
        title: 'Turn on for Markdown',
        command: 'hearth.toggleCompletionsForLanguage',
        args: ['markdown', true],
      },
    ],
    ['mid-line', {}, { title: 'Ask for one here', command: 'editor.action.inlineSuggest.trigger' }],
    ['empty-document', {}, { title: 'Ask for one here', command: 'editor.action.inlineSuggest.trigger' }],
    ['unable-model', {}, { title: 'Choose another model', command: 'hearth.chooseModel' }],
    ['badCheckpoint', {}, { title: 'Choose Model', command: 'hearth.chooseModel' }],
    ['internal', {}, { title: 'Show Log', command: 'hearth.showLog' }],
    ['secret-file', {}, undefined],
    ['several-cursors', {}, undefined],
    ['disabled', { shown: true }, undefined],
  ])('against %s (%j) helps %j', (decidedBy, more, cure) => {
    const [row] = rowsOf([entry({ decidedBy, ...more })]);
    expect(row?.cure).toEqual(cure);
    if (cure && 'title' in cure)
      expect(row?.detail).toMatch(new RegExp(`^\\$\\(arrow-right\\) ${cure.title} · `));
    else expect(row?.detail).not.toContain('arrow');
  });

  test('every rule that a cure is known for has the name that it is known by', () => {
    expect(rules.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['disabled', 'language-disabled', 'mid-line', 'empty-document']),
    );
  });
});
