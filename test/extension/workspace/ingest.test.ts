import { describe, expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource, Emitter } from 'vscode-jsonrpc/node';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { linkErrors } from '../../../extension/link/errors.ts';
import { limits } from '../../../engine/protocol/limits.ts';
import type { IngestParams, WorkspaceStatus } from '../../../engine/protocol/workspace.ts';
import { WorkspaceIngest, type WorkspaceSource } from '../../../extension/workspace/ingest.ts';
import { walkByName, walkChanged, walkRoots } from '../../../engine/shared/files/walk.ts';
import type { WorkspaceView } from '../../../webview/protocol.ts';
import { settle, silentLog } from '../../fakes/fake_engine.ts';
import { InMemoryFolder, rootOf, type Content } from '../../fakes/in_memory_workspace.ts';

const caps = {
  totalBytesMax: limits.workspaceBytesMax,
  filesMax: limits.workspaceFilesMax,
};

function setUp(files: Record<string, Content>, name = 'project') {
  const folder = new InMemoryFolder(files);
  const root = rootOf(folder);
  const sent: IngestParams[] = [];
  const forgotten: string[] = [];
  const world = {
    process: 1,
    generation: 1,
    stopped: false,
    waits: 0,
    name: name as string | undefined,
    fail: false,
    failForget: false,
    blockTokensMax: undefined as number | undefined,
    recent: [] as string[],
    unsaved: [] as string[],
    readsAhead: true,
    laidOut: new Emitter<WorkspaceStatus>(),
    onIngest: async (): Promise<void> => undefined,
  };
  const source: WorkspaceSource = {
    name: () => world.name,
    uri: () => (world.name === undefined ? undefined : `file:///${world.name}`),
    readAll: isCancelled => walkRoots([root], caps, isCancelled),
    readSome: isCancelled => walkByName(root, isCancelled),
    async *readChanged(paths, isCancelled) {
      for (const path of paths) yield* walkChanged(root, path, isCancelled);
    },
    recentPaths: () => world.recent,
    decided: () => 'nothing',
    unsavedPaths: () => world.unsaved,
  };
  const ingest = new WorkspaceIngest({
    source,
    blockTokensMax: () => world.blockTokensMax,
    readsAhead: async () => world.readsAhead,
    log: silentLog,
    engine: {
      get state() {
        return { kind: world.stopped ? 'stopped' : 'ready' } as const;
      },
      whenReady: async () => ({
        process: (world.waits += 1) && world.process,
        generation: world.generation,
        client: {
          onWorkspaceStatus: world.laidOut.event,
          forgetWorkspace: async name => {
            if (world.failForget) throw errors.internal('busy');
            forgotten.push(name);
          },
          ingest: async params => {
            await world.onIngest();
            if (world.fail) throw linkErrors.engineExited('killed');
            sent.push(structuredClone(params));
            const leftOut = Array.from({ length: 300 }, (_, index) => ({
              path: `${index}`,
              reason: phrase`no room`,
            }));
            return {
              workspace: params.workspace,
              fileCount: 5,
              included: [{ path: 'a.ts', tokens: 3 }],
              leftOut,
              blockTokens: 9,
              budgetTokens: 90,
            };
          },
        },
      }),
    },
  });
  const views: WorkspaceView[] = [];
  ingest.onDidChangeView(view => views.push(view));
  const ensure = () => ingest.ensure(CancellationToken.None);
  const paths = () => sent.map(params => params.files.map(file => file.path));
  return { ingest, folder, sent, forgotten, world, views, ensure, paths };
}

/** More than fits into two batches. */
const manyFiles = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`${index}.txt`, `${'x'.repeat(99)}\n`.repeat(2_000)]),
);

