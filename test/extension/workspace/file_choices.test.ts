// What the user has decided about files, kept between sessions.
import { expect, test } from 'vitest';
import { FileChoices } from '../../../extension/workspace/file_choices.ts';

function keeper(value: unknown): { get: () => unknown; set: (value: unknown) => Promise<void> } {
  return { get: () => value, set: async next => void (value = structuredClone(next)) };
}

test('a file has one choice, the last, which is kept and told', async () => {
  const stored = keeper(undefined);
  const choices = new FileChoices(stored);
  const told: string[] = [];
  choices.onDidChange(path => told.push(path));
  await choices.choose('a.ts', 'pinned');
  await choices.choose('.env', 'allowed');
  await choices.choose('a.ts', 'pinned');
  await choices.choose('b.ts', 'leftOut');
  expect(choices.pinned).toEqual(['a.ts']);
  const later = new FileChoices(stored);
  expect(['a.ts', 'b.ts', '.env', 'c.ts'].map(path => later.of(path))).toEqual([
    'pinned',
    'leftOut',
    'allowed',
    undefined,
  ]);
  await choices.choose('a.ts', 'leftOut');
  await choices.choose('b.ts', undefined);
  expect(choices.pinned).toEqual([]);
  expect(stored.get()).toEqual({ '.env': 'allowed', 'a.ts': 'leftOut' });
  expect(told).toEqual(['a.ts', '.env', 'b.ts', 'a.ts', 'b.ts']);
});

test.each([[undefined], [null], ['text'], [{ 'a.ts': 'other' }], [{ 'a.ts': 1 }]])(
  '%j is read as no choice',
  value => {
    expect(new FileChoices(keeper(value)).of('a.ts')).toBeUndefined();
  },
);
