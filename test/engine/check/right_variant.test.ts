// Where variants compute wrongly, others are tried: by a check that is made up, which looks at the variants in force.
import { expect, test } from 'vitest';
import { settleVariant } from '../../../engine/check/right_variant.ts';
import { defaultVariant, type Gpu, type TunedVariant } from '../../../engine/gpu/device.ts';
import type { TunedPart } from '../../../engine/tuning/candidates.ts';

const device = { software: false, subgroupLanes: 32, hasF16: true, matrix: undefined };
const facts = { limits: { subgroupMinSize: 32 } };
const limits = { invocationsPerWorkgroupMax: 256 };
const usual = defaultVariant(device);
const tuned: TunedVariant = { ...usual, staged: 'f16', teamLanes: 32, subgroupSums: true };

/** Settles the variants of a device on which `faults` says what is wrong with a variant. */
async function settle(faults: (variant: TunedVariant) => TunedPart[], partsOf = (part: TunedPart) => [part]) {
  const gpu = { ...device, facts, limits, variant: tuned } as unknown as Gpu;
  const settled = await settleVariant(gpu, () => Promise.resolve(faults(gpu.variant)), partsOf);
  return { ...settled, variant: gpu.variant };
}

test('what is right stays', async () => {
  expect(await settle(() => [])).toEqual({ dropped: [], wrong: [], variant: tuned });
});

test('a wrong variant gives way to the usual one of its part, and no other part changes', async () => {
  const { dropped, wrong, variant } = await settle(({ staged }) => (staged === 'f16' ? ['matmul'] : []));
  expect(variant).toEqual({ ...tuned, staged: 'f32' });
  expect(dropped).toEqual([
    { part: 'matmul', variant: { matmul: 'block', staged: 'f16' }, wrong: ['matmul'] },
  ]);
  expect(wrong).toEqual([]);
});

test('where the usual one is wrong too, the plainest is taken', async () => {
  const { variant } = await settle(({ teamLanes }) => (teamLanes > 1 ? ['decode'] : []));
  expect(variant).toEqual({ ...tuned, teamLanes: 1, subgroupSums: false });
});

test('a variant that is less wrong is not the last that is tried', async () => {
  const { dropped, wrong, variant } = await settle(({ matmul, staged }) =>
    matmul === 'tile' ? [] : staged === 'f32' ? ['matmul'] : ['matmul', 'matmul'],
  );
  expect(variant).toMatchObject({ matmul: 'tile' });
  expect(dropped.map(({ variant: { staged } }) => staged)).toEqual(['f16', 'f32']);
  expect(wrong).toEqual([]);
});

test('several parts give way each for itself', async () => {
  const { dropped, variant } = await settle(({ staged, attention }) => [
    ...(staged === 'f16' ? ['matmul' as const] : []),
    ...(attention === 'flash' ? ['attention' as const] : []),
  ]);
  expect(variant).toEqual({ ...tuned, staged: 'f32', attention: 'prefill' });
  expect(dropped.map(({ part }) => part)).toEqual(['matmul', 'attention']);
});

test('where only all plain ones together are right, all give way', async () => {
  const either: TunedPart[] = ['matmul', 'attention'];
  const { variant, wrong } = await settle(
    ({ matmul, attention }) => (matmul === 'tile' && attention === 'prefill' ? [] : ['matmul']),
    () => either,
  );
  expect(variant).toMatchObject({ matmul: 'tile', attention: 'prefill' });
  expect(wrong).toEqual([]);
});

test('where nothing helps, the variants stay and what is wrong is told', async () => {
  expect(await settle(() => ['decode'])).toEqual({ dropped: [], wrong: ['decode'], variant: tuned });
});
