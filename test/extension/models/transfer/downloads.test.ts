import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realDisk, type Disk } from '../../../../extension/models/transfer/disk.ts';
import type { ModelLibrary } from '../../../../extension/models/library.ts';
import { fail, HubServer, sha256, type Seen } from '../../../fakes/hub_server.ts';
import {
  downloadEnded,
  downloadWhen,
  ggufFile,
  openLibrary,
  quickLimits,
} from '../../../support/model_library.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

const directory = temporaryDirectory();
const commit = 'a'.repeat(40);
const q8 = { kind: 'catalogue', entryId: 'model', quantization: 'Q8_0' } as const;
const model = ggufFile('Model-Q8_0.gguf', 45_000);

describe('downloads', () => {
  let hub: HubServer;
  const open: ModelLibrary[] = [];
  beforeEach(async () => {
    hub = await HubServer.start();
    hub.repositories.set('maker/model-GGUF', { commit, files: [model] });
  });
  afterEach(async () => {
    for (const library of open.splice(0)) await library.close();
    await hub.stop();
  });
  const start = async (more: Parameters<typeof openLibrary>[2] = {}) => {
    const opened = await openLibrary(directory, hub, more);
    open.push(opened.library);
    return opened;
  };
  const run = async (library: ModelLibrary) => downloadEnded(library, await library.download(q8));
  const isStorage = ({ host }: Seen): boolean => host === 'storage';
  /** Nothing but the embedded model is offered, whatever lies on the disk. */
  const expectNothingOffered = async (folder: string): Promise<void> => {
    expect((await start({ folder })).library.list().map(({ id }) => id)).toEqual(['embedded']);
  };

  test('send the token to the hub, never to the host it redirects to, and never into a message', async () => {
    hub.repositories.set('maker/model-GGUF', { commit, files: [model], token: 'hf_secret' });
    const { library, folder, warnings } = await start({ token: async () => 'hf_secret' });
    expect(await run(library)).toMatchObject({ phase: 'done' });
    const sent = (host: Seen['host']) =>
      new Set(hub.seen.filter(one => one.host === host).map(({ authorization }) => authorization));
    expect(sent('hub')).toEqual(new Set(['Bearer hf_secret']));
    expect(sent('storage')).toEqual(new Set([undefined]));
    const written = readFileSync(
      join(folder, 'maker--model-GGUF--Q8_0--aaaaaaaa', 'hearth-model.json'),
      'utf8',
    );
    expect(JSON.stringify(library.state) + written + warnings.join()).not.toMatch(/hf_secret|signature/);
  });

  test.each([
    ['no token', undefined, 'Access to maker/model-GGUF was refused.'],
    ['a wrong token', 'hf_wrong', 'Access to maker/model-GGUF was refused with the token that is set.'],
  ])('of a gated repository with %s say what to do', async (_what, token, message) => {
    hub.repositories.set('maker/model-GGUF', { commit, files: [model], token: 'hf_right' });
    const { library } = await start({ token: async () => token });
    const ended = await run(library);
    expect(ended.error).toEqual({
      code: 'hubAccessDenied',
      message,
      remedy: "Accept the licence on the model's page and set a token, then try again.",
    });
  });

  test('go on after a token was set', async () => {
    hub.repositories.set('maker/model-GGUF', { commit, files: [model], token: 'hf_right' });
    const tokens: string[] = [];
    const { library } = await start({ token: async () => tokens[0] });
    const { id } = await run(library);
    tokens.push('hf_right');
    await library.resume(id);
    expect(await downloadWhen(library, id, ({ phase }) => phase === 'done')).toMatchObject({
      error: undefined,
    });
  });

  test('of a repository or a file that is not there are named errors', async () => {
    const { library } = await start();
    const file = { kind: 'catalogue', entryId: 'model', quantization: 'Q4_K_M' } as const;
    const lost = await downloadEnded(library, await library.download(file));
    expect(lost.error).toMatchObject({ code: 'hubNotFound', message: expect.stringMatching(/Model-Q4_K_M/) });
    hub.repositories.clear();
    const gone = await run(library);
    expect(gone.error).toMatchObject({ message: 'The repository maker/model-GGUF was not found.' });
  });

  test.each([429, 500, 503])('try again after status %i and lose nothing', async status => {
    let left = 3;
    hub.fault = (seen, response) => {
      if (!isStorage(seen) || left-- <= 0) return false;
      fail(response, status);
      return true;
    };
    const { library } = await start();
    expect(await run(library)).toMatchObject({ phase: 'done', bytesDone: 45_000 });
    expect(hub.ranges).toHaveLength(8);
  });

  test('wait as long as Retry-After asks for', async () => {
    let left = 1;
    hub.fault = (_seen, response) => {
      if (left-- <= 0) return false;
      fail(response, 429, '', { 'Retry-After': '77' });
      return true;
    };
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const { library } = await start({ limits: { ...quickLimits, sleep } });
    expect(await run(library)).toMatchObject({ phase: 'done' });
    expect(waits).toEqual([77_000]);
  });

  test('end with a named error when a server stays broken, and go on later', async () => {
    hub.fault = (seen, response) => {
      if (!isStorage(seen) || seen.range !== 'bytes=20000-29999') return false;
      fail(response, 500);
      return true;
    };
    const { library, folder } = await start();
    const ended = await run(library);
    expect(ended.error).toMatchObject({ code: 'hubFailed', message: expect.stringMatching(/status 500/) });
    await expectNothingOffered(folder);
    hub.fault = undefined;
    hub.seen.length = 0;
    await library.resume(ended.id);
    expect(await downloadWhen(library, ended.id, ({ phase }) => phase === 'done')).toBeDefined();
    expect(hub.ranges).toContain('bytes=20000-29999');
    expect(hub.ranges).not.toContain('bytes=0-9999');
  });

  test('go on inside a range when its body is cut off', async () => {
    let left = 2;
    hub.fault = (seen, response) => {
      if (!isStorage(seen) || left-- <= 0) return false;
      const [from = 0, to = 0] = (seen.range ?? '').slice(6).split('-').map(Number);
      response.writeHead(206, {
        'Content-Length': to - from + 1,
        'Content-Range': `bytes ${from}-${to}/${model.content.length}`,
      });
      response.write(model.content.subarray(from, from + 4000), () => response.destroy());
      return true;
    };
    const { library } = await start({ limits: { ...quickLimits, connections: 1 } });
    expect(await run(library)).toMatchObject({ phase: 'done' });
    expect(hub.ranges.slice(0, 3)).toEqual(['bytes=0-9999', 'bytes=4000-9999', 'bytes=8000-9999']);
  });

  test('give up a connection that falls silent, and open another one', async () => {
    let left = 1;
    hub.fault = (seen, response) => {
      if (!isStorage(seen) || left-- <= 0) return false;
      response.writeHead(206, { 'Content-Range': `bytes 0-9999/${model.content.length}` });
      response.write(model.content.subarray(0, 100));
      return true;
    };
    const { library } = await start({ limits: { ...quickLimits, connections: 1, silenceMsMax: 50 } });
    expect(await run(library)).toMatchObject({ phase: 'done' });
    expect(hub.ranges[1]).toBe('bytes=100-9999');
  });

  test('of a file that is not what was published end with its hash, and start that file anew', async () => {
    const wrong = ggufFile('', 45_000, 2).content;
    hub.served.set('Model-Q8_0.gguf', wrong);
    const { library, folder } = await start();
    const ended = await run(library);
    expect(ended.error).toMatchObject({
      code: 'hashMismatch',
      message: `Model-Q8_0.gguf is not what was published: its hash is ${sha256(wrong)}, but ${sha256(model.content)} was expected.`,
    });
    await expectNothingOffered(folder);
    hub.served.clear();
    hub.seen.length = 0;
    await library.resume(ended.id);
    await downloadWhen(library, ended.id, ({ phase }) => phase === 'done');
    expect(hub.ranges).toHaveLength(5);
  });

  test('of a web page in place of a model are refused', async () => {
    const page = { path: 'Model-Q8_0.gguf', content: Buffer.from('<html>log in to the network</html>') };
    hub.repositories.set('maker/model-GGUF', { commit, files: [page] });
    const { library, folder } = await start();
    expect((await run(library)).error?.code).toBe('notAModel');
    await expectNothingOffered(folder);
  });

  test('refuse a file name that leads out of the folder', async () => {
    const files = [ggufFile('Model-Q8_0-\\..\\x-00001-of-00001.gguf', 100)];
    hub.repositories.set('maker/model-GGUF', { commit, files });
    const { library } = await start();
    expect((await run(library)).error).toMatchObject({ code: 'notAModel' });
  });

  test('stop with a clear error without a network, and go on when it is back', async () => {
    const { library } = await start();
    let isDown = true;
    const flaky: typeof fetch = (input, init) =>
      isDown
        ? Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND hub') }))
        : fetch(input, init);
    const offline = await start({ fetch: flaky });
    const ended = await run(offline.library);
    expect(ended.error?.code).toBe('hubUnreachable');
    expect(ended.error?.message).toMatch(/cannot be reached: getaddrinfo ENOTFOUND hub/);
    isDown = false;
    await offline.library.resume(ended.id);
    await downloadWhen(offline.library, ended.id, ({ phase }) => phase === 'done');
    expect(library.list()).toHaveLength(1);
  });

  test('can be paused, and go on in the next session from what is there', async () => {
    const { library, folder } = await start({ limits: { ...quickLimits, connections: 1 } });
    hub.fault = seen => isStorage(seen) && seen.range === 'bytes=20000-29999';
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesDone }) => bytesDone === 20_000);
    await library.pause(id);
    expect(library.state.downloads[0]).toMatchObject({ phase: 'paused', bytesDone: 20_000 });
    await library.close();
    hub.fault = undefined;
    hub.seen.length = 0;
    const next = await start({ folder });
    expect(next.library.state.downloads[0]).toMatchObject({
      id,
      phase: 'paused',
      name: 'Model (Q8_0)',
      revision: commit,
      bytesDone: 20_000,
      bytesTotal: 45_000,
    });
    await next.library.resume(id);
    await downloadWhen(next.library, id, ({ phase }) => phase === 'done');
    expect([...hub.ranges].sort()).toEqual(['bytes=20000-29999', 'bytes=30000-39999', 'bytes=40000-44999']);
    expect(readFileSync(next.library.list().at(-1)?.path ?? '')).toEqual(model.content);
  });

  test('that a closed window left behind are taken up by the next one', async () => {
    const { library, folder } = await start();
    hub.fault = seen => isStorage(seen) && seen.range === 'bytes=40000-44999';
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesDone }) => bytesDone === 40_000);
    await library.close();
    hub.fault = undefined;
    const next = await start({ folder });
    await next.library.resume(id);
    expect(await downloadWhen(next.library, id, ({ phase }) => phase === 'done')).toMatchObject({
      phase: 'done',
    });
  });

  test('start over when what is known of a part is damaged', async () => {
    const { library, folder } = await start();
    hub.fault = seen => isStorage(seen) && seen.range === 'bytes=40000-44999';
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesDone }) => bytesDone === 40_000);
    await library.pause(id);
    writeFileSync(join(folder, '.downloads', id, 'Model-Q8_0.gguf.part.ranges.json'), '{"bytes":45');
    hub.fault = undefined;
    hub.seen.length = 0;
    await library.resume(id);
    await downloadWhen(library, id, ({ phase }) => phase === 'done');
    expect(hub.ranges).toHaveLength(5);
  });

  test('start over, and say so, when the commit went away meanwhile and the file is another one', async () => {
    const { library } = await start();
    hub.fault = seen => isStorage(seen) && seen.range === 'bytes=40000-44999';
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesDone }) => bytesDone === 40_000);
    await library.pause(id);
    hub.fault = undefined;
    const changed = ggufFile('Model-Q8_0.gguf', 33_000, 3);
    hub.repositories.set('maker/model-GGUF', { commit: 'b'.repeat(40), files: [changed] });
    await library.resume(id);
    const ended = await downloadWhen(library, id, ({ phase }) => phase === 'done');
    expect(ended).toMatchObject({ bytesTotal: 33_000, bytesDone: 33_000, revision: 'b'.repeat(40) });
    expect(ended.notice).toMatch(/changed on the hub/);
    expect(readFileSync(library.list().at(-1)?.path ?? '')).toEqual(changed.content);
  });

  test('say that a file is shorter than it was listed instead of trying for ever', async () => {
    hub.served.set('Model-Q8_0.gguf', model.content.subarray(0, 30_000));
    const { library } = await start({ limits: { ...quickLimits, connections: 1 } });
    expect((await run(library)).error?.code).toBe('hubNotFound');
  });

  test('say that a file is another one than was listed, by its length or by its hash', async () => {
    hub.served.set('Model-Q8_0.gguf', Buffer.concat([model.content, model.content]));
    const { library } = await start();
    expect((await run(library)).error?.message).toMatch(/^The listed version of .* was not found/);
    hub.served.clear();
    hub.linkedHash = '0'.repeat(64);
    const other = await start();
    expect((await run(other.library)).error?.code).toBe('hubNotFound');
  });

  test('end at once when a server asks to wait for hours', async () => {
    hub.fault = (_seen, response) => {
      fail(response, 429, '', { 'Retry-After': '7200' });
      return true;
    };
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    const { library } = await start({ limits: { ...quickLimits, sleep } });
    expect((await run(library)).error?.code).toBe('hubFailed');
    expect(waits).toEqual([]);
  });

  test('of a split model fetch a part again that was removed after its check', async () => {
    const parts = [1, 2].map(i => ggufFile(`Model-Q8_0-0000${i}-of-00002.gguf`, 15_000, i));
    hub.repositories.set('maker/model-GGUF', { commit, files: parts });
    hub.served.set(parts[1]?.path ?? '', ggufFile('', 15_000, 7).content);
    const { library, folder } = await start();
    const ended = await run(library);
    expect(ended.error?.code).toBe('hashMismatch');
    rmSync(join(folder, '.downloads', ended.id, parts[0]?.path ?? ''));
    hub.served.clear();
    await library.resume(ended.id);
    expect(await downloadWhen(library, ended.id, ({ phase }) => phase === 'done')).toBeDefined();
    expect(library.list().at(-1)?.bytes).toBe(30_000);
  });

  test('of one model in two windows end with one model', async () => {
    hub.fault = seen => isStorage(seen) && seen.range === 'bytes=40000-44999';
    const slow = await start();
    const quick = await start({ folder: slow.folder });
    const id = await slow.library.download(q8);
    await downloadWhen(slow.library, id, ({ bytesDone }) => bytesDone === 40_000);
    hub.fault = undefined;
    expect(await run(quick.library)).toMatchObject({ phase: 'done' });
    await slow.library.pause(id);
    await slow.library.resume(id);
    const ended = await downloadWhen(slow.library, id, ({ phase }) => phase === 'failed');
    expect(ended.error?.message).toMatch(/is already there/);
    await slow.library.cancel(id);
    await slow.library.open();
    expect(slow.library.list()).toHaveLength(2);
    expect(readdirSync(join(slow.folder, '.downloads'))).toEqual([]);
  });

  test('work with a server that knows no ranges when a file is small, and say so when it is not', async () => {
    hub.fault = (seen, response) => {
      if (!isStorage(seen)) return false;
      response.writeHead(200, { 'Content-Length': model.content.length });
      response.end(model.content);
      return true;
    };
    const { library } = await start();
    expect((await run(library)).error?.message).toMatch(/cannot send parts/);
    const whole = await start({ limits: { ...quickLimits, pieceBytes: 100_000 } });
    expect(await run(whole.library)).toMatchObject({ phase: 'done' });
  });

  test('do not begin when the disk has no room for them', async () => {
    const disk: Disk = { ...realDisk, freeBytes: async () => 1000 };
    const { library } = await start({ disk });
    expect((await run(library)).error).toMatchObject({
      code: 'diskFull',
      message: expect.stringMatching(/\d+ MB are needed, 0 MB are free/),
    });
    expect(hub.ranges).toEqual([]);
  });

  test('go on where the disk took the whole length at the start, with no more room than that', async () => {
    let freeBytes = 256e6 + model.content.length;
    const disk: Disk = {
      freeBytes: async () => freeBytes,
      async open(path) {
        const file = await realDisk.open(path);
        return {
          ...file,
          // As file systems without holes in files do.
          async resize(bytes) {
            await file.write(new Uint8Array(bytes), 0);
            freeBytes -= bytes;
          },
        };
      },
    };
    const { library } = await start({ disk });
    hub.fault = (seen, response) => {
      const isLate = isStorage(seen) && hub.ranges.length > 2;
      if (isLate) fail(response, 503);
      return isLate;
    };
    const id = await library.download(q8);
    const broken = await downloadEnded(library, id);
    expect(broken.bytesDone).toBeLessThan(45_000);
    expect(broken.error?.code).toBe('hubFailed');
    hub.fault = undefined;
    await library.resume(id);
    expect(await downloadEnded(library, id)).toMatchObject({ phase: 'done', error: undefined });
  });

  test('stop when the disk fills up, and go on when there is room again', async () => {
    let roomBytes = 25_000;
    const disk: Disk = {
      ...realDisk,
      async open(path) {
        const file = await realDisk.open(path);
        return {
          ...file,
          async write(bytes, position) {
            roomBytes -= bytes.length;
            if (roomBytes < 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
            await file.write(bytes, position);
          },
        };
      },
    };
    const { library, folder } = await start({ disk });
    const ended = await run(library);
    expect(ended.error?.code).toBe('diskFull');
    await expectNothingOffered(folder);
    roomBytes = 1e6;
    await library.resume(ended.id);
    expect(await downloadWhen(library, ended.id, ({ phase }) => phase === 'done')).toBeDefined();
  });

  test('stay behind, paused, when the folder of models changes, and are there again when it changes back', async () => {
    hub.fault = isStorage;
    const places = [join(directory, 'here'), join(directory, 'there')];
    const { library } = await start({ folder: () => places[0] ?? '' });
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesTotal }) => bytesTotal > 0);
    places.reverse();
    await library.open();
    expect(library.state.downloads).toEqual([]);
    hub.fault = undefined;
    expect(await run(library)).toMatchObject({ phase: 'done' });
    places.reverse();
    await library.open();
    expect(library.state.downloads.find(one => one.id === id)?.phase).toBe('paused');
    await library.resume(id);
    await downloadWhen(library, id, ({ phase }) => phase === 'done');
    expect(library.list().at(-1)?.path.startsWith(join(directory, 'here'))).toBe(true);
  });

  test('run one after the other', async () => {
    hub.repositories.set('maker/model-GGUF', { commit, files: [model, ggufFile('Model-Q4_K_M.gguf', 500)] });
    hub.fault = isStorage;
    const { library } = await start();
    const first = await library.download(q8);
    const second = await library.download({ kind: 'catalogue', entryId: 'model', quantization: 'Q4_K_M' });
    await downloadWhen(library, first, ({ phase }) => phase === 'running');
    expect(library.state.downloads.map(({ phase }) => phase)).toEqual(['running', 'queued']);
    hub.fault = undefined;
    await library.pause(first);
    await downloadWhen(library, second, ({ phase }) => phase === 'done');
    expect(library.state.downloads[0]?.phase).toBe('paused');
  });

  test('let the next one run when a claim cannot be given back', async () => {
    hub.repositories.set('maker/model-GGUF', { commit, files: [model, ggufFile('Model-Q4_K_M.gguf', 500)] });
    hub.fault = seen => isStorage(seen) && hub.ranges.length > 2;
    const { library, folder } = await start({ limits: { ...quickLimits, connections: 1 } });
    const first = await library.download(q8);
    const second = await library.download({ kind: 'catalogue', entryId: 'model', quantization: 'Q4_K_M' });
    await downloadWhen(library, first, ({ bytesDone }) => bytesDone === 20_000);
    const owner = join(folder, '.downloads', first, 'owner');
    rmSync(owner);
    mkdirSync(owner);
    hub.fault = undefined;
    await library.pause(first);
    expect(library.state.downloads[0]).toMatchObject({ id: first, phase: 'paused' });
    await downloadWhen(library, second, ({ phase }) => phase === 'done');
  });

  test('are listed once when the list is read twice at the same time', async () => {
    hub.fault = isStorage;
    const places = [join(directory, 'elsewhere'), join(directory, 'read-twice')];
    const { library } = await start({ folder: () => places[1] ?? '' });
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesTotal }) => bytesTotal > 0);
    places.reverse();
    await library.open();
    expect(library.state.downloads).toEqual([]);
    places.reverse();
    await Promise.all([library.open(), library.open()]);
    expect(library.state.downloads.map(one => one.id)).toEqual([id]);
  });

  test('of the same thing are begun once when they are asked for twice at the same time', async () => {
    hub.fault = isStorage;
    const { library, folder } = await start();
    const asked = await Promise.allSettled([library.download(q8), library.download(q8)]);
    expect(asked).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'modelBusy' } },
    ]);
    expect(library.state.downloads).toHaveLength(1);
    expect(readdirSync(join(folder, '.downloads'))).toHaveLength(1);
  });

  test('leave nothing on the disk when they are cancelled', async () => {
    hub.fault = seen => isStorage(seen) && seen.range === 'bytes=40000-44999';
    const { library, folder } = await start();
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesDone }) => bytesDone === 40_000);
    await library.cancel(id);
    expect(library.state.downloads).toEqual([]);
    expect(readdirSync(join(folder, '.downloads'))).toEqual([]);
    await expectNothingOffered(folder);
  });

  test('of another living process are shown, but not touched', async () => {
    const { library, folder } = await start();
    hub.fault = isStorage;
    const id = await library.download(q8);
    await downloadWhen(library, id, ({ bytesTotal }) => bytesTotal > 0);
    await library.pause(id);
    writeFileSync(join(folder, '.downloads', id, 'owner'), String(process.ppid));
    const other = await start({ folder });
    expect(other.library.state.downloads[0]?.notice).toMatch(/another window/);
    await other.library.resume(id);
    const refused = await downloadWhen(other.library, id, ({ phase }) => phase === 'failed');
    expect(refused.error?.code).toBe('modelBusy');
    await expect(other.library.cancel(id)).rejects.toThrow(/another window/);
    expect(readdirSync(join(folder, '.downloads'))).toEqual([id]);
  });

  test('that were broken off without a plan are swept away, once they are old enough', async () => {
    const { library, folder } = await start();
    for (const name of ['old', 'young', 'removed-x'])
      mkdirSync(join(folder, '.downloads', name), { recursive: true });
    utimesSync(join(folder, '.downloads', 'old'), 0, 0);
    await library.open();
    expect(readdirSync(join(folder, '.downloads'))).toEqual(['young']);
  });
});
