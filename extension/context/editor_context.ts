// The editor as a source of what comes with a question. Reads what is in the open folders or in an editor, and nothing else.
import { realpath } from 'node:fs/promises';
import {
  commands,
  FileType,
  languages,
  SymbolKind,
  TabInputText,
  Uri,
  window,
  workspace,
  type DocumentSymbol,
  type SymbolInformation,
  type TextDocument,
} from 'vscode';
import { limits } from '../../engine/protocol/limits.ts';
import { isBinaryName } from '../../engine/shared/files/file_checks.ts';
import { textOf } from '../../engine/shared/files/file_text.ts';
import type { PlaceView } from '../../webview/protocol.ts';
import { activeFile, problemOf, type PathOf } from '../prompts/editor_files.ts';
import { findRepository, readNewFile } from '../prompts/git.ts';
import { promptErrors } from '../prompts/errors.ts';
import { changesOf } from '../prompts/repository_changes.ts';
import type { WorkspaceCrawler } from '../workspace/crawler.ts';
import { isInside } from '../inside_folder.ts';
import { contextErrors } from './errors.ts';
import { isPicture } from './picture.ts';
import type { ListedPath, PlacesDeps } from './places.ts';
import type { ContextSources, Folder, TextFile } from './sources.ts';
import type { Terminals } from './terminals.ts';

export interface EditorContextDeps {
  crawler: Pick<WorkspaceCrawler, 'listPaths' | 'readBelow'>;
  terminals: Pick<Terminals, 'last'>;
  pathOf: PathOf;
}

/** What can be attached in this window. */
export function editorContext({ crawler, terminals, pathOf }: EditorContextDeps): ContextSources {
  return {
    placeKind: async uri => {
      const at = Uri.parse(uri, true);
      if (openDocument(at)) return 'file';
      await confine(at, pathOf);
      const { type } = await orGone(nameOf(at, pathOf), workspace.fs.stat(at));
      if (type & FileType.Directory) return 'folder';
      return isPicture(at.path) ? 'picture' : 'file';
    },
    file: async uri => readFile(Uri.parse(uri, true), pathOf),
    folder: async uri => readFolder(Uri.parse(uri, true), crawler, pathOf),
    activeFile: () => activeFile(pathOf),
    problems: () =>
      languages.getDiagnostics().flatMap(([uri, problems]) => {
        const path = pathOf(uri);
        return path === undefined ? [] : [{ path, uri: uri.toString(), problems: problems.map(problemOf) }];
      }),
    changes: async () => {
      const repository = await findRepository();
      if (!repository) throw promptErrors.noRepository();
      return changesOf(repository, readNewFile);
    },
    terminal: () => terminals.last(),
  };
}

/** What can be looked up by its name in this window. */
export function editorPlaces({ crawler, pathOf }: Omit<EditorContextDeps, 'terminals'>): PlacesDeps {
  return {
    listPaths: () => crawler.listPaths(),
    openFiles: () => {
      const active = window.activeTextEditor?.document.uri;
      const tabs = window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input);
      const open = tabs.flatMap(input => (input instanceof TabInputText ? input.uri : []));
      const uris = new Map([...(active ? [active] : []), ...open].map(uri => [uri.toString(), uri]));
      return [...uris].flatMap(([uri, at]) => {
        const path = pathOf(at);
        return path === undefined ? [] : [{ path, uri }];
      });
    },
    symbols: query => (query === '' ? symbolsOfEditor(pathOf) : symbolsOfWorkspace(query, pathOf)),
    exact: path => exactPlace(path, pathOf),
  };
}

/** Shows what is attached where it comes from. */
export async function openPlace(uri: string, range?: { startLine: number }): Promise<void> {
  const at = Uri.parse(uri, true);
  const { type } = await orGone(at.path, workspace.fs.stat(at));
  if (type & FileType.Directory) return commands.executeCommand('revealInExplorer', at);
  const editor = await window.showTextDocument(at, { preview: true });
  if (range)
    editor.revealRange(
      editor.document.lineAt(Math.min(range.startLine, editor.document.lineCount) - 1).range,
    );
}

async function readFile(at: Uri, pathOf: PathOf): Promise<TextFile> {
  const path = nameOf(at, pathOf);
  const open = openDocument(at);
  if (open) return { uri: at.toString(), path, languageId: open.languageId, text: open.getText() };
  await confine(at, pathOf);
  const { size } = await orGone(path, workspace.fs.stat(at));
  if (size > limits.fileBytesMax) throw contextErrors.tooLarge(path, limits.fileBytesMax / 1024);
  const text = isBinaryName(path) ? undefined : await textAt(at, path);
  if (text === undefined) throw contextErrors.notText(path);
  return { uri: at.toString(), path, text };
}

