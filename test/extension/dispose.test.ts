import { describe, expect, test } from 'vitest';
import { DisposableStore, toDisposable } from '../../extension/dispose.ts';

describe('disposable store', () => {
  test('frees last-in first-out, once', () => {
    const freed: string[] = [];
    const store = new DisposableStore();
    for (const name of ['a', 'b']) store.add(toDisposable(() => freed.push(name)));
    store.dispose();
    store.dispose();
    expect(freed).toEqual(['b', 'a']);
  });

  test('frees at once what comes too late', () => {
    const freed: string[] = [];
    const store = new DisposableStore();
    store.dispose();
    store.add(toDisposable(() => freed.push('late')));
    expect(freed).toEqual(['late']);
  });

  test('goes on when one part throws, and says so', () => {
    const freed: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => freed.push('a')));
    store.add(
      toDisposable(() => {
        throw new Error('broken');
      }),
    );
    expect(() => store.dispose()).toThrow(AggregateError);
    expect(freed).toEqual(['a']);
  });
});
