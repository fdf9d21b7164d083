// The commit message of the Source Control view: a real repository, the editor's own Git support, and a model that says one message.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands, ConfigurationTarget, extensions, Uri, workspace } from 'vscode';
import type { GitRepository } from '../../extension/prompts/repository_changes.ts';
import { hearth, until } from './hearth.ts';

interface GitApi {
  state: string;
  openRepository(root: Uri): Promise<GitRepository | null>;
}
const settings = (section: string) => workspace.getConfiguration(section);

suite('commit message', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-commit-')));
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: root,
    });
  };
  let repository: GitRepository;
  /** The editor echoes what is written into the box, so it is waited for. */
  const boxSays = (text: string): Promise<boolean> =>
    until(`"${text}" in the box`, () => repository.inputBox.value === text || undefined);
  const write = (): Thenable<unknown> =>
    commands.executeCommand('hearth.commitMessage', { rootUri: Uri.file(root) });

  suiteSetup(async () => {
    await hearth().activate();
    await settings('hearth').update(
      'model.path',
      process.env['HEARTH_HOST_COMMIT_MODEL'],
      ConfigurationTarget.Global,
    );
    await settings('git').update('enabled', true, ConfigurationTarget.Global);
    git('init', '--quiet');
    writeFileSync(join(root, 'prices.ts'), 'export const price = 1.5;\n');
    git('add', '.');
    git('commit', '--quiet', '--message', 'Add prices');
    const extension = extensions.getExtension<{ enabled: boolean; getAPI(version: 1): GitApi }>('vscode.git');
    assert.ok(extension);
    const exported = await extension.activate();
    const api = await until('the Git support', () => (exported.enabled ? exported.getAPI(1) : undefined));
    await until('its start', () => (api.state === 'initialized' ? true : undefined));
    repository = await until(
      'the repository',
      async () => (await api.openRepository(Uri.file(root))) ?? undefined,
    );
  });
  suiteTeardown(async () => {
    await settings('hearth').update('model.path', undefined, ConfigurationTarget.Global);
    await settings('git').update('enabled', undefined, ConfigurationTarget.Global);
    rmSync(root, { recursive: true, force: true });
  });

  test('without changes the box stays as it is', async () => {
    repository.inputBox.value = 'mine';
    await write();
    await boxSays('mine');
  });

  test('the message is written into the box, and what was there comes back in one step', async () => {
    writeFileSync(join(root, 'prices.ts'), 'export const cents = 150;\n');
    git('add', '.');
    repository.inputBox.value = 'mine';
    await write();
    await boxSays('Keep prices in cents');
    await commands.executeCommand('hearth.restoreCommitMessage');
    await boxSays('mine');
    await commands.executeCommand('hearth.restoreCommitMessage');
    await boxSays('Keep prices in cents');
  });

  test('a message that is stopped leaves the box as it was, and the next one is written', async () => {
    repository.inputBox.value = 'mine';
    const stopped = write();
    await commands.executeCommand('hearth.stopCommitMessage');
    await stopped;
    await boxSays('mine');
    await write();
    await boxSays('Keep prices in cents');
  });
});