describe('while no engine runs', () => {
  const files = {
    'src/stock.ts': 'export class Stock {}\n',
    'src/order.ts': 'export function orderTotal() {}\n',
  };

  test('a workspace that will be asked about starts none, and a first question about it is found', async () => {
    const { ingest, sent, world, views } = setUp(files);
    world.stopped = true;
    ingest.prepare();
    await settle();
    expect([world.waits, sent.length]).toEqual([0, 0]);
    expect(views).toEqual([
      expect.objectContaining({ state: 'none', sampleQuestion: 'Where is Stock defined?' }),
    ]);
    ingest.prepare();
    ingest.change({ changed: ['src/stock.ts'], removed: [] });
    await settle();
    expect([world.waits, views.length]).toEqual([0, 1]);
  });

  test('it is read ahead as soon as an engine is ready', async () => {
    const { ingest, sent, world } = setUp(files);
    world.stopped = true;
    ingest.prepare();
    await settle();
    world.stopped = false;
    ingest.update();
    await settle();
    expect(sent).toHaveLength(1);
  });

  test('changes wait for the next engine, which gets every file', async () => {
    const { ingest, ensure, folder, sent, world } = setUp(files);
    await ensure();
    world.stopped = true;
    ingest.update();
    folder.files.set('src/new.ts', 'export const made = 1;\n');
    ingest.change({ changed: ['src/new.ts'], removed: [] });
    await settle();
    expect(sent).toHaveLength(1);
    expect(ingest.view.state).toBe('ready');
    expect([1, 2].map(process => ingest.knownTo(process))).toEqual([expect.any(String), undefined]);
    Object.assign(world, { stopped: false, process: 2 });
    ingest.update();
    await settle();
    expect(sent.at(-1)?.files.map(({ path }) => path)).toContain('src/new.ts');
    expect(sent.at(-1)?.files).toHaveLength(3);
  });

  test('a read that ended with the engine is no failure', async () => {
    const { ingest, ensure, world } = setUp(files);
    world.onIngest = async () => {
      world.stopped = true;
      world.fail = true;
    };
    await expect(ensure()).rejects.toMatchObject({ code: 'engineExited' });
    expect(ingest.view).toMatchObject({ name: 'project', state: 'none' });
  });

  test('a read that failed before the engine was known to have stopped is none either', async () => {
    const { ingest, ensure, world } = setUp(files);
    world.fail = true;
    await expect(ensure()).rejects.toMatchObject({ code: 'engineExited' });
    expect(ingest.view.state).toBe('failed');
    world.stopped = true;
    ingest.update();
    expect(ingest.view.state).toBe('none');
  });

  test('without a folder nothing is prepared', async () => {
    const { ingest, world, views } = setUp(files);
    Object.assign(world, { stopped: true, name: undefined });
    ingest.prepare();
    await settle();
    expect(views).toEqual([]);
  });
});

