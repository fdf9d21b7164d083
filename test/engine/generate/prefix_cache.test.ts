// Reuse of state must never change a result: whatever was read before, the logits are those of a fresh read.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixCache, type Lease } from '../../../engine/generate/prefix_cache.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import { FakeModel, sequenceBytes } from '../../fakes/fake_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

/** Reads all of `ids` that the lease lacks, with snapshots where asked; gives the last logits. */
async function readAll(
  lease: Lease,
  ids: number[],
  model: FakeModel,
  snapshotsAt: readonly number[] = [],
): Promise<Float32Array> {
  let logits = new Float32Array() as Float32Array;
  while (lease.position < ids.length) {
    const cut = snapshotsAt.filter(at => at > lease.position).sort((a, b) => a - b)[0] ?? ids.length;
    const end = Math.min(lease.position + model.batchTokensMax, cut, ids.length);
    logits = await whole(lease.read(ids.slice(lease.position, end), 'last'));
    if (snapshotsAt.includes(end)) await lease.keepSnapshot();
  }
  return logits;
}

/** Runs of few ids and lengths, so that long beginnings are shared; some so long that much can be lost. */
const idList = fc
  .array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(5, 5, 5, 5, 150)), { minLength: 1, maxLength: 3 })
  .map(runs => runs.flatMap(([id, length]) => Array<number>(length).fill(id)));
const request = fc.record({
  ids: idList,
  snapshotsAt: fc.constantFrom([], [5, 10, 150], [1, 4, 6, 11, 155]),
  purpose: fc.constantFrom('chat' as const, 'completion' as const),
  ahead: fc.boolean(),
  decode: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
  fails: fc.boolean(),
});

test('whatever was read before, logits equal a fresh read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async requests => {
      const model = new FakeModel();
      const cache = new PrefixCache(model);
      for (const { ids, snapshotsAt, purpose, ahead, decode, fails } of requests) {
        const lease = (await cache.acquire(ids, purpose, { ahead }))!;
        expect(lease.reusedTokens).toBeLessThan(ids.length);
        if (fails) {
          model.before = () => Promise.reject(new Error('no'));
          await expect(readAll(lease, ids, model)).rejects.toThrow('no');
          model.before = () => undefined;
        } else {
          expect(await readAll(lease, ids, model, snapshotsAt)).toEqual(model.expected(ids));
          const read = [...ids];
          for (const id of decode) {
            read.push(id);
            expect(await whole(lease.read([id], 'last'))).toEqual(model.expected(read));
          }
        }
        lease.release();
      }
      cache.dispose();
      expect(model.liveSequences.size).toBe(0);
      expect(model.liveSnapshots.size).toBe(0);
    }),
    { numRuns: 400 },
  );
});

test('a longer conversation reads only what is new', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const first = [1, 2, 3, 4, 5, 6];
  const lease = (await cache.acquire(first, 'chat'))!;
  await readAll(lease, first, model);
  lease.release();
  const next = (await cache.acquire([...first, 7, 8], 'chat'))!;
  expect(next.reusedTokens).toBe(6);
  next.release();
});

test('another question after the same workspace block starts from the snapshot at its end', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const block = Array.from({ length: 30 }, (_, i) => i % 5);
  const lease = (await cache.acquire([...block, 9, 9], 'chat'))!;
  await readAll(lease, [...block, 9, 9], model, [30]);
  lease.release();
  const other = (await cache.acquire([...block, 8, 8, 8], 'chat'))!;
  expect(other.reusedTokens).toBe(30);
  expect(await readAll(other, [...block, 8, 8, 8], model)).toEqual(model.expected([...block, 8, 8, 8]));
  other.release();
});

test('a sequence in use is not lent twice, and completions leave chats alone', async () => {
  const cache = new PrefixCache(new FakeModel());
  const chats = [await cache.acquire([1], 'chat'), await cache.acquire([1], 'chat')];
  expect(chats.every(Boolean)).toBe(true);
  expect(await cache.acquire([1], 'chat')).toBeUndefined();
  const completion = await cache.acquire([1], 'completion');
  expect(completion).toBeDefined();
  chats[0]?.release();
  expect(await cache.acquire([1], 'chat')).toBeDefined();
});

