import { mkdtempSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseNode, cleanEnvironment, type RuntimeChoice } from '../../../extension/link/node_runtime.ts';
import { silentLog } from '../../fakes/fake_engine.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

const base = temporaryDirectory();
const emptyFolder = (): string => mkdtempSync(join(base, 'case-'));

const choice = (extensionPath: string, more: Partial<RuntimeChoice> = {}): RuntimeChoice => ({
  nodePath: '',
  extensionPath,
  platform: 'linux',
  execPath: '/the/host',
  versions: { node: '24.1.0' },
  log: silentLog,
  ...more,
});

async function program(path: string, version: string, mode = 0o755): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho ${version}\n`);
  await chmod(path, mode);
  return path;
}

describe('choice of Node', () => {
  test('takes the path of the setting', async () => {
    const directory = emptyFolder();
    const nodePath = await program(join(directory, 'mine'), 'v22.1.0');
    expect(await chooseNode(choice(directory, { nodePath }))).toBe(nodePath);
  });

  test.each([
    ['v20.11.1', 'older than 22'],
    ['hello', 'does not answer like Node.js'],
  ])('refuses a setting whose program answers %s', async (version, reason) => {
    const directory = emptyFolder();
    const nodePath = await program(join(directory, 'mine'), version);
    const failure = chooseNode(choice(directory, { nodePath }));
    await expect(failure).rejects.toMatchObject({
      code: 'noRuntime',
      message: expect.stringContaining(reason),
    });
  });

  test('prefers the bundled one and makes it executable', async () => {
    const directory = emptyFolder();
    const bundled = await program(join(directory, 'runtime', 'node'), 'v24.0.0', 0o644);
    expect(await chooseNode(choice(directory))).toBe(bundled);
  });

  test('passes over a bundled one that does not run here', async () => {
    const directory = emptyFolder();
    await program(join(directory, 'runtime', 'node'), 'not for this machine');
    expect(await chooseNode(choice(directory))).toBe('/the/host');
  });

  test('never takes Electron nor an old host, but the one on PATH', async () => {
    const directory = emptyFolder();
    await symlink(process.execPath, join(directory, 'node'));
    const path = process.env.PATH;
    process.env.PATH = directory;
    try {
      expect(await chooseNode(choice(directory, { versions: { node: '24.1.0', electron: '42.0.0' } }))).toBe(
        'node',
      );
      expect(await chooseNode(choice(directory, { versions: { node: '20.19.0' } }))).toBe('node');
    } finally {
      process.env.PATH = path;
    }
  });

  test('names what is missing when there is none', async () => {
    const directory = emptyFolder();
    const path = process.env.PATH;
    process.env.PATH = directory;
    try {
      const failure = chooseNode(choice(directory, { versions: { node: '24.1.0', electron: '42.0.0' } }));
      await expect(failure).rejects.toMatchObject({
        code: 'noRuntime',
        remedy: expect.stringContaining('hearth.engine.nodePath'),
      });
    } finally {
      process.env.PATH = path;
    }
  });

  test('cleans only what would change how the child starts', () => {
    expect(
      cleanEnvironment({
        PATH: '/bin',
        VSCODE_IPC: 'x',
        NODE_OPTIONS: '-r y',
        ELECTRON_RUN_AS_NODE: '1',
        NODE_ENV: 'test',
      }),
    ).toEqual({
      PATH: '/bin',
      NODE_ENV: 'test',
    });
  });
});
