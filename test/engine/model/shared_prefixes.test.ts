// Requests of all kinds through the prefix cache on a device: edits, branches, what is read ahead, cancelled, evicted and asked for by
// two at a time. Whatever they share, each gives the very bits that reading all of it gives.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { PrefixCache, type Lease, type Purpose } from '../../../engine/generate/prefix_cache.ts';
import { openGpu, type Gpu } from '../../../engine/gpu/device.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { loadModel, type LoadedModel } from '../../../engine/model/load.ts';
import { inFullRun } from '../../support/full.ts';
import { fixturePath } from '../../support/golden.ts';

let gpu: Gpu;
let model: LoadedModel;
/** Reads texts that share nothing. */
let fresh: LoadedModel;
beforeAll(async () => {
  gpu = await openGpu();
  const load = async (): Promise<LoadedModel> => {
    const checkpoint = await openCheckpoint(fixturePath('default'));
    const loaded = await loadModel(gpu, checkpoint, { mtp: true, contextTokensMax: 4096 });
    await checkpoint.close();
    return loaded;
  };
  [model, fresh] = [await load(), await load()];
});
afterAll(() => {
  model.dispose();
  fresh.dispose();
  gpu.dispose();
});

/** Batches of a text end at multiples of it. */
const block = 32;
/** Texts are blocks of which there are few, so that long beginnings are shared, and an end that no other text goes on from. */
interface Text {
  blocks: number[];
  end: number;
}
const idsOf = ({ blocks, end }: Text): number[] => [
  ...blocks.flatMap(kind => Array.from({ length: block }, (_, i) => (i * 37 + kind * 11 + 3) % 200)),
  ...Array.from({ length: end }, (_, i) => 200 + ((i * 7 + end) % 50)),
];

const bitsOf = (floats: Float32Array): string => Buffer.from(floats.slice().buffer).toString('base64');

interface Reader {
  read(ids: number[]): Promise<Float32Array>;
  step(id: number, drafts: number): Promise<{ picks: number[]; drafts: number[] }>;
}

/** Logits of the end of a text, and what steps with drafts give that are taken back, all from position `from` on. */
async function answer(
  ids: number[],
  reader: Reader,
  from: number,
  atBlock?: (end: number) => Promise<void>,
): Promise<string[]> {
  const given: string[] = [];
  for (let at = from; at < ids.length;) {
    const end = Math.min(ids.length, (Math.floor(at / block) + 1) * block);
    const logits = await reader.read(ids.slice(at, end));
    if (end === ids.length) given.push(bitsOf(logits));
    at = end;
    await atBlock?.(end);
  }
  for (let next = 211, n = 0; n < 3; n++) {
    const { picks, drafts } = await reader.step(next, n);
    given.push(`${picks} ${drafts}`);
    next = 211 + n;
  }
  return given;
}

const known = new Map<string, Promise<string[]>>();
/** The same of a text that shares nothing. */
function expected(ids: number[]): Promise<string[]> {
  const read = async (): Promise<string[]> => {
    const sequence = await fresh.createSequence();
    const reader: Reader = {
      read: part => fresh.forward(sequence, part, 'last'),
      step: async (id, drafts) => {
        const step = await fresh.step(sequence, id, { drafts, logits: false });
        sequence.takeBack(drafts);
        return step;
      },
    };
    const given = await answer(ids, reader, 0);
    sequence.dispose();
    return given;
  };
  const key = ids.join();
  const found = known.get(key) ?? read();
  known.set(key, found);
  return found;
}

const of = (lease: Lease): Reader => ({
  read: part => whole(lease.read(part, 'last')),
  step: async (id, drafts) => {
    const step = await lease.step(id, { drafts, logits: false });
    lease.accept(0);
    return step;
  },
});