test('snapshots are thinned to the limit and stay denser near the end', async () => {
  const model = new FakeModel({ contextTokensMax: 4000 });
  const cache = new PrefixCache(model);
  const ids = Array.from({ length: 1600 }, (_, i) => i % 50);
  const lease = (await cache.acquire(ids, 'chat'))!;
  await readAll(
    lease,
    ids,
    model,
    Array.from({ length: 99 }, (_, i) => (i + 1) * 16),
  );
  lease.release();
  const positions = [...model.liveSnapshots].map(c => c.position).sort((a, b) => a - b);
  expect(positions.length).toBeLessThanOrEqual(limits.snapshotsPerSequenceMax);
  expect(positions.at(-1)).toBe(1584);
  const gaps = positions.slice(1).map((p, i) => p - positions[i]!);
  expect(gaps.at(-1)!).toBeLessThan(gaps[0]!);
});

const conversation = (first: number, length: number) =>
  Array.from({ length }, (_, i) => (i < 5 ? i : (first + i) % 50));

test('a short common beginning does not cost another conversation its state', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  for (const ids of [conversation(7, 300), conversation(13, 300)]) {
    const lease = (await cache.acquire(ids, 'chat'))!;
    await readAll(lease, ids, model, [5]);
    lease.release();
  }
  for (const ids of [conversation(7, 301), conversation(13, 301)]) {
    const lease = (await cache.acquire(ids, 'chat'))!;
    expect(lease.reusedTokens).toBe(300);
    lease.release();
  }
});

test('when every sequence is taken, the one used longest ago is given up and its state kept as a snapshot', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  for (const first of [7, 13, 19]) {
    const lease = (await cache.acquire(conversation(first, 300), 'chat'))!;
    await readAll(lease, conversation(first, 300), model);
    lease.release();
  }
  expect(model.liveSequences.size).toBe(2);
  for (const [first, reused] of [
    [13, 300],
    [19, 300],
    [7, 300],
  ] as const) {
    const lease = (await cache.acquire(conversation(first, 301), 'chat'))!;
    expect(lease.reusedTokens).toBe(reused);
    lease.release();
  }
});

/** Reads like a question, or ahead, with a snapshot at the end of what conversations share; gives what was there. */
async function readOnce(
  cache: PrefixCache,
  model: FakeModel,
  ids: number[],
  { pinnedAt = 0, ahead = false } = {},
): Promise<number> {
  const lease = (await cache.acquire(ids, 'chat', { ahead }))!;
  const { reusedTokens } = lease;
  await readAll(lease, ids.slice(0, pinnedAt), model);
  if (pinnedAt > 0) await lease.keepSnapshot({ pinned: true });
  await readAll(lease, ids, model);
  lease.release();
  return reusedTokens;
}

test('reading ahead leaves the state of an idle conversation alone while there is another sequence', async () => {
  const model = new FakeModel({ contextTokensMax: 2000 });
  const cache = new PrefixCache(model);
  const block = conversation(7, 400);
  const changed = [...block.slice(0, 300), ...conversation(31, 100)];
  const talk = [...block, ...conversation(3, 200)];
  await readOnce(cache, model, talk, { pinnedAt: 300 });
  expect(await readOnce(cache, model, changed, { pinnedAt: 400, ahead: true })).toBe(300);
  expect(model.liveSequences.size).toBe(2);
  // What was only read ahead is given up for the next block, not the conversation.
  const again = [...changed.slice(0, 399), 49];
  expect(await readOnce(cache, model, again, { pinnedAt: 390, ahead: true })).toBe(300);
  expect(await readOnce(cache, model, [...talk, 1])).toBe(600);
  expect(await readOnce(cache, model, [...again, 2])).toBe(400);
  expect(await readOnce(cache, model, changed, { ahead: true })).toBe(390);
  expect(await readOnce(cache, model, [...again, 2, 3])).toBe(401);
});