describe('workspace ingest', () => {
  test('reads nothing before somebody wants it', async () => {
    const { ingest, sent } = setUp({ 'a.ts': '' });
    ingest.change({ changed: ['a.ts'], removed: [] });
    ingest.update();
    ingest.refresh();
    await settle();
    expect(sent).toEqual([]);
  });

  test('sends all files once, with what was skipped, and shows what the engine made of it', async () => {
    const { ensure, sent, views, ingest } = setUp({ 'a.ts': 'a', 'b.png': '' });
    expect(await Promise.all([ensure(), ensure()])).toEqual(['file:///project', 'file:///project']);
    expect(await ensure()).toBe('file:///project');
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      workspace: 'file:///project',
      name: 'project',
      reset: true,
      final: true,
      skipped: [{ path: 'b.png', reason: phrase`not text` }],
      removedPaths: [],
    });
    expect(views.map(view => view.state)).toEqual(['reading', 'ready']);
    expect(views.at(-1)).toMatchObject({ fileCount: 5, blockTokens: 9, budgetTokens: 90, leftOutMore: 100 });
    expect(views.at(-1)?.filesSeen).toBe('301 files: 1 seen whole, 300 in part or not at all');
    expect(views.at(-1)?.leftOut).toHaveLength(200);
    expect(ingest.status?.leftOut).toHaveLength(300);
  });

  test('shows what the engine makes of the files by itself later, of this workspace and once it is read', async () => {
    const { ensure, ingest, world, views, sent } = setUp({ 'a.ts': 'a' });
    const status = (workspace: string): WorkspaceStatus => ({
      workspace,
      fileCount: 5,
      included: [],
      leftOut: [],
      mapTokens: 7,
      blockTokens: 20,
      budgetTokens: 90,
    });
    world.onIngest = async () => world.laidOut.fire(status('file:///project'));
    await ensure();
    expect(views.map(({ blockTokens }) => blockTokens)).toEqual([0, 9]);
    world.laidOut.fire(status('file:///other'));
    expect(ingest.status?.blockTokens).toBe(9);
    world.laidOut.fire(status('file:///project'));
    expect(ingest.status).toEqual(status('file:///project'));
    expect(views.at(-1)).toMatchObject({ name: 'project', state: 'ready', blockTokens: 20 });
    // Another process has other news, and nobody hears those of the one before.
    const before = world.laidOut;
    world.laidOut = new Emitter();
    world.process = 2;
    world.onIngest = async () => undefined;
    await ensure();
    expect(sent).toHaveLength(2);
    before.fire(status('file:///project'));
    expect(ingest.status?.blockTokens).toBe(9);
  });

  test('cuts a large workspace into batches, the first of which resets and the last of which is final', async () => {
    const { ensure, sent } = setUp(manyFiles);
    await ensure();
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.map(params => params.reset)).toEqual(sent.map((_, index) => index === 0));
    expect(sent.map(params => params.final)).toEqual(sent.map((_, index) => index === sent.length - 1));
  });

  test('has nothing to do without a folder', async () => {
    const { ensure, world, sent } = setUp({});
    world.name = undefined;
    expect(await ensure()).toBeUndefined();
    expect(sent).toEqual([]);
  });

  test('sends only what changed afterwards', async () => {
    const { ensure, folder, ingest, sent, paths } = setUp({ 'a.ts': '1', 'b/c.ts': '2', 'b/d.ts': '3' });
    await ensure();
    folder.files.set('a.ts', 'new');
    folder.files.delete('b/c.ts');
    folder.files.delete('b/d.ts');
    ingest.change({ changed: ['a.ts'], removed: ['b'] });
    await ensure();
    expect(paths()[1]).toEqual(['a.ts']);
    expect(sent[1]).toMatchObject({ reset: false, final: true, removedPaths: ['b/c.ts', 'b/d.ts'] });
    expect(sent).toHaveLength(2);
  });

  test('offers a question about a file that the model sees whole, as the file is now', async () => {
    const { ensure, folder, ingest } = setUp({
      'a.ts': 'export function parse() {}',
      'b.ts': 'export class Unseen {}',
    });
    expect(ingest.view.sampleQuestion).toBeUndefined();
    await ensure();
    expect(ingest.view.sampleQuestion).toBe('Where is parse defined?');
    folder.files.set('a.ts', 'export function parseAll() {}');
    ingest.change({ changed: ['a.ts'], removed: [] });
    await ensure();
    expect(ingest.view.sampleQuestion).toBe('Where is parseAll defined?');
    folder.files.delete('a.ts');
    ingest.change({ changed: [], removed: ['a.ts'] });
    await ensure();
    expect(ingest.view.sampleQuestion).toBeUndefined();
  });

  test('takes a changed file back when it is no longer text or is gone', async () => {
    const { ensure, folder, ingest, sent } = setUp({ 'a.ts': '1', 'b.ts': '2' });
    await ensure();
    folder.files.set('a.ts', new Uint8Array([0]));
    folder.files.delete('b.ts');
    ingest.change({ changed: ['a.ts', 'b.ts'], removed: [] });
    await ensure();
    expect(sent[1]).toMatchObject({ files: [], removedPaths: ['b.ts'], skipped: [{ path: 'a.ts' }] });
  });

  test('takes back what was skipped when it is gone too', async () => {
    const { ensure, folder, ingest, sent } = setUp({ 'a.ts': '1', 'img/x.png': '', '.env': '' });
    await ensure();
    folder.files.delete('img/x.png');
    folder.files.delete('.env');
    ingest.change({ changed: [], removed: ['img', '.env'] });
    await ensure();
    expect(sent[1]).toMatchObject({ removedPaths: ['img/x.png', '.env'], skipped: [] });
  });

  test('says nothing when what changed is ignored, or is as it was', async () => {
    const { ensure, folder, ingest, sent, views } = setUp({
      '.gitignore': 'out/\n*.log\n',
      'a.ts': '1',
      'b/c.ts': '2',
      'logo.png': '',
    });
    await ensure();
    const shown = views.length;
    folder.files.set('out/a.js', 'x');
    folder.files.set('b/debug.log', 'x');
    folder.files.set('logo.png', 'y');
    ingest.change({
      changed: ['out/a.js', 'out', 'b/debug.log', 'a.ts', 'b', 'logo.png'],
      removed: ['gone'],
    });
    await ensure();
    await settle();
    expect(sent).toHaveLength(1);
    expect(views).toHaveLength(shown);
    folder.files.set('a.ts', '3');
    ingest.change({ changed: ['a.ts', 'b/c.ts'], removed: ['out'] });
    await ensure();
    expect(sent[1]).toMatchObject({ files: [{ path: 'a.ts' }], removedPaths: [], skipped: [], final: true });
  });

  test('tells of a file that was skipped, of one that is skipped now, and of a file in place of a folder', async () => {
    const { ensure, folder, ingest, sent } = setUp({
      'a.ts': new Uint8Array([0]),
      'b.ts': '1',
      'c/d.ts': '2',
    });
    await ensure();
    folder.files.set('a.ts', '1');
    folder.files.set('b.ts', new Uint8Array([0]));
    folder.files.delete('c/d.ts');
    folder.files.set('c', '3');
    ingest.change({ changed: ['a.ts', 'b.ts', 'c'], removed: [] });
    await ensure();
    expect(sent[1]).toMatchObject({
      files: [{ path: 'a.ts' }, { path: 'c' }],
      skipped: [{ path: 'b.ts' }],
      removedPaths: ['c/d.ts'],
    });
    folder.files.set('b.ts', '1');
    ingest.change({ changed: ['a.ts', 'b.ts', 'c'], removed: [] });
    await ensure();
    expect(sent[2]).toMatchObject({ files: [{ path: 'b.ts' }], skipped: [], removedPaths: [] });
    expect(sent).toHaveLength(3);
  });

  test('takes back what is gone after the last batch of what changed', async () => {
    const { ensure, folder, ingest, sent } = setUp({ 'a.ts': '1' });
    await ensure();
    folder.files.delete('a.ts');
    for (const [path, content] of Object.entries(manyFiles)) folder.files.set(`b/${path}`, content);
    ingest.change({ changed: ['b', 'a.ts'], removed: [] });
    await ensure();
    const changes = sent.slice(1);
    expect(changes.length).toBeGreaterThan(2);
    expect(changes.map(params => params.final)).toEqual(
      changes.map((_, index) => index === changes.length - 1),
    );
    expect(changes.flatMap(params => params.removedPaths)).toEqual(['a.ts']);
    expect(changes.flatMap(params => params.files)).toHaveLength(12);
  });

  test('has another bound of the block applied without reading a file, and an old one not again', async () => {
    const { ensure, ingest, world, sent } = setUp({ 'a.ts': '1' });
    world.blockTokensMax = 500;
    await ensure();
    expect(sent[0]?.blockTokensMax).toBe(500);
    world.blockTokensMax = 900;
    ingest.update();
    await settle();
    ingest.update();
    await settle();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({
      reset: false,
      final: true,
      files: [],
      removedPaths: [],
      blockTokensMax: 900,
    });
    world.blockTokensMax = undefined;
    await ensure();
    expect(sent).toHaveLength(3);
    expect(sent[2]?.blockTokensMax).toBeUndefined();
  });

  test('tells a new engine process everything again', async () => {
    const { ensure, ingest, world, sent } = setUp({ 'a.ts': '' });
    await ensure();
    world.process = world.generation = 2;
    ingest.update();
    await settle();
    expect(sent.map(params => params.reset)).toEqual([true, true]);
    expect(sent.map(params => params.files.length)).toEqual([1, 1]);
  });

  test('sends a new model no file again, and shows what it makes of those that the engine has kept', async () => {
    const { ensure, ingest, folder, world, sent, views } = setUp({ 'a.ts': '' });
    await ensure();
    world.generation = 2;
    const shown = views.length;
    ingest.update();
    await settle();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ reset: false, final: true, files: [], removedPaths: [], skipped: [] });
    expect(views.slice(shown).map(({ state }) => state)).toEqual(['ready']);
    folder.files.set('b.ts', '');
    world.generation = 3;
    ingest.change({ changed: ['b.ts'], removed: [] });
    await ensure();
    expect(sent.slice(2).map(params => params.files.map(({ path }) => path))).toEqual([['b.ts'], []]);
    await ensure();
    expect(sent).toHaveLength(4);
  });

  test('has the engine forget a workspace whose folder was closed, once', async () => {
    const { ensure, ingest, world, sent, forgotten } = setUp({ 'a.ts': '' });
    await ensure();
    world.name = undefined;
    ingest.refresh();
    await settle();
    expect(forgotten).toEqual(['file:///project']);
    expect(ingest.status).toBeUndefined();
    ingest.refresh();
    await settle();
    expect(forgotten).toHaveLength(1);
    world.name = 'project';
    await ensure();
    expect(sent.map(params => params.reset)).toEqual([true, true]);
  });

  test('has the engine forget the old workspace when another one is opened, but no process that never knew it', async () => {
    const { ensure, ingest, world, sent, forgotten } = setUp({ 'a.ts': '' });
    await ensure();
    world.name = 'other';
    ingest.refresh();
    await settle();
    expect(forgotten).toEqual(['file:///project']);
    expect(sent.map(params => params.workspace)).toEqual(['file:///project', 'file:///other']);
    world.name = 'third';
    world.process = 2;
    ingest.refresh();
    await settle();
    expect(forgotten).toEqual(['file:///project']);
    expect(sent.at(-1)).toMatchObject({ workspace: 'file:///third', reset: true });
  });

  test('has the engine forget it the next time when the first request was lost', async () => {
    const { ensure, ingest, world, forgotten } = setUp({ 'a.ts': '' });
    await ensure();
    world.name = 'other';
    world.failForget = true;
    ingest.refresh();
    await settle();
    expect(ingest.view.state).toBe('failed');
    world.failForget = false;
    await ensure();
    expect(forgotten).toEqual(['file:///project']);
  });

  test('shows no failure without a folder, even when the engine could not be told', async () => {
    const { ensure, ingest, world } = setUp({ 'a.ts': '' });
    await ensure();
    world.name = undefined;
    world.failForget = true;
    ingest.refresh();
    await settle();
    expect(ingest.view).toMatchObject({ state: 'none', name: undefined });
  });

  test('begins again at once when told to read anew in the middle', async () => {
    const { ensure, ingest, world, sent } = setUp(manyFiles);
    let once = true;
    world.onIngest = async () => {
      if (once) ingest.refresh();
      once = false;
    };
    await ensure();
    expect(sent.slice(0, 3).map(params => params.reset)).toEqual([true, true, false]);
    expect(sent.at(-1)?.final).toBe(true);
  });

  test('reads all again when a change could not be sent', async () => {
    const { ensure, folder, ingest, world, sent } = setUp({ 'a.ts': '1' });
    await ensure();
    world.fail = true;
    folder.files.set('a.ts', '2');
    ingest.change({ changed: ['a.ts'], removed: [] });
    await settle();
    world.fail = false;
    await ensure();
    expect(sent.map(params => params.reset)).toEqual([true, true]);
  });

  test('takes over changes that happen while it reads', async () => {
    const { ensure, ingest, folder, world, paths } = setUp({ 'a.ts': '1' });
    let once = true;
    world.onIngest = async () => {
      if (!once) return;
      once = false;
      folder.files.set('late.ts', '');
      ingest.change({ changed: ['late.ts'], removed: [] });
    };
    await ensure();
    expect(paths()).toEqual([['a.ts'], ['late.ts']]);
  });

  test('passes a failure on, shows it, and reads all the next time', async () => {
    const { ensure, world, views, sent } = setUp({ 'a.ts': '' });
    world.fail = true;
    await expect(ensure()).rejects.toMatchObject({ code: 'engineExited' });
    expect(views.at(-1)?.state).toBe('failed');
    world.fail = false;
    await ensure();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.reset).toBe(true);
  });

  test('lets a caller go that cancels, and goes on for the others', async () => {
    const { ingest, world, sent } = setUp({ 'a.ts': '' });
    let release: () => void = () => undefined;
    world.onIngest = () => new Promise(resolve => (release = resolve));
    const source = new CancellationTokenSource();
    const impatient = ingest.ensure(source.token);
    await settle();
    source.cancel();
    expect(await impatient).toBeUndefined();
    release();
    await settle();
    expect(sent).toHaveLength(1);
  });
});