const text = fc.record({
  blocks: fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 1, maxLength: 12 }),
  end: fc.constantFrom(3, 17),
});
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      text,
      purpose: fc.constantFrom<Purpose>('chat', 'chat', 'completion'),
      ahead: fc.boolean(),
      // Which ends of blocks are kept, as bits.
      keeps: fc.nat(4095),
      /** Given up after so many blocks, in the middle of the next one. */
      cancelAfter: fc.option(fc.nat(8), { freq: 4 }),
      /** The sequence is given back only after the next request. */
      lingers: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('lack' as const), bytes: fc.constantFrom(1, 2e5, 1e6, 1e9) }),
  },
);

test('whatever was read, shared, evicted and given up before, a text gives the bits of a fresh read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 2, maxLength: 10 }), async actions => {
      const { memory } = gpu.buffers;
      const pages = model.kvPages;
      // Little more than two texts and a few snapshots.
      memory.limit = memory.total + 1.5e6;
      const cache = new PrefixCache(model);
      let lingering: Lease | undefined;
      try {
        for (const one of actions) {
          if (one.kind === 'lack') {
            await memory.giveBack(one.bytes);
            continue;
          }
          const ids = idsOf(one.text);
          const lease = await cache.acquire(ids, one.purpose, { ahead: one.ahead });
          if (!lease) {
            lingering?.release();
            lingering = undefined;
            continue;
          }
          expect(lease.reusedTokens).toBeLessThan(ids.length);
          const { cancelAfter } = one;
          const cancelAt =
            cancelAfter === null ? Infinity : (lease.reusedTokens / block + cancelAfter) * block;
          const reader = of(lease);
          if (cancelAt < ids.length) {
            for (let at = lease.reusedTokens; at < cancelAt; at += block)
              await reader.read(ids.slice(at, at + block));
            const { budgetMs } = gpu.submissions;
            gpu.submissions.budgetMs = 0.01;
            const reading = lease.read(ids.slice(cancelAt, cancelAt + block), 'none');
            await reading.next();
            await reading.return(new Float32Array());
            gpu.submissions.budgetMs = budgetMs;
          } else {
            const given = await answer(ids, reader, lease.reusedTokens, async end => {
              if (end % block === 0 && (one.keeps >> (end / block - 1)) & 1) await lease.keepSnapshot();
            });
            expect(given).toEqual(await expected(ids));
          }
          lingering?.release();
          lingering = one.lingers ? lease : undefined;
          if (!lingering) lease.release();
        }
      } finally {
        lingering?.release();
        cache.dispose();
        memory.limit = undefined;
      }
      expect([pages.usedCount, pages.count]).toEqual([0, 0]);
    }),
    { numRuns: inFullRun(500, 30) },
  );
});

test('two chats and a completion over one workspace take hardly more pages than one chat', async () => {
  const cache = new PrefixCache(model);
  const workspace = Array.from({ length: 3900 }, (_, i) => (i * 37 + 5) % 200);
  const ask = async (end: number[], purpose: Purpose): Promise<number> => {
    const ids = [...workspace, ...end];
    const lease = (await cache.acquire(ids, purpose))!;
    const { reusedTokens } = lease;
    for (let at = reusedTokens; at < ids.length; at = lease.position) {
      const stop = at < workspace.length ? Math.min(at + 100, workspace.length) : ids.length;
      await whole(lease.read(ids.slice(at, stop), 'none'));
      if (stop === workspace.length) await lease.keepSnapshot({ pinned: true });
    }
    lease.release();
    return reusedTokens;
  };
  const question = (kind: number) => Array.from({ length: 50 }, (_, i) => 200 + ((i + kind) % 50));
  expect(await ask(question(1), 'chat')).toBe(0);
  const one = model.kvPages.usedCount;
  expect(one).toBe(31);
  expect(await ask(question(2), 'chat')).toBe(workspace.length);
  expect(await ask(question(3), 'completion')).toBe(workspace.length);
  expect(model.kvPages.usedCount).toBeLessThanOrEqual(1.1 * one);
  // Back to the first one, which goes on where it was.
  expect(await ask([...question(1), 7, 8], 'chat')).toBe(workspace.length + 50);
  cache.dispose();
  expect(model.kvPages.count).toBe(0);
});