test('it goes on where a question was broken off, and knows what is there already', async () => {
  const model = new FakeModel({ contextTokensMax: 2000 });
  const cache = new PrefixCache(model);
  const block = conversation(7, 400);
  await readOnce(cache, model, block.slice(0, 200));
  expect(cache.holds(block, 'chat')).toBe(false);
  expect(await readOnce(cache, model, block, { ahead: true })).toBe(200);
  expect(cache.holds(block, 'chat')).toBe(true);
  expect(cache.holds(block, 'completion')).toBe(false);
  expect(cache.holds(block.slice(0, 300), 'chat')).toBe(false);
  await readOnce(cache, model, [...block, 1, 2, 3]);
  expect(cache.holds(block, 'chat'), 'the conversation has gone on').toBe(false);
  await readOnce(cache, model, [...conversation(9, 400), 1, 2], { pinnedAt: 400 });
  expect(cache.holds(conversation(9, 400), 'chat')).toBe(true);
});

test('snapshots of what is read ahead do not push out those of a conversation', async () => {
  const model = new FakeModel({ contextTokensMax: 2000 });
  model.snapshotBytes = limits.snapshotBytesMax / 4;
  const cache = new PrefixCache(model);
  const talk = (await cache.acquire(conversation(7, 300), 'chat'))!;
  await readAll(talk, conversation(7, 300), model, [50, 100, 200, 290]);
  talk.release();
  const block = (await cache.acquire(conversation(13, 300), 'chat', { ahead: true }))!;
  await readAll(block, conversation(13, 300), model, [50, 100, 150, 200, 250]);
  await block.keepSnapshot({ pinned: true });
  block.release();
  expect([...model.liveSnapshots].map(({ position }) => position)).toContain(290);
  expect(model.liveSnapshots.size).toBe(4);
  expect(cache.holds(conversation(13, 300), 'chat')).toBe(true);
  const next = (await cache.acquire([...conversation(7, 295), 1], 'chat'))!;
  expect(next.reusedTokens).toBe(290);
});

test('the pinned snapshot outlives the thinning', async () => {
  const model = new FakeModel({ contextTokensMax: 4000 });
  const cache = new PrefixCache(model);
  const ids = conversation(7, 1600);
  const lease = (await cache.acquire(ids, 'chat'))!;
  await readAll(lease, ids.slice(0, 48), model);
  await lease.keepSnapshot({ pinned: true });
  await readAll(
    lease,
    ids,
    model,
    Array.from({ length: 96 }, (_, i) => 48 + (i + 1) * 16),
  );
  lease.release();
  const positions = [...model.liveSnapshots].map(c => c.position);
  expect(positions.length).toBe(limits.snapshotsPerSequenceMax);
  expect(Math.min(...positions)).toBe(48);
});

test('snapshots stay within their bytes, the sequence used longest ago gives first', async () => {
  const model = new FakeModel();
  model.snapshotBytes = limits.snapshotBytesMax / 4;
  const cache = new PrefixCache(model);
  for (const first of [7, 13]) {
    const ids = conversation(first, 300);
    const lease = (await cache.acquire(ids, 'chat'))!;
    await readAll(lease, ids, model, [100, 200, 290]);
    lease.release();
  }
  expect(cache.snapshotBytes).toBe(limits.snapshotBytesMax);
  const again = (await cache.acquire([...conversation(13, 295), 1], 'chat'))!;
  expect(again.reusedTokens).toBe(290);
});

test('a sequence that failed is freed when it is released, and nothing is read with it meanwhile', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const lease = (await cache.acquire([1, 2, 3], 'completion'))!;
  const [failed] = model.liveSequences;
  await whole(lease.read([1, 2], 'none'));
  model.before = () => Promise.reject(errors.gpuError('no'));
  expect((await hearthErrorOf(() => lease.step(3, { drafts: 0, logits: false }))).code).toBe('gpuError');
  model.before = () => undefined;
  expect((await hearthErrorOf(() => whole(lease.read([1], 'last')))).code).toBe('internal');
  // It is in use until then.
  expect(await cache.acquire([1, 2, 3], 'completion')).toBeUndefined();
  lease.release();
  expect(model.liveSequences).toEqual(new Set());

  const next = (await cache.acquire([1, 2, 3], 'completion'))!;
  expect(next.reusedTokens).toBe(0);
  expect([...model.liveSequences]).not.toContain(failed);
  expect(await readAll(next, [1, 2, 3], model)).toEqual(model.expected([1, 2, 3]));
  next.release();
  cache.dispose();
  expect(model.liveSequences.size).toBe(0);
});

