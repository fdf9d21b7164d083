import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChangeBatch, type Changes } from '../../../extension/workspace/change_batch.ts';

let heard: (Changes | 'refresh')[];
let batch: ChangeBatch;
beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
  batch = new ChangeBatch(path => path.startsWith('out/'), {
    change: changes => heard.push(changes),
    refresh: () => heard.push('refresh'),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('change batch', () => {
  test('waits for a pause and names each path once', () => {
    batch.changed('a');
    vi.advanceTimersByTime(400);
    batch.changed('a');
    batch.removed('b');
    vi.advanceTimersByTime(400);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(heard).toEqual([{ changed: ['a'], removed: ['b'] }]);
  });

  test('the last event of a path counts', () => {
    batch.changed('a');
    batch.removed('a');
    batch.removed('b');
    batch.changed('b');
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual([{ changed: ['b'], removed: ['a'] }]);
  });

  test('very many changes, or changed rules, mean reading anew', () => {
    for (let index = 0; index <= 500; index += 1) batch.changed(`${index}`);
    vi.advanceTimersByTime(1000);
    batch.changed('a/.gitignore');
    vi.advanceTimersByTime(1000);
    batch.removed('.hearthignore');
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual(['refresh', 'refresh', 'refresh']);
  });

  test('what is ignored is no change, however much of it there is, and holds no other change up', () => {
    batch.changed('a');
    for (let index = 0; index <= 600; index += 1) batch.changed(`out/${index}.js`);
    batch.removed('out/.gitignore');
    vi.advanceTimersByTime(400);
    batch.changed('out/1.js');
    vi.advanceTimersByTime(200);
    expect(heard).toEqual([{ changed: ['a'], removed: [] }]);
    batch.changed('out/1.js');
    vi.advanceTimersByTime(1000);
    expect(heard).toHaveLength(1);
  });

  test('says nothing after it was disposed', () => {
    batch.changed('a');
    batch.dispose();
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual([]);
  });
});