test('what is typed but not saved is looked at with each question, and once more when it is saved or given up', async () => {
  const { ingest, folder, world, sent } = setUp({ 'a.ts': 'a', 'b.ts': 'b' });
  world.recent = ['b.ts'];
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)).toMatchObject({ final: true, recentPaths: ['b.ts'] });
  const before = sent.length;
  world.unsaved = ['b.ts'];
  await ingest.ensure(CancellationToken.None);
  expect(sent.length).toBe(before);
  folder.files.set('b.ts', 'typed');
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)?.files.map(({ path, text }) => [path, text])).toEqual([['b.ts', 'typed']]);
  // Given up: the disk has the text of before.
  folder.files.set('b.ts', 'b');
  world.unsaved = [];
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)?.files.map(({ text }) => text)).toEqual(['b']);
  const reads = folder.reads.length;
  await ingest.ensure(CancellationToken.None);
  expect(folder.reads.length).toBe(reads);
});

test('a choice of the user has the block packed anew, with or without a change of the file', async () => {
  const { ingest, world, sent } = setUp({ 'a.ts': 'a', 'b.ts': 'b' });
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)?.packAnew).toBeUndefined();
  world.recent = ['b.ts'];
  ingest.choose('b.ts');
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)).toMatchObject({ files: [], final: true, packAnew: true, recentPaths: ['b.ts'] });
  const count = sent.length;
  await ingest.ensure(CancellationToken.None);
  expect(sent.length).toBe(count);
});

test('nothing is read ahead when that is not wanted', async () => {
  const { ingest, world, sent } = setUp({ 'a.ts': 'a' });
  world.readsAhead = false;
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)).toMatchObject({ final: true, readLater: true });
  world.readsAhead = true;
  ingest.choose('a.ts');
  await ingest.ensure(CancellationToken.None);
  expect(sent.at(-1)?.readLater).toBeUndefined();
});
