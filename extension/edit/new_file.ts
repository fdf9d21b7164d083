// A new file from a piece of code, at the path the answer names, inside the workspace. Over a file that is there already the code is
// reviewed as a change of it.
import { lstat, realpath } from 'node:fs/promises';
import {
  languages,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
  type TextEditor,
  type WorkspaceFolder,
} from 'vscode';
import { reasonOf } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { asKnownError, sayError } from '../known_error.ts';
import { t } from '../l10n.ts';
import { checkLinks, folderOfPath, innerPath, type Links } from './confine.ts';
import { currentEditor, documentLines, openToEdit } from './documents.ts';
import { editErrors } from './errors.ts';
import { endingFor } from './languages.ts';
import { linesOf, withoutBlankEnds } from './lines.ts';
import { namedPaths, pathInComment, type Suggestion, withoutPathComment } from './suggestion.ts';

export interface NewFileHost {
  /** Undefined when the user gives up. */
  askPath(proposed: string): Promise<string | undefined>;
  /** Has the user decide how a file that exists is to change. */
  review(editor: TextEditor, lines: readonly string[]): Promise<void>;
}

/**
 * Makes the file, once the user has agreed to its path, and opens it; false when the user gives up. Without an open folder it is a
 * document that has no file yet.
 */
export async function newFile(suggestion: Suggestion, host: NewFileHost): Promise<boolean> {
  const lines = [...withoutBlankEnds(linesOf(withoutPathComment(suggestion.code, []))), ''];
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    await openUntitled(suggestion, lines);
    return true;
  }
  const path = await host.askPath(proposedPath(suggestion));
  if (path === undefined) return false;
  const { folder, inner } = placeOf(path, folders);
  const uri = Uri.joinPath(folder.uri, ...inner.split('/'));
  if (folder.uri.scheme === 'file')
    await checkLinks(folder.uri.fsPath.replaceAll('\\', '/'), inner, diskLinks);

  if (await exists(uri)) {
    const editor = await openToEdit(uri);
    const end = documentLines(editor.document).at(-1) === '' ? lines : lines.slice(0, -1);
    await host.review(editor, end);
    return true;
  }
  const edit = new WorkspaceEdit();
  edit.createFile(uri, { contents: Buffer.from(lines.join(eolFor(uri))) });
  const done = await workspace.applyEdit(edit).then(
    applied => (applied ? undefined : phrase`the editor refused it`),
    (error: unknown) => reasonOf(error),
  );
  if (done !== undefined) throw editErrors.fileNotCreated(inner, done);
  await openToEdit(uri);
  return true;
}

/** Asks for a path with the editor's input box, which says what is wrong with it. */
export async function askPathInBox(proposed: string): Promise<string | undefined> {
  const file = proposed.lastIndexOf('/') + 1;
  const dot = proposed.lastIndexOf('.');
  return window.showInputBox({
    title: t('Hearth: New File'),
    prompt: t('Path of the new file, inside the workspace. Nothing is made before you agree.'),
    value: proposed,
    valueSelection: [file, dot > file ? dot : proposed.length],
    validateInput: path => {
      try {
        innerPath(path);
        return undefined;
      } catch (error) {
        return sayError(asKnownError(error)).message;
      }
    },
  });
}

/** The path behind the fence or in the first line. */
function certainPath({ path, code }: Suggestion): string | undefined {
  const named = path ?? pathInComment(linesOf(code).find(line => line.trim() !== '') ?? '');
  if (named === undefined) return undefined;
  // An absolute path inside an open folder is as good as one relative to it.
  const uri = /^(?:\/|[A-Za-z]:[\\/])/.test(named) ? Uri.file(named) : undefined;
  const folder = uri && workspace.getWorkspaceFolder(uri);
  return uri && folder ? workspace.asRelativePath(uri) : named;
}

function proposedPath(suggestion: Suggestion): string {
  return certainPath(suggestion) ?? namedPaths(suggestion)[0] ?? `new.${endingFor(suggestion.language)}`;
}

/** The folder of the current editor is meant, unless the path names another. */
function placeOf(
  path: string,
  folders: readonly WorkspaceFolder[],
): { folder: WorkspaceFolder; inner: string } {
  const editor = currentEditor();
  const current = (editor && workspace.getWorkspaceFolder(editor.document.uri)?.index) ?? 0;
  const found = folderOfPath(
    path,
    folders.map(({ name }) => name),
    current,
  );
  const folder = folders[found.folder];
  if (!folder) throw editErrors.outsideWorkspace(path);
  return { folder, inner: found.inner };
}

async function openUntitled(suggestion: Suggestion, lines: readonly string[]): Promise<void> {
  const known = await knownLanguage(suggestion.language);
  const document = await workspace.openTextDocument({ content: lines.join('\n'), language: known });
  await window.showTextDocument(document);
}

async function knownLanguage(language: string): Promise<string | undefined> {
  return (await languages.getLanguages()).includes(language) ? language : undefined;
}

const diskLinks: Links = {
  async real(path) {
    try {
      return (await realpath(path)).replaceAll('\\', '/');
    } catch {
      // A link to nothing leads nowhere inside.
      const isLink = await lstat(path).then(
        stat => stat.isSymbolicLink(),
        () => false,
      );
      return isLink ? '' : undefined;
    }
  },
};

async function exists(uri: Uri): Promise<boolean> {
  return workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

function eolFor(uri: Uri): string {
  const eol = workspace.getConfiguration('files', uri).get<string>('eol');
  if (eol === '\r\n' || eol === '\n') return eol;
  return process.platform === 'win32' ? '\r\n' : '\n';
}
