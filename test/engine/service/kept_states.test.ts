// The state of a workspace over restarts of the engine: what was read once is not read again, whatever became of the files with the state.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PrefixCache } from '../../../engine/generate/prefix_cache.ts';
import type { OpenFile } from '../../../engine/kept/state_file.ts';
import { StateStore } from '../../../engine/kept/state_store.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import type { IngestParams } from '../../../engine/protocol/workspace.ts';
import { KeptStates } from '../../../engine/service/kept_states.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import type { LoadedText } from '../../../engine/service/loaded.ts';
import { hostServing } from '../../fakes/fake_host.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { embeddedText } from '../../support/embedded_text.ts';
import { isFullRun } from '../../support/full.ts';
import { Random } from '../../support/random.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

let text: LoadedText;
beforeAll(async () => {
  text = await embeddedText();
});

let directory: string;
beforeEach(() => {
  directory = join(temporaryDirectory(), 'states');
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Some 700 tokens. */
const source = (name: string) => `export function ${name}() {\n  return '${name}';\n}\n`.repeat(45);
const files = {
  'src/first.ts': source('first'),
  'src/second.ts': source('second'),
  'src/third.ts': source('third'),
};

/** An engine that has just started, in the folder of those before it. */
async function engine({
  weights = 1,
  openFile,
  bytesMax = 10_000_000,
  own = text,
}: { weights?: number; openFile?: OpenFile; bytesMax?: number; own?: LoadedText } = {}) {
  const model = new FakeModel({ vocabularySize: 8192, contextTokensMax: 8192, batchTokensMax: 64 });
  // As with a real one, others get their turn while it reads.
  model.before = () => new Promise(resolve => setTimeout(resolve, 0));
  const states = new StateStore({ directory, bytesMax, ...(openFile && { openFile }) });
  const host = await hostServing(model, own, { states, weights });
  const session = new ClientSession(host);
  const end = async (): Promise<void> => {
    session.dispose();
    await host.dispose();
  };
  ends.push(end);
  return {
    end,
    /** Tokens that were read so far. */
    read: () => model.batches.reduce((sum, rows) => sum + rows, 0),
    ingest: (changed: Record<string, string>, change: Partial<IngestParams> = {}) =>
      session.takeBatch({
        workspace: 'file:///demo',
        name: 'demo',
        reset: false,
        final: true,
        removedPaths: [],
        skipped: [],
        files: Object.entries(changed).map(([path, content]) => ({
          path,
          uri: `file:///${path}`,
          text: content,
        })),
        ...change,
      }),
    ask: () =>
      session.chat(
        {
          messages: [{ role: 'user', content: 'What?' }],
          workspace: 'file:///demo',
          maxTokens: 3,
          sampling: {},
        },
        {},
      ),
  };
}
const states = (): string[] =>
  readdirSync(directory)
    .filter(name => name.endsWith('.state'))
    .sort();
const saved = (count = 1) => vi.waitFor(() => expect(states()).toHaveLength(count), 10_000);

/** What an engine without any state answers; all state is deleted. */
async function fresh(changed: Record<string, string>, own = text): Promise<string> {
  const one = await engine({ bytesMax: 0, own });
  await one.ingest(changed);
  return (await one.ask()).text;
}

test('after a restart no token of the workspace is read again, and the answer is the same', async () => {
  const before = await engine();
  const { blockTokens } = await before.ingest(files);
  const first = await before.ask();
  await saved();
  await before.end();
  const after = await engine();
  await after.ingest(files);
  const second = await after.ask();
  expect(second.text).toBe(first.text);
  const { promptTokens, reusedTokens, diskTokens } = second.stats;
  expect(diskTokens).toBeGreaterThanOrEqual(blockTokens);
  expect(reusedTokens).toBeGreaterThanOrEqual(diskTokens);
  // The question, and what it answers.
  expect(after.read()).toBeLessThanOrEqual(promptTokens - diskTokens + 4);
  const third = await after.ask();
  expect(third.stats.diskTokens).toBe(0);
  expect(third.stats.reusedTokens).toBeGreaterThanOrEqual(blockTokens);
});

test('a question that comes at once need not wait for the reading ahead', async () => {
  const before = await engine();
  await before.ingest(files);
  await saved();
  await before.end();
  const after = await engine();
  const { blockTokens } = await after.ingest(files, { readLater: true });
  expect((await after.ask()).stats.diskTokens).toBeGreaterThanOrEqual(blockTokens);
});

test('a question that ends the reading ahead does not end the keeping', async () => {
  const one = await engine();
  await one.ingest(files);
  await one.ask();
  await saved();
  await one.ingest({ 'src/fourth.ts': source('fourth') });
  await one.ask();
  await saved(2);
});

test('after an edit and a restart only the edit is read again, if that was not read before', async () => {
  const before = await engine();
  const { included, blockTokens } = await before.ingest(files);
  await saved();
  const [first] = included;
  const edited = { ...files, [first!.path]: `${source('first')}// more\n` };
  await before.ingest(edited);
  const answer = await before.ask();
  await saved(2);
  await before.end();
  const after = await engine();
  await after.ingest(edited);
  const { text: said, stats } = await after.ask();
  expect(said).toBe(answer.text);
  expect(after.read()).toBeLessThanOrEqual(stats.promptTokens - stats.diskTokens + 4);
  expect(stats.diskTokens).toBeGreaterThan(blockTokens);
  await after.end();
  const later = await engine();
  await later.ingest({ ...edited, [first!.path]: 'export const less = 1;\n' });
  expect((await later.ask()).stats.diskTokens).toBeGreaterThan(blockTokens / 2);
  expect(later.read()).toBeLessThan(blockTokens / 2);
});

test('a block that is laid out as an earlier one was is the one that a restart goes on from', async () => {
  const before = await engine();
  await before.ingest(files);
  await saved();
  const [path] = Object.keys(files) as [string];
  await before.ingest({}, { removedPaths: [path], packAnew: true });
  await saved(2);
  const since = Date.now();
  await before.ingest({ [path]: source('first') }, { packAnew: true });
  const answer = await before.ask();
  const used = () => Math.max(...states().map(name => statSync(join(directory, name)).mtimeMs));
  await vi.waitFor(() => expect(used()).toBeGreaterThanOrEqual(since), 10_000);
  await before.end();
  const after = await engine();
  await after.ingest(files);
  const { text: said, stats } = await after.ask();
  expect(said).toBe(answer.text);
  expect(after.read()).toBeLessThanOrEqual(stats.promptTokens - stats.diskTokens + 4);
});

test('what the user has decided while no engine ran is heeded: nothing is left of a file that was left out', async () => {
  // A model that may be told by a note that a file is gone.
  const own = { ...text, limits: {} };
  const { 'src/second.ts': _leftOut, ...others } = files;
  const want = await fresh(others, own);
  const before = await engine({ own });
  await before.ingest(files, { decided: 'nothing' });
  await saved();
  await before.end();
  const after = await engine({ own });
  await after.ingest(others, { decided: 'second is left out' });
  expect((await after.ask()).text).toBe(want);
});

test('a large state is written seldom, but one whose writing was ended is not counted', async () => {
  let now = 1_000_000;
  const model = new FakeModel({ contextTokensMax: 1024, batchTokensMax: 256 });
  model.snapshotBytes = 100 * 1024 * 1024;
  const cache = new PrefixCache(model);
  const store = new StateStore({ directory, bytesMax: 1024 ** 3 });
  const kept = new KeptStates({ store, cache, model, key: 'key', now: () => now });
  const ids = Array.from({ length: 200 }, (_, i) => i % 60);
  const lease = (await cache.acquire(ids, 'chat'))!;
  await whole(lease.read(ids, 'none'));
  await lease.keepSnapshot();
  lease.release();
  const save = (signal: AbortSignal) => kept.save(ids, { workspace: 'w', layout: () => '' }, signal);
  const ended = new AbortController();
  const saving = save(ended.signal);
  await saving.next();
  ended.abort();
  await whole(saving);
  expect(kept.waitMs(ids)).toBe(0);
  await whole(save(new AbortController().signal));
  expect(states()).toHaveLength(1);
  expect(kept.waitMs(ids)).toBe(5 * 60 * 1000);
  now += 5 * 60 * 1000;
  expect(kept.waitMs(ids)).toBe(0);
  cache.dispose();
});

test('state of other weights is not used', async () => {
  const before = await engine();
  await before.ingest(files);
  await saved();
  await before.end();
  const after = await engine({ weights: 2 });
  await after.ingest(files);
  expect((await after.ask()).stats.diskTokens).toBe(0);
  // Both are kept: whoever goes back to the other model finds it.
  await saved(2);
});

test('conversations are not kept', async () => {
  const one = await engine();
  await one.ingest(files);
  await one.ask();
  await saved();
  const secret = text.tokenizer.encode('What?', { special: false });
  const bytes = readFileSync(join(directory, states()[0]!));
  expect(bytes.includes(Buffer.from(Uint32Array.from(secret).buffer))).toBe(false);
});

/** Something that goes wrong with the folder, or while it is written to. */
type Fault = (chance: () => number) => OpenFile | undefined;
const damage =
  (change: (bytes: Buffer, chance: () => number) => Buffer): Fault =>
  chance => {
    for (const name of states()) {
      const path = join(directory, name);
      writeFileSync(path, change(readFileSync(path), chance));
    }
    return undefined;
  };
const failing =
  (method: 'write' | 'read' | 'datasync' | 'close', code: string): Fault =>
  chance => {
    let left = Math.floor(chance() * 40);
    return async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      const before = (file[method] as (...args: unknown[]) => Promise<unknown>).bind(file);
      Object.assign(file, {
        [method]: async (...args: unknown[]) => {
          if (left-- > 0) return before(...args);
          if (method === 'close') await before();
          throw Object.assign(new Error(code), { code });
        },
      });
      return file;
    };
  };
const faults: Record<string, Fault> = {
  'a flipped bit': damage((bytes, chance) => {
    bytes[Math.floor(chance() * bytes.length)]! ^= 1 << Math.floor(chance() * 8);
    return bytes;
  }),
  'a file that ends early': damage((bytes, chance) => bytes.subarray(0, Math.floor(chance() * bytes.length))),
  'a file that goes on': damage((bytes, chance) => Buffer.concat([bytes, bytes.subarray(0, chance() * 100)])),
  'a stretch of zeros': damage((bytes, chance) =>
    bytes.fill(0, Math.floor(chance() * bytes.length), Math.floor(chance() * bytes.length)),
  ),
  'an engine that was killed while it wrote': () => {
    for (const name of states()) {
      const path = join(directory, name);
      writeFileSync(`${path}.${randomUUID()}.part`, readFileSync(path).subarray(0, 200));
      rmSync(path);
    }
    return undefined;
  },
  'the file of another text': () => {
    for (const name of states()) {
      const path = join(directory, name);
      writeFileSync(join(directory, `0${name.slice(1)}`), readFileSync(path));
      truncateSync(path, 0);
    }
    return undefined;
  },
  'a disk that is full': failing('write', 'ENOSPC'),
  'a disk that cannot be read': failing('read', 'EIO'),
  'a disk that does not sync': failing('datasync', 'EIO'),
  'a file that does not close': failing('close', 'EIO'),
  'a folder that is gone': () => {
    rmSync(directory, { recursive: true });
    return undefined;
  },
};

const rounds = isFullRun ? 91 : 3;
test.each(Object.entries(faults))(
  `%s: what is answered is never wrong (${rounds} times)`,
  async (name, fault) => {
    const changed = { ...files };
    const want = await fresh(changed);
    const random = new Random(name.length);
    for (let round = 0; round < rounds; round++) {
      rmSync(directory, { recursive: true, force: true });
      const before = await engine();
      await before.ingest(changed);
      await saved();
      await before.end();
      const openFile = fault(() => random.next());
      const after = await engine(openFile && { openFile });
      await after.ingest(changed);
      expect((await after.ask()).text).toBe(want);
      await after.end();
      // And the next start finds its way too.
      const later = await engine();
      await later.ingest(changed);
      expect((await later.ask()).text).toBe(want);
      await later.end();
    }
  },
);
