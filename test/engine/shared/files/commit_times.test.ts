// When files were changed last, as a repository's history says it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commitTimes } from '../../../../engine/shared/files/commit_times.ts';
import { temporaryDirectory } from '../../../support/temporary_directory.ts';

function repository(): { folder: string; commit: (second: number) => void } {
  const folder = temporaryDirectory();
  const git = (args: string[], env: Record<string, string> = {}): unknown =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@b', ...args], {
      env: { ...process.env, ...env },
    });
  git(['init', '-q']);
  return {
    folder,
    commit: second => {
      git(['add', '-A']);
      const date = `@${second} +0000`;
      git(['commit', '-qm', 'x'], { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date });
    },
  };
}

test('each file has the time of its last commit; what is changed or new has none', async () => {
  const { folder, commit } = repository();
  mkdirSync(join(folder, 'sub'));
  for (const name of ['old.ts', 'twice.ts', 'sub/ü "x".ts', 'moved.ts', 'dirty.ts'])
    writeFileSync(join(folder, name), `${name}\n`);
  commit(1_000);
  writeFileSync(join(folder, 'twice.ts'), '2\n');
  renameSync(join(folder, 'moved.ts'), join(folder, 'there.ts'));
  commit(2_000);
  writeFileSync(join(folder, 'dirty.ts'), 'more\n');
  writeFileSync(join(folder, 'new.ts'), 'new\n');
  const times = await commitTimes(folder);
  expect(times?.of('old.ts')).toBe(1_000_000);
  expect(times?.of('sub/ü "x".ts')).toBe(1_000_000);
  expect(times?.of('twice.ts')).toBe(2_000_000);
  expect(times?.of('there.ts')).toBe(2_000_000);
  for (const path of ['dirty.ts', 'new.ts', 'moved.ts', 'nowhere.ts'])
    expect(times?.of(path)).toBeUndefined();
  // From a folder inside, paths are relative to it.
  const inside = await commitTimes(join(folder, 'sub'));
  expect(inside?.of('ü "x".ts')).toBe(1_000_000);
});

test('without a repository or a commit nothing is known', async () => {
  expect(await commitTimes(temporaryDirectory())).toBeUndefined();
  expect(await commitTimes(repository().folder)).toBeUndefined();
  expect(await commitTimes('/nowhere/at/all')).toBeUndefined();
});
