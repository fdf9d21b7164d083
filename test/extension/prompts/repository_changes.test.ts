import { expect, test } from 'vitest';
import { promptErrors } from '../../../extension/prompts/errors.ts';
import { changesOf, subjectsOf, type GitRepository } from '../../../extension/prompts/repository_changes.ts';

const uri = (path: string) => ({ path, toString: () => `file://${path}` });
const diff = (path: string, line: string): string =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1,2 @@\n one\n+${line}\n`;

function repository(
  more: Partial<GitRepository> & { staged?: string; unstaged?: string } = {},
): GitRepository {
  return {
    rootUri: uri('/w'),
    inputBox: { value: '' },
    state: { indexChanges: [], workingTreeChanges: [] },
    status: async () => undefined,
    diff: async cached => (cached ? (more.staged ?? '') : (more.unstaged ?? '')),
    log: async () => [],
    ...more,
  };
}
const noFile = async (): Promise<undefined> => undefined;

test('what is staged is told alone, as the repository is after it was looked at again', async () => {
  let state: GitRepository['state'] = {
    indexChanges: [],
    workingTreeChanges: [{ uri: uri('/w/n.md'), status: 7 }],
  };
  const changes = await changesOf(
    {
      ...repository({ staged: diff('a.ts', 'staged'), unstaged: diff('b.ts', 'not') }),
      get state() {
        return state;
      },
      status: async () => void (state = { ...state, indexChanges: [{ uri: uri('/w/a.ts'), status: 0 }] }),
    },
    noFile,
  );
  expect(changes).toMatchObject({ uri: 'file:///w', staged: true, notes: [] });
  expect(changes.text).toContain('+staged');
  expect(changes.text).not.toContain('b.ts');
  expect(changes.text).not.toContain('n.md');
});

test('with nothing staged all changes are told, new files too, without a word of secrets', async () => {
  const read: string[] = [];
  const changes = await changesOf(
    repository({
      unstaged: `\u001b[1m${diff('b.ts', 'changed')}`,
      state: {
        indexChanges: [],
        workingTreeChanges: [
          { uri: uri('/w/b.ts'), status: 5 },
          { uri: uri('/w/docs/new.md'), status: 7 },
        ],
        untrackedChanges: [
          { uri: uri('/w/.env'), status: 7 },
          { uri: uri('/w/gone.md'), status: 7 },
        ],
      },
    }),
    async at => {
      read.push(at);
      if (at.endsWith('gone.md')) throw new Error('gone');
      return 'fresh\n';
    },
  );
  expect(changes.staged).toBe(false);
  expect(changes.text).toContain('+changed');
  expect(changes.text).toContain('docs/new.md (new)\n+fresh');
  expect(changes.text).toContain('gone.md (new');
  expect(changes.text).not.toContain('.env');
  expect(changes.notes).toEqual(['Not shown to the model, since they may hold secrets: .env.']);
  expect(read).toEqual(['file:///w/docs/new.md', 'file:///w/gone.md']);
});

test('no change, and secrets alone, are nothing to commit', async () => {
  await expect(changesOf(repository(), noFile)).rejects.toThrow(promptErrors.nothingToCommit());
  const secrets = repository({ unstaged: diff('.env', 'TOKEN=1') });
  await expect(changesOf(secrets, noFile)).rejects.toThrow(promptErrors.nothingToCommit());
});

test('the subjects are the first lines of the last commits, if there are any', async () => {
  const log = async () => [{ message: 'Add a\n\nWhy' }, { message: '' }, { message: 'Fix b' }];
  expect(await subjectsOf(repository({ log }))).toEqual(['Add a', 'Fix b']);
  const none = async (): Promise<never> => {
    throw new Error('does not have any commits yet');
  };
  expect(await subjectsOf(repository({ log: none }))).toEqual([]);
});