test('when memory runs out snapshots go first, then sequences that nobody uses; those in use stay', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const [idle, used] = [(await cache.acquire([1, 2], 'chat'))!, (await cache.acquire([3, 4], 'completion'))!];
  await readAll(idle, [1, 2], model, [1]);
  await whole(used.read([3], 'none'));
  await used.keepSnapshot();
  idle.release();
  const snapshots = model.liveSnapshots.size;
  for (let left = snapshots; left > 0; left--) {
    expect([model.liveSnapshots.size, model.liveSequences.size]).toEqual([left, 2]);
    await model.memory.giveBack(1);
  }
  expect(cache.snapshotBytes).toBe(0);
  expect(await model.memory.giveBack(1e6)).toBeGreaterThan(0);
  expect(model.liveSequences.size).toBe(1);
  expect(await model.memory.giveBack(1)).toBe(0);
  expect(await whole(used.read([4], 'last'))).toEqual(model.expected([3, 4]));
  used.release();
  cache.dispose();
  expect(model.liveSequences.size).toBe(0);
});

test('snapshots take no more than the plan leaves them', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  model.memory.count('weights', 1000);
  model.memory.limit = 1000 + sequenceBytes + 2 * model.snapshotBytes;
  const ids = conversation(7, 80);
  const lease = (await cache.acquire(ids, 'chat'))!;
  await readAll(lease, ids, model, [16, 32, 48, 64]);
  expect(model.liveSnapshots.size).toBe(2);
  lease.release();
  cache.dispose();
});

test('what is kept when the cache is gone already does not stay', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const lease = (await cache.acquire([1, 2, 3], 'chat'))!;
  await whole(lease.read([1, 2], 'none'));
  const keeping = lease.keepSnapshot();
  cache.dispose();
  await keeping;
  await lease.keepSnapshot();
  lease.release();
  expect([model.liveSnapshots.size, model.liveSequences.size]).toEqual([0, 0]);
});

test('a snapshot for which there is no memory is not kept, and nothing else changes', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const ids = conversation(7, 40);
  const lease = (await cache.acquire(ids, 'chat'))!;
  await readAll(lease, ids.slice(0, 16), model, [16]);
  model.hasMemory = false;
  await readAll(lease, ids.slice(0, 32), model);
  await lease.keepSnapshot({ pinned: true });
  expect(await readAll(lease, ids, model)).toEqual(model.expected(ids));
  lease.release();
  expect([...model.liveSnapshots].map(({ position }) => position)).toEqual([16]);
  cache.dispose();
  expect(model.liveSnapshots.size).toBe(0);
});

test('without memory for a sequence the request fails by name, and those in use stay', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const idle = (await cache.acquire([1, 2], 'completion'))!;
  const used = (await cache.acquire([3, 4], 'chat'))!;
  await whole(used.read([3], 'none'));
  idle.release();
  model.hasMemory = false;
  expect((await hearthErrorOf(() => cache.acquire([5, 6], 'chat'))).code).toBe('outOfDeviceMemory');
  expect(model.liveSequences.size).toBe(2);
  expect(await whole(used.read([4], 'last'))).toEqual(model.expected([3, 4]));
  model.hasMemory = true;
  const next = (await cache.acquire([5, 6], 'chat'))!;
  expect(await readAll(next, [5, 6], model)).toEqual(model.expected([5, 6]));
});

test('a sequence that is being made counts as one of its purpose', async () => {
  const model = new FakeModel();
  const cache = new PrefixCache(model);
  const leases = await Promise.all([1, 2, 3].map(id => cache.acquire([id], 'chat')));
  expect(leases.map(lease => lease !== undefined)).toEqual([true, true, false]);
  expect(model.liveSequences.size).toBe(2);
});
