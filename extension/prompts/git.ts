// The editor's own Git support, as far as commit messages need it.
import { extensions, Uri, window, workspace } from 'vscode';
import { limits } from '../../engine/protocol/limits.ts';
import { decodeText } from '../../engine/shared/files/file_checks.ts';
import { t } from '../l10n.ts';
import { promptErrors } from './errors.ts';
import type { GitRepository } from './repository_changes.ts';

/** What the extension `vscode.git` exports, and of its API what is used here. */
interface GitExtension {
  /** False while the user has turned Git off. */
  enabled: boolean;
  getAPI(version: 1): GitApi;
}
interface GitApi {
  readonly state: 'uninitialized' | 'initialized';
  readonly repositories: GitRepository[];
  onDidChangeState(listener: () => void): { dispose(): void };
  getRepository(uri: Uri): GitRepository | null;
}

/**
 * The repository that is meant: that of the given root, else that of the file in the editor, else the only one, else the one that the
 * user picks. Undefined when the user picks none.
 */
export async function findRepository(rootUri?: Uri): Promise<GitRepository | undefined> {
  const git = await gitApi();
  if (rootUri) {
    const named = git.getRepository(rootUri);
    if (named) return named;
  }
  const file = window.activeTextEditor?.document.uri;
  const ofFile = file && git.getRepository(file);
  if (ofFile) return ofFile;
  const [first, ...more] = git.repositories;
  if (!first) throw promptErrors.noRepository();
  if (more.length === 0) return first;
  const items = git.repositories.map(repository => ({
    label: workspace.asRelativePath(Uri.parse(repository.rootUri.toString()), true),
    repository,
  }));
  const picked = await window.showQuickPick(items, { title: t('Hearth: which repository is meant?') });
  return picked?.repository;
}

/** The text of a file that Git does not know yet; undefined when it is no text or too large. */
export async function readNewFile(uri: string): Promise<string | undefined> {
  const at = Uri.parse(uri, true);
  const { size } = await workspace.fs.stat(at);
  return size > limits.fileBytesMax ? undefined : decodeText(await workspace.fs.readFile(at));
}

async function gitApi(): Promise<GitApi> {
  const extension = extensions.getExtension<GitExtension>('vscode.git');
  if (!extension) throw promptErrors.noGit();
  const git = extension.isActive ? extension.exports : await extension.activate();
  if (!git.enabled) throw promptErrors.noGit();
  const api = git.getAPI(1);
  await untilInitialized(api);
  return api;
}

/** Git looks for repositories in its own time; a few seconds of it are waited for. */
function untilInitialized(api: GitApi): Promise<void> {
  const waitMs = 5_000;
  if (api.state === 'initialized') return Promise.resolve();
  return new Promise(resolve => {
    const done = (): void => {
      listener.dispose();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    const listener = api.onDidChangeState(() => {
      if (api.state === 'initialized') done();
    });
  });
}
