// The folder with the state of texts: what is found again, what goes, and that damage is never used.
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { StateFile, writeState, type OpenFile, type TextState } from '../../../engine/kept/state_file.ts';
import { StateStore, type StateStoreOptions } from '../../../engine/kept/state_store.ts';
import type { StateSnapshot } from '../../../engine/language_model/language_model.ts';
import { whole } from '../../../engine/language_model/whole.ts';
import { FakeModel } from '../../fakes/fake_model.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const model = new FakeModel();
let directory: string;
beforeEach(() => {
  directory = join(temporaryDirectory(), 'states');
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

const idsFrom = (first: number, count = 40): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Snapshots of a text at these positions. */
async function snapshotsOf(ids: readonly number[], positions: readonly number[]): Promise<StateSnapshot[]> {
  const sequence = await model.createSequence();
  const snapshots: StateSnapshot[] = [];
  let at = 0;
  for (const position of positions) {
    for (; at < position; at++) await model.forward(sequence, [ids[at]!], 'none');
    snapshots.push((await sequence.takeSnapshot())!);
  }
  sequence.dispose();
  return snapshots;
}
async function textOf(
  ids: readonly number[],
  { positions = [20, ids.length], key = 'key', workspace = 'w' } = {},
): Promise<TextState> {
  const layout = `layout of ${ids[0]}, ${ids.length}`;
  return { key, workspace, ids, layout, snapshots: await snapshotsOf(ids, positions) };
}
const storeWith = (options: Partial<StateStoreOptions> = {}): StateStore =>
  new StateStore({ directory, bytesMax: 1_000_000, ...options });
const files = (): string[] => readdirSync(directory).sort();
const only = (): string => join(directory, files()[0]!);

test('a text is found by what it has in common, and comes back as it was', async () => {
  const ids = idsFrom(1);
  const text = await textOf(ids);
  await whole(storeWith().keep(text));
  const store = storeWith();
  expect(await store.find('key', [...ids, 7])).toMatchObject({ position: 40 });
  expect(await store.find('key', [...ids.slice(0, 39), 7])).toMatchObject({ position: 20 });
  expect(await store.find('key', ids.slice(0, 19))).toBeUndefined();
  expect(await store.find('other', ids)).toBeUndefined();
  const found = (await store.find('key', ids))!;
  const file = (await store.open(found))!;
  const pages = file.pages(found.position);
  const written = await whole(model.writeSnapshots(pages, await file.states(found.position)));
  await file.close();
  for (const [i, snapshot] of written.entries()) {
    expect(snapshot.position).toBe([20, 40][i]);
    expect(snapshot).toMatchObject({ ids: ids.slice(0, snapshot.position) });
    expect(await snapshot.read()).toEqual(await text.snapshots[i]!.read());
  }
});

test('how a workspace was laid out last is found without its ids', async () => {
  let now = Date.now();
  const store = storeWith({ now: () => now });
  for (const first of [1, 100]) {
    await whole(store.keep(await textOf(idsFrom(first))));
    now += 10_000;
    const found = await store.find('key', idsFrom(first));
    await (await store.open(found!))!.close();
  }
  expect(await store.layout('key', 'w')).toBe('layout of 100, 40');
  expect(await store.layout('key', 'other')).toBeUndefined();
  expect(await store.layout('other', 'w')).toBeUndefined();
});

test('nobody else may read what is kept', async () => {
  await whole(storeWith().keep(await textOf(idsFrom(1))));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(only()).mode & 0o777).toBe(0o600);
});

test('every byte of a file counts: a changed one is never used, nor is a file that ends early or goes on', async () => {
  await whole(storeWith().keep(await textOf(idsFrom(1))));
  const bytes = readFileSync(only());
  const path = join(directory, 'damaged');
  const readAll = async (content: Buffer): Promise<void> => {
    writeFileSync(path, content);
    const file = await StateFile.open(path);
    try {
      await file.layout();
      await file.states(40);
      const pages = file.pages(40);
      for (let i = 0; i < pages.count; i++) await pages.read(i);
    } finally {
      await file.close();
    }
  };
  await readAll(bytes);
  const damages = [
    bytes.subarray(0, 0),
    bytes.subarray(0, 30),
    bytes.subarray(0, -1),
    Buffer.concat([bytes, bytes]),
  ];
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1 << (at % 8);
    damages.push(changed);
  }
  for (const damaged of damages)
    expect((await hearthErrorOf(() => readAll(damaged))).code).toBe('badSnapshot');
});

