// One owner of the device's memory: every part is counted, budgets follow from the limit, and parts give back in a fixed order.
import { expect, test } from 'vitest';
import { MemoryPlan } from '../../../engine/gpu/memory_plan.ts';

/** A part that holds so many pieces of 10 bytes and gives them back one by one. */
function part(plan: MemoryPlan, name: 'snapshots' | 'sequences', pieces: number, asked: string[]) {
  plan.count(name, 10 * pieces);
  return plan.onLack(name, () => {
    asked.push(name);
    if (plan.held(name) === 0) return false;
    plan.count(name, -10);
    return true;
  });
}

test('without a limit nobody is asked, and a part gets what it would like to hold', () => {
  const plan = new MemoryPlan();
  const asked: string[] = [];
  part(plan, 'snapshots', 3, asked);
  plan.count('weights', 1e12);
  expect(plan.over).toBe(0);
  expect(asked).toEqual([]);
  expect(plan.budget('snapshots', 1000)).toBe(1000);
});

test('a budget is what the others leave', () => {
  const plan = new MemoryPlan(100);
  plan.count('weights', 60);
  plan.count('snapshots', 20);
  plan.count('sequences', 10);
  expect(plan.budget('snapshots', 1000)).toBe(30);
  expect(plan.budget('snapshots', 15)).toBe(15);
  plan.count('weights', 100);
  expect(plan.budget('snapshots', 1000)).toBe(0);
  expect(plan.over).toBe(90);
});

test('snapshots go before sequences, and no more than is needed', async () => {
  const plan = new MemoryPlan(100);
  const asked: string[] = [];
  part(plan, 'sequences', 4, asked);
  part(plan, 'snapshots', 3, asked);
  plan.count('weights', 20);
  expect(await plan.giveBack(15)).toBe(20);
  expect(asked).toEqual(['snapshots', 'snapshots']);
  expect([plan.held('snapshots'), plan.held('sequences')]).toEqual([10, 40]);
  expect(await plan.giveBack(35)).toBe(40);
  expect([plan.held('snapshots'), plan.held('sequences')]).toEqual([0, 10]);
  expect(await plan.giveBack(35)).toBe(10);
  expect(plan.total).toBe(20);
});

test('who no longer listens is not asked', async () => {
  const plan = new MemoryPlan(10);
  const asked: string[] = [];
  const stop = part(plan, 'snapshots', 3, asked);
  stop();
  expect(await plan.giveBack(10)).toBe(0);
  expect(asked).toEqual([]);
});

test('room that cannot be given back is made up for by others', async () => {
  const plan = new MemoryPlan(100);
  const asked: string[] = [];
  part(plan, 'snapshots', 3, asked);
  plan.count('sequences', 30);
  plan.onSlack({
    bytes: () => plan.held('sequences'),
    // It takes memory itself, which there is only when two of three snapshots have gone.
    release: async () => {
      if (plan.held('snapshots') <= 10) plan.count('sequences', -plan.held('sequences'));
    },
  });
  expect(await plan.giveBack(15)).toBe(20);
  expect(asked).toEqual(['snapshots', 'snapshots']);
  expect(plan.held('sequences')).toBe(30);
  expect(await plan.giveBack(15)).toBe(30);
  expect(asked).toHaveLength(2);
});
