// The changes of a repository that a commit message is about: what is staged, or else everything. Knows the repository by its API only.
import { stripVTControlCharacters } from 'node:util';
import { isSecretPath } from '../../engine/shared/files/secret_files.ts';
import { formatNumber, t } from '../l10n.ts';
import { changeText, type NewFile } from './change_text.ts';
import { promptErrors } from './errors.ts';
import type { Changes } from './facts.ts';

interface GitUri {
  toString(): string;
  readonly path: string;
}
interface GitChange {
  readonly uri: GitUri;
  /** 7: a file that Git does not know. */
  readonly status: number;
}
/** A repository of the editor's Git API, as far as it is used here. */
export interface GitRepository {
  readonly rootUri: GitUri;
  readonly inputBox: { value: string };
  readonly state: {
    readonly indexChanges: readonly GitChange[];
    readonly workingTreeChanges: readonly GitChange[];
    /** Apart from the others only where the user wants it so. */
    readonly untrackedChanges?: readonly GitChange[];
  };
  status(): Promise<void>;
  diff(cached?: boolean): Promise<string>;
  log(options: { maxEntries: number }): Promise<readonly { message: string }[]>;
}

const untracked = 7;
/** New files that are read; more are only named. */
const newFilesRead = 50;
const subjectsMax = 8;

/** The changes as a text of bounded size. Throws when there is nothing to tell. */
export async function changesOf(
  repository: GitRepository,
  readFile: (uri: string) => Promise<string | undefined>,
): Promise<Changes> {
  await repository.status();
  const { state } = repository;
  const staged = state.indexChanges.length > 0;
  const diff = stripVTControlCharacters(await repository.diff(staged));
  const unknown = [...state.workingTreeChanges, ...(state.untrackedChanges ?? [])].filter(
    ({ status }) => status === untracked,
  );
  const newFiles = staged ? [] : await readNewFiles(repository, unknown, readFile);
  const { text, cut, secret } = changeText(diff, newFiles);
  if (text === '') throw promptErrors.nothingToCommit();
  const notes = [
    ...(cut.length > 0 ? [t('Too long to be shown to the model whole: {0}.', listOf(cut))] : []),
    ...(secret.length > 0
      ? [t('Not shown to the model, since they may hold secrets: {0}.', listOf(secret))]
      : []),
  ];
  return { uri: repository.rootUri.toString(), staged, text, notes };
}

/** The subjects of the last commits, newest first; none in a repository without commits. */
export async function subjectsOf(repository: GitRepository): Promise<string[]> {
  try {
    const commits = await repository.log({ maxEntries: subjectsMax });
    return commits.flatMap(({ message }) => message.split('\n', 1).filter(subject => subject !== ''));
  } catch {
    // A repository without commits has no log; the subjects are only an example of style.
    return [];
  }
}

async function readNewFiles(
  { rootUri }: GitRepository,
  changes: readonly GitChange[],
  readFile: (uri: string) => Promise<string | undefined>,
): Promise<NewFile[]> {
  const root = rootUri.path.endsWith('/') ? rootUri.path : `${rootUri.path}/`;
  const files: NewFile[] = [];
  for (const [index, { uri }] of changes.entries()) {
    const path = uri.path.startsWith(root) ? uri.path.slice(root.length) : uri.path;
    const wanted = index < newFilesRead && !isSecretPath(path);
    // A file that went away meanwhile, or a repository inside this one, is named without its text.
    const text = wanted ? await readFile(uri.toString()).catch(() => undefined) : undefined;
    files.push({ path, text });
  }
  return files;
}

function listOf(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? t('{0} and {1} more', shown, formatNumber(paths.length - 5)) : shown;
}
