import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { followMovedFolder } from '../../../../extension/chat/history/folder_identity.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

/** A user with a project whose conversations are in the storage that the editor has for its path. */
async function setUp() {
  const root = temporaryDirectory();
  const open = async (name: string): Promise<string> => {
    const history = join(root, 'storage', name, 'conversations');
    await followMovedFolder({
      workspace: join(root, name),
      history,
      notes: join(root, 'notes'),
      warn: message => expect.fail(message),
    });
    return history;
  };
  mkdirSync(join(root, 'project'));
  const history = await open('project');
  mkdirSync(history, { recursive: true });
  writeFileSync(join(history, 'c.jsonl'), 'talk');
  return { root, open, history };
}

test('conversations follow a folder that was renamed', async () => {
  const { root, open, history } = await setUp();
  renameSync(join(root, 'project'), join(root, 'renamed'));
  const now = await open('renamed');
  expect(readFileSync(join(now, 'c.jsonl'), 'utf8')).toBe('talk');
  expect(existsSync(history)).toBe(false);
  renameSync(join(root, 'renamed'), join(root, 'again'));
  expect(existsSync(join(await open('again'), 'c.jsonl'))).toBe(true);
});

test('a new folder takes nothing from one that was deleted, not even with its number', async () => {
  const { root, open } = await setUp();
  rmSync(join(root, 'project'), { recursive: true });
  // File systems give the number of the deleted folder to one of the next.
  for (let i = 0; i < 20; i++) {
    mkdirSync(join(root, `new-${i}`));
    expect(existsSync(await open(`new-${i}`))).toBe(false);
  }
});

test('what was said at the new place stays', async () => {
  const { root, open } = await setUp();
  const there = join(root, 'storage', 'renamed', 'conversations');
  mkdirSync(there, { recursive: true });
  writeFileSync(join(there, 'c.jsonl'), 'newer');
  renameSync(join(root, 'project'), join(root, 'renamed'));
  await open('renamed');
  expect(readFileSync(join(there, 'c.jsonl'), 'utf8')).toBe('newer');
});

test('a copy takes nothing from the first folder', async () => {
  const { root, open, history } = await setUp();
  cpSync(join(root, 'project'), join(root, 'copy'), { recursive: true });
  expect(existsSync(await open('copy'))).toBe(false);
  await open('project');
  expect(existsSync(join(history, 'c.jsonl'))).toBe(true);
});
