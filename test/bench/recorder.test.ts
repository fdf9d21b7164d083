import { expect, test } from 'vitest';
import { CommandList } from '../../engine/gpu/dispatch.ts';
import { describeKernel } from '../support/gpu_fixture.ts';
import { plainRead } from './plain_kernels.ts';
import { recordDispatches } from './recorder.ts';
import { timeDispatches } from './timing.ts';

describeKernel('recorded kernels', fixture => {
  test('are those that ran, can be run again, and recording ends with the work, failed or not', async () => {
    const f = fixture();
    const read = plainRead(f.upload(new Uint32Array(8 * 64 * 4).fill(1)), f.poisonedWords(64), 8);
    await f.gpu.pipelines.prepare([read.spec]);
    const list = new CommandList(f.gpu);
    const recorded = await recordDispatches(async () => {
      list.dispatch(read);
      list.dispatch({ ...read, words: [] });
      list.submit();
    });
    const [x] = read.groups as readonly [number];
    expect(recorded.map(({ spec, tensors, groups }) => ({ spec, tensors, groups }))).toEqual(
      [read, read].map(({ spec, tensors }) => ({ spec, tensors, groups: [x, 1, 1] })),
    );
    expect(list.dispatchCount).toBe(2);
    expect(await timeDispatches(f.gpu, recorded)).toBeGreaterThan(0);

    const failing = recordDispatches(() => Promise.reject(new Error('lost')));
    await expect(failing).rejects.toThrow('lost');
    list.dispatch(read);
    expect(recorded).toHaveLength(2);
  });
});