test('a file that is damaged is deleted and told, whoever comes upon it', async () => {
  const ids = idsFrom(1);
  await whole(storeWith().keep(await textOf(ids)));
  truncateSync(only(), 100);
  expect(await storeWith().find('key', ids)).toBeUndefined();
  expect(files()).toEqual([]);
  expect(console.error).toHaveBeenCalledWith(expect.stringContaining('damaged'));
});

test('the bound is kept: what was used longest ago goes', async () => {
  let now = Date.now();
  const [one, two, three] = [idsFrom(1), idsFrom(100), idsFrom(200)];
  const options = { now: () => now, bytesMax: 3000 };
  const store = storeWith(options);
  for (const ids of [one, two]) {
    await whole(store.keep(await textOf(ids, { workspace: `${ids[0]}` })));
    now += 1000;
    const found = await store.find('key', ids);
    await (await store.open(found!))!.close();
  }
  now += 1000;
  await (await store.open((await store.find('key', one))!))!.close();
  const size = statSync(only()).size;
  await whole(storeWith({ ...options, bytesMax: 2.5 * size }).keep(await textOf(three, { workspace: '3' })));
  expect(await store.find('key', one)).toBeDefined();
  expect(await store.find('key', two)).toBeUndefined();
  expect(await store.find('key', three)).toBeDefined();
  await storeWith({ ...options, bytesMax: size }).tidy();
  expect(files()).toHaveLength(1);
  // Nothing goes for what would not fit at all.
  await whole(storeWith({ ...options, bytesMax: 100 }).keep(await textOf(idsFrom(300))));
  expect(files()).toHaveLength(1);
  await storeWith({ ...options, bytesMax: 0 }).tidy();
  expect(files()).toEqual([]);
});

test('what nobody has used for a month goes, and so does what an engine that was killed has begun', async () => {
  const ids = idsFrom(1);
  await whole(storeWith().keep(await textOf(ids)));
  writeFileSync(join(directory, 'x.part'), 'half');
  const now = Date.now();
  await storeWith({ now: () => now + 29 * 86_400_000 }).tidy();
  expect(files()).toHaveLength(1);
  const then = now / 1000 - 31 * 86_400;
  utimesSync(only(), then, then);
  writeFileSync(join(directory, 'y.part'), 'being written');
  await storeWith().tidy();
  expect(files()).toEqual(['y.part']);
});

test('of a workspace three texts are kept, and none that another one begins with', async () => {
  const store = storeWith();
  const grown = idsFrom(1, 60);
  await whole(store.keep(await textOf(idsFrom(1))));
  await whole(store.keep(await textOf(grown)));
  expect(files()).toHaveLength(1);
  let at = Date.now() / 1000 - 1000;
  utimesSync(only(), at, at);
  for (const first of [100, 200, 300]) {
    const before = files();
    await whole(store.keep(await textOf(idsFrom(first))));
    at += 10;
    utimesSync(
      join(
        directory,
        files().find(name => !before.includes(name))!,
      ),
      at,
      at,
    );
  }
  expect(files()).toHaveLength(3);
  expect(await store.find('key', grown)).toBeUndefined();
  await whole(store.keep(await textOf(grown, { workspace: 'other' })));
  expect(files()).toHaveLength(4);
});

test('a disk that is full leaves nothing behind, and nothing fails', async () => {
  const text = await textOf(idsFrom(1));
  await whole(storeWith().keep(text));
  const { size } = statSync(only());
  await storeWith({ bytesMax: 0 }).tidy();
  for (const bytesLeft of [0, 10, size >> 1, size - 1]) {
    let left = bytesLeft;
    const full: OpenFile = async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      const write = file.write.bind(file) as (bytes: Uint8Array, offset: number) => Promise<unknown>;
      file.write = (async (bytes: Uint8Array, offset: number) => {
        left -= bytes.byteLength - offset;
        if (left < 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        return write(bytes, offset);
      }) as typeof file.write;
      return file;
    };
    await whole(storeWith({ openFile: full }).keep(text));
    expect(files()).toEqual([]);
  }
  expect(console.error).toHaveBeenCalledWith(expect.stringContaining('no space left'));
});

test('saving that is ended leaves nothing behind', async () => {
  const text = await textOf(idsFrom(1));
  mkdirSync(directory);
  const saving = writeState(join(directory, 'a.state'), text);
  await saving.next();
  expect(files()).toHaveLength(1);
  await saving.return();
  expect(files()).toEqual([]);
});
