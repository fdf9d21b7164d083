import { expect, test } from 'vitest';
import { moeRoute } from '../../../engine/kernels/moe_route.ts';
import { sigmoid } from '../../reference/activations.ts';
import { moeRoute as reference } from '../../reference/moe_route.ts';
import { expectClose, tolerances } from '../../support/all_close.ts';
import { describeRoute, poisonWord, type GpuFixture } from '../../support/gpu_fixture.ts';
import { Random } from '../../support/random.ts';
import { spacedRows, uploadRows } from '../../support/spaced_rows.ts';

const shapes = [
  { name: 'the only expert', count: 1, experts: 1, chosen: 1 },
  { name: 'one of two', count: 3, experts: 2, chosen: 1 },
  { name: 'all of them', count: 2, experts: 3, chosen: 3 },
  { name: 'odd counts', count: 63, experts: 65, chosen: 3 },
  { name: '10 of 512', count: 2, experts: 512, chosen: 10 },
].flatMap(shape => [true, false].map(renormalise => ({ ...shape, renormalise })));

/** Chosen ids and weights; the shared expert's slot is checked here and left out. */
async function route(f: GpuFixture, logits: number[][], options: { chosen: number; renormalise: boolean }) {
  const [count, experts] = [logits.length, logits[0]?.length ?? 0];
  const rows = spacedRows({ count, width: experts, offset: 3, stride: experts + 2 }, logits.flat());
  const { chosen } = options;
  const gates = new Random(count).normal(count, 3);
  const shared = spacedRows({ count, width: 1, offset: 1, stride: 3 }, gates);
  const choice = f.poisonedWords((count * (chosen + 1) + 1) * 2, 'choice');
  const shape = { count, experts, ...options };
  await f.run(list =>
    moeRoute(
      list,
      { logits: uploadRows(f, rows, 'logits'), shared: uploadRows(f, shared, 'shared'), choice },
      shape,
    ),
  );
  const words = await f.words(choice);
  const floats = new Float32Array(words.buffer);
  const slots = Array.from({ length: count }, (_, t) =>
    Array.from({ length: chosen + 1 }, (_, n) => 2 * (t * (chosen + 1) + n)),
  );
  for (const [t, own] of slots.entries()) {
    const last = own.pop() as number;
    expect(words[last], 'id of the shared expert').toBe(experts);
    expectClose([floats[last + 1] as number], [sigmoid(gates[t] as number)], tolerances.elementwise);
  }
  expect([...words.subarray(-2)], 'behind the last slot').toEqual([poisonWord, poisonWord]);
  return {
    ids: slots.flat().map(at => words[at] as number),
    weights: Float32Array.from(slots.flat(), at => floats[at + 1] as number),
    want: reference(rows, shape),
  };
}

describeRoute('moe_route', fixture => {
  test.each(shapes)(
    'chooses the largest logits and weighs them: $name, renormalise $renormalise',
    async ({ count, experts, chosen, renormalise }) => {
      const random = new Random(experts);
      const logits = Array.from({ length: count }, () => [...random.normal(experts, 3)]);
      const { ids, weights, want } = await route(fixture(), logits, { chosen, renormalise });
      expect(ids).toEqual(want.ids);
      expectClose(weights, want.weights, tolerances.elementwise);
    },
  );

  test('equal logits go to the lower index', async () => {
    const logits = new Array<number>(100).fill(0);
    logits[70] = logits[30] = 1;
    const { ids } = await route(fixture(), [logits], { chosen: 3, renormalise: true });
    expect(ids.slice(0, 3)).toEqual([30, 70, 0]);
  });

  test('logits that are all equal go to the first experts', async () => {
    const { ids } = await route(fixture(), [new Array<number>(65).fill(-2)], {
      chosen: 3,
      renormalise: true,
    });
    expect(ids.slice(0, 3)).toEqual([0, 1, 2]);
  });

  test('logits far apart do not overflow', async () => {
    const { ids, weights, want } = await route(fixture(), [[-500, 300, 299, -3e4, 0]], {
      chosen: 3,
      renormalise: false,
    });
    expect(ids.slice(0, 3)).toEqual([1, 2, 4]);
    expectClose(weights, want.weights, tolerances.elementwise);
  });

  test('a row of NaN keeps its ids in range, gives NaN weights and leaves the other rows right', async () => {
    const logits = [
      [1, 2, 3, 4, 5],
      [NaN, NaN, NaN, NaN, NaN],
      [5, 4, 3, 2, 1],
    ];
    const { ids, weights, want } = await route(fixture(), logits, { chosen: 3, renormalise: true });
    expect(ids.slice(0, 3)).toEqual([4, 3, 2]);
    expect(ids.slice(3, 6).every(id => id < 5)).toBe(true);
    expect(ids.slice(6, 9)).toEqual([0, 1, 2]);
    expect([...weights.subarray(3, 6)]).toEqual([NaN, NaN, NaN]);
    for (const at of [0, 6])
      expectClose(weights.subarray(at, at + 3), want.weights.subarray(at, at + 3), tolerances.elementwise);
  });

  test('zeros of both signs are equal', async () => {
    const { ids } = await route(fixture(), [[-1, -0, 0, -0]], { chosen: 3, renormalise: true });
    expect(ids).toEqual([1, 2, 3]);
  });

  test('a NaN among numbers is not chosen', async () => {
    const { ids } = await route(fixture(), [[1, NaN, 3, 2]], { chosen: 3, renormalise: true });
    expect(ids.slice(0, 3)).toEqual([2, 3, 0]);
  });
});
