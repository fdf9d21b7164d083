// Waiting for the device: naps before Dawn's questions, and before nothing else.
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { openGpu } from '../../../engine/gpu/device.ts';
import { napping } from '../../../engine/gpu/polling.ts';

describe('a nap', () => {
  const turn = () => {
    const done: unknown[] = [];
    const plain = vi.fn((callback: (...args: unknown[]) => void, ...args: unknown[]) => callback(...args));
    return { done, plain, set: napping(plain, () => void done.push('nap')) };
  };

  test('comes before a callback of native code without a name', () => {
    const { done, set } = turn();
    const native = Object.defineProperty(done.push.bind(done), 'name', { value: '' });
    set(native, 'asked');
    expect(done).toEqual(['nap', 'asked']);
  });

  test.each([
    ['an arrow without a name', (done: unknown[]) => [(text: unknown) => void done.push(text)][0]!],
    ['a bound function', (done: unknown[]) => done.push.bind(done)],
  ])('does not come before %s', (_, make) => {
    const { done, plain, set } = turn();
    set(make(done), 'called');
    expect(done).toEqual(['called']);
    expect(plain).toHaveBeenCalledTimes(1);
  });
});

test.skipIf(process.platform === 'win32')(
  'while the device works the event loop takes few turns',
  async () => {
    const gpu = await openGpu();
    try {
      const large = gpu.buffers.create('large', [2 ** 25]);
      let turns = 0;
      let waiting = true;
      const count = () => {
        turns++;
        if (waiting) setImmediate(count);
      };
      const started = performance.now();
      count();
      await gpu.readback.floats(large);
      waiting = false;
      // Without naps they are a hundred a millisecond.
      expect(turns / (performance.now() - started)).toBeLessThan(20);
      expect(await promisify(setImmediate)('value')).toBe('value');
    } finally {
      gpu.dispose();
    }
  },
);
