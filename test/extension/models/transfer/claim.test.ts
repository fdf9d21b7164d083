// Claims of a folder: one process at a time, also when several want it at the same moment.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claim, isClaimed } from '../../../../extension/models/transfer/claim.ts';
import type { ClaimedFolders } from '../../../support/claiming_child.ts';
import { bundleChild } from '../../../support/child_bundle.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

/** A process of somebody else that lives as long as the test. */
const otherPid = process.ppid;

async function startChildren(count: number): Promise<ChildProcess[]> {
  const program = await bundleChild('test/support/claiming_child.ts', temporaryDirectory());
  const children = Array.from({ length: count }, () => fork(program));
  onTestFinished(() => children.forEach(child => void child.kill()));
  await Promise.all(children.map(child => once(child, 'message')));
  return children;
}

/** The folders that each child was given. */
async function claimAtOnce(children: readonly ChildProcess[], folders: string[]): Promise<ClaimedFolders[]> {
  const answers = children.map(child => once(child, 'message'));
  for (const child of children) child.send(folders);
  return (await Promise.all(answers)).map(([claimed]) => claimed as ClaimedFolders);
}

function makeFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

describe('a claim', () => {
  test('is given to one of several processes that want it at the same moment, whatever it was before', async () => {
    const parent = temporaryDirectory();
    const children = await startChildren(4);
    const gone = fork(await bundleChild('test/support/claiming_child.ts', parent));
    await once(gone, 'message');
    gone.kill();
    await once(gone, 'exit');
    const folders = Array.from({ length: 40 }, (_, i) => makeFolder(parent, String(i)));
    const rest = Math.ceil(folders.length / 3);
    for (const folder of folders.slice(0, rest)) {
      writeFileSync(join(folder, 'owner'), String(otherPid));
      utimesSync(join(folder, 'owner'), 0, 0);
    }
    for (const folder of folders.slice(rest, 2 * rest))
      writeFileSync(join(folder, 'owner'), String(gone.pid));
    const claimed = await claimAtOnce(children, folders);
    expect(claimed.flat().sort()).toEqual([...folders].sort());
  });

  test('can be had again once it was given back', async () => {
    const folder = temporaryDirectory();
    const children = await startChildren(2);
    const release = await claim(folder);
    expect(await claimAtOnce(children, [folder])).toEqual([[], []]);
    await release?.();
    expect(await isClaimed(folder)).toBe(false);
    expect((await claimAtOnce(children, [folder])).flat()).toEqual([folder]);
    expect(await isClaimed(folder)).toBe(true);
    expect(await claim(folder)).toBeUndefined();
  });

  test('holds while its owner is only just writing it down', async () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'owner'), '');
    expect(await isClaimed(folder)).toBe(true);
    expect(await claim(folder)).toBeUndefined();
    utimesSync(join(folder, 'owner'), 0, 0);
    expect(await claim(folder)).toBeDefined();
  });

  test('is given back without an error when its file cannot be written or has gone', async () => {
    const folder = temporaryDirectory();
    const release = await claim(folder);
    rmSync(join(folder, 'owner'));
    mkdirSync(join(folder, 'owner'));
    await release?.();
    const gone = makeFolder(folder, 'gone');
    const releaseGone = await claim(gone);
    rmSync(gone, { recursive: true });
    await releaseGone?.();
  });

  test('is the one with the highest number, and takes older ones away', async () => {
    const folder = temporaryDirectory();
    for (let i = 0; i < 3; i++) await (await claim(folder))?.();
    expect(readdirSync(folder)).toEqual(['owner.2']);
    writeFileSync(join(folder, 'owner.2'), String(otherPid));
    expect(await claim(folder)).toBeUndefined();
    expect(readFileSync(join(folder, 'owner.2'), 'utf8')).toBe(String(otherPid));
  });
});
