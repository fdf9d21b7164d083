// The workspace between a supervisor and an engine: what a restart, another model and another folder make of it.
import { expect, test } from 'vitest';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { limits } from '../../../engine/protocol/limits.ts';
import { walkByName, walkRoots } from '../../../engine/shared/files/walk.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import { WorkspaceIngest } from '../../../extension/workspace/ingest.ts';
import { FakeEngine, settle, silentLog } from '../../fakes/fake_engine.ts';
import { InMemoryFolder, rootOf } from '../../fakes/in_memory_workspace.ts';

const caps = {
  totalBytesMax: limits.workspaceBytesMax,
  filesMax: limits.workspaceFilesMax,
};

function setUp() {
  const engines: FakeEngine[] = [];
  const world = { path: '/a.gguf', name: 'project' as string | undefined };
  const engine = new EngineSupervisor({
    launch: async () => {
      const started = new FakeEngine();
      engines.push(started);
      return started.running();
    },
    model: () => ({ path: world.path, contextTokensMax: 0 }),
    clientVersion: '0',
    log: silentLog,
  });
  const root = rootOf(new InMemoryFolder({ 'a.ts': 'a', 'b.ts': 'b' }));
  const source = {
    name: () => world.name,
    uri: () => (world.name === undefined ? undefined : `file:///${world.name}`),
    readAll: (isCancelled: () => boolean) => walkRoots([root], caps, isCancelled),
    readSome: (isCancelled: () => boolean) => walkByName(root, isCancelled),
    async *readChanged() {},
    recentPaths: () => [],
    decided: () => 'nothing',
    unsavedPaths: () => [],
  };
  const workspace = new WorkspaceIngest({
    engine,
    source,
    blockTokensMax: () => undefined,
    readsAhead: async () => true,
    log: silentLog,
  });
  engine.onDidChangeState(state => state.kind === 'ready' && workspace.update());
  const filesSent = () => engines.map(({ ingested }) => ingested.map(({ files }) => files.length));
  return {
    engine,
    engines,
    world,
    workspace,
    filesSent,
    ensure: () => workspace.ensure(CancellationToken.None),
  };
}

test('all files go to a new process, none to another model in the same one', async () => {
  const { engine, world, filesSent, ensure } = setUp();
  await ensure();
  expect(filesSent()).toEqual([[2]]);
  world.path = '/b.gguf';
  await engine.modelChanged();
  await ensure();
  expect(filesSent()).toEqual([[2, 0]]);
  await engine.restart();
  await ensure();
  expect(filesSent()).toEqual([[2, 0], [2]]);
});

test('the engine forgets a workspace whose folder was closed, and gets all files when it comes again', async () => {
  const { engines, world, workspace, filesSent, ensure } = setUp();
  await ensure();
  world.name = undefined;
  workspace.refresh();
  await settle();
  expect(engines[0]?.forgotten).toEqual(['file:///project']);
  world.name = 'project';
  await ensure();
  expect(filesSent()).toEqual([[2, 2]]);
});