async function textAt(at: Uri, path: string): Promise<string | undefined> {
  const bytes = await orGone(path, workspace.fs.readFile(at));
  return textOf(path, bytes, async () => workspace.decode(bytes, { uri: at }));
}

async function readFolder(at: Uri, crawler: EditorContextDeps['crawler'], pathOf: PathOf): Promise<Folder> {
  await confine(at, pathOf);
  const folder: Folder = { uri: at.toString(), path: nameOf(at, pathOf), files: [], leftOut: [] };
  for await (const entry of crawler.readBelow(at))
    if (entry.kind === 'file') folder.files.push(entry.file);
    else folder.leftOut.push(entry.path);
  return folder;
}

/** Throws when the place is not in the open folders, or only by a link that leads out of them. */
async function confine(at: Uri, pathOf: PathOf): Promise<void> {
  const folder = workspace.getWorkspaceFolder(at);
  if (!folder) throw contextErrors.outside(nameOf(at, pathOf));
  if (at.scheme !== 'file') return;
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const inside = await orGone(
    nameOf(at, pathOf),
    isInside(
      at.fsPath,
      folders.map(({ uri }) => uri.fsPath),
      realpath,
    ),
  );
  if (!inside) throw contextErrors.outside(nameOf(at, pathOf));
}

async function orGone<T>(name: string, work: PromiseLike<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw contextErrors.gone(name, error);
  }
}

/** Of a folder that is open itself pathOf says nothing. */
function nameOf(at: Uri, pathOf: PathOf): string {
  return pathOf(at) ?? workspace.asRelativePath(at, true);
}

/** The document that a tab shows; the editor also has documents that nobody sees. */
function openDocument(at: Uri): TextDocument | undefined {
  const uri = at.toString();
  const isShown = window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => input instanceof TabInputText && input.uri.toString() === uri),
  );
  return isShown ? workspace.textDocuments.find(document => document.uri.toString() === uri) : undefined;
}

async function exactPlace(path: string, pathOf: PathOf): Promise<ListedPath | undefined> {
  for (const folder of workspace.workspaceFolders ?? []) {
    const prefix = (pathOf(Uri.joinPath(folder.uri, 'x')) ?? 'x').slice(0, -1);
    if (!path.startsWith(prefix)) continue;
    const at = Uri.joinPath(folder.uri, path.slice(prefix.length));
    try {
      const { type } = await workspace.fs.stat(at);
      return { path, uri: at.toString(), kind: type & FileType.Directory ? 'directory' : 'file' };
    } catch {
      // Nothing is there: the user is still writing.
    }
  }
  return undefined;
}

async function symbolsOfEditor(pathOf: PathOf): Promise<PlaceView[]> {
  const uri = window.activeTextEditor?.document.uri;
  const path = uri && pathOf(uri);
  if (!uri || path === undefined) return [];
  const found = await commands.executeCommand<(DocumentSymbol | SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  const views: PlaceView[] = [];
  const add = (symbols: readonly (DocumentSymbol | SymbolInformation)[]): void => {
    for (const symbol of symbols) {
      const range = 'location' in symbol ? symbol.location.range : symbol.range;
      views.push(symbolView(symbol.name, symbol.kind, path, uri, range));
      if ('children' in symbol) add(symbol.children);
    }
  };
  add(found ?? []);
  return views;
}

async function symbolsOfWorkspace(query: string, pathOf: PathOf): Promise<PlaceView[]> {
  const found = await commands.executeCommand<SymbolInformation[] | undefined>(
    'vscode.executeWorkspaceSymbolProvider',
    query,
  );
  return (found ?? []).flatMap(({ name, kind, location }) => {
    const path = pathOf(location.uri);
    return path === undefined ? [] : [symbolView(name, kind, path, location.uri, location.range)];
  });
}

function symbolView(
  name: string,
  kind: SymbolKind,
  path: string,
  uri: Uri,
  { start, end }: { start: { line: number }; end: { line: number } },
): PlaceView {
  const range = { startLine: start.line + 1, endLine: end.line + 1 };
  return {
    uri: uri.toString(),
    label: name,
    hint: `${SymbolKind[kind].toLowerCase()}, ${path}:${range.startLine}`,
    range,
  };
}
