import { expect, test } from 'vitest';
import { DraftPolicy } from '../../../engine/generate/draft_policy.ts';

/** Takes `steps` steps that cost and give what `world` says; gives how many drafts each had. */
function walk(
  policy: DraftPolicy,
  steps: number,
  world: (drafts: number) => { accepted: number; ms: number },
) {
  return Array.from({ length: steps }, () => {
    const drafts = policy.choose(10);
    const { accepted, ms } = world(drafts);
    policy.note(drafts, accepted, ms);
    return drafts;
  });
}

test('every number of drafts is tried, then the one with the most tokens a second is kept', () => {
  const policy = new DraftPolicy(3);
  // Two drafts: 2.6 tokens in 14 ms; fewer or more give less.
  const gains = [0, 0.9, 1.6, 1.8];
  const chosen = walk(policy, 120, drafts => ({ accepted: gains[drafts] as number, ms: 10 + 2 * drafts }));
  expect(new Set(chosen.slice(0, 12))).toEqual(new Set([0, 1, 2, 3]));
  const later = chosen.slice(12);
  expect(later.filter(drafts => drafts === 2).length).toBeGreaterThan(later.length * 0.9);
  expect(new Set(later).size, 'neighbours get another chance').toBeGreaterThan(1);
});

test('drafts that cost more than they give are switched off', () => {
  const chosen = walk(new DraftPolicy(4), 100, drafts => ({ accepted: drafts / 4, ms: 10 + 10 * drafts }));
  expect(chosen.slice(20).filter(drafts => drafts === 0).length).toBeGreaterThan(75);
});

test('what a step may hold bounds the drafts, and a fixed number is kept', () => {
  const policy = new DraftPolicy(4, { fixed: 3 });
  expect([0, 1, 2, 3, 9].map(room => policy.choose(room))).toEqual([0, 1, 2, 3, 3]);
  expect(new DraftPolicy(4, { fixed: 9 }).choose(8)).toBe(4);
  expect(new DraftPolicy(0, { fixed: 2 }).choose(8), 'a model that cannot draft').toBe(0);
});

test('a step that was held up counts as some of its kind', () => {
  const policy = new DraftPolicy(1, { ahead: true });
  // The first of a kind may compile.
  for (const drafts of [0, 1]) for (const ms of [900, 10, 10]) policy.note(drafts, drafts, ms);
  expect(policy.choose(5), 'two tokens in the time of one').toBe(1);
  // Were it counted as it is, the mean would be 340 ms and no longer the best.
  policy.note(1, 1, 1000);
  expect(policy.choose(5)).toBe(1);
});
