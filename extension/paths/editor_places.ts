// The open folders as the look-up of paths sees them, through the editor's file system, and what opens a path of an answer.
import { realpath } from 'node:fs/promises';
import {
  CancellationTokenSource,
  commands,
  FileType,
  Position,
  Range,
  Selection,
  TextEditorRevealType,
  Uri,
  window,
  workspace,
  type WorkspaceFolder,
} from 'vscode';
import { isInside } from '../inside_folder.ts';
import { t } from '../l10n.ts';
import { openNotebookAt } from './notebook_place.ts';
import type { PathFinder, PathPlaces, PlaceKind } from './path_finder.ts';
import type { InnerPath } from './written_path.ts';
import { pathErrors } from './errors.ts';

const filesMax = 20_000;
const listMsMax = 60_000;
/** A list that took longer has come too late for those who asked first. */
const lateMs = 1_000;
/** Their files are only found by their whole paths. */
const excluded = '**/{.git,node_modules}/**';

/** A place in an editor; all numbers are 1-based. */
export interface LinePlace {
  line?: number | undefined;
  column?: number | undefined;
  endLine?: number | undefined;
}

/** The open folders; `pathOf` is the path by which the model knows a file. */
export class EditorPlaces implements PathPlaces {
  #files: Promise<{ paths: string[]; whole: boolean }> | undefined;

  /** `onListedLate` hears that there is a list now which others have not waited for. */
  constructor(
    private readonly pathOf: (uri: Uri) => string | undefined,
    private readonly onListedLate: () => void,
  ) {}

  folders(): { prefix: string; path: string }[] {
    return openFolders().map(folder => ({ prefix: this.#prefixOf(folder), path: folder.uri.path }));
  }

  async kindOf(place: InnerPath): Promise<PlaceKind | undefined> {
    const folder = openFolders()[place.folder];
    if (!folder) return undefined;
    const uri = uriOf(place);
    if (!uri) return undefined;
    const type = await typeOf(uri);
    if (type === undefined) return undefined;
    if (!(await isReallyInside(folder.uri, place.inner))) return 'outside';
    if (type & FileType.Directory) return 'folder';
    return type & FileType.File ? 'file' : undefined;
  }

  files(): Promise<{ paths: string[]; whole: boolean }> {
    this.#files ??= this.#list().catch((error: unknown) => {
      // The next question tries again.
      this.#files = undefined;
      throw error;
    });
    return this.#files;
  }

  /** The list of files is no longer right. */
  forgetFiles(): void {
    this.#files = undefined;
  }

  async #list(): Promise<{ paths: string[]; whole: boolean }> {
    const stop = new CancellationTokenSource();
    const began = performance.now();
    const timer = setTimeout(() => stop.cancel(), listMsMax);
    try {
      const found = await workspace.findFiles('**/*', excluded, filesMax, stop.token);
      const whole = found.length < filesMax && !stop.token.isCancellationRequested;
      if (performance.now() - began > lateMs) setImmediate(this.onListedLate);
      return { paths: found.flatMap(uri => this.pathOf(uri) ?? []), whole };
    } finally {
      clearTimeout(timer);
      stop.dispose();
    }
  }

  #prefixOf(folder: WorkspaceFolder): string {
    const inside = this.pathOf(Uri.joinPath(folder.uri, 'x')) ?? 'x';
    return inside.slice(0, -1);
  }
}

/** Opens what a path means: a file at its line, a folder in the explorer, or one of several files that the user chooses. */
export async function openPath(written: string, at: LinePlace, finder: PathFinder): Promise<void> {
  const found = await finder.find(written);
  if (found.kind === 'several') {
    const items = found.places.map(place => ({ label: finder.nameOf(place), place }));
    const chosen = await window.showQuickPick(items, { title: t('Which {0}?', written) });
    if (chosen) await openFile(chosen.place, at);
  } else if (found.kind === 'file') await openFile(found.place, at);
  else if (found.kind === 'folder') await commands.executeCommand('revealInExplorer', uriOf(found.place));
  else throw pathErrors.notThere(written);
}

async function openFile(place: InnerPath, { line, column, endLine }: LinePlace): Promise<void> {
  const uri = uriOf(place);
  if (!uri) throw pathErrors.notThere(place.inner);
  // Pictures and other files that are no text have editors of their own.
  if (line === undefined) return void (await commands.executeCommand('vscode.open', uri, { preview: true }));
  if (await openNotebookAt(uri, line)) return;
  const editor = await window.showTextDocument(uri, { preview: true });
  const { document } = editor;
  const start = document.validatePosition(new Position(line - 1, (column ?? 1) - 1));
  const last = document.validatePosition(
    new Position(Math.max(line, endLine ?? line) - 1, Number.MAX_SAFE_INTEGER),
  );
  // At a column the cursor is put there; else the lines are selected.
  const end = column === undefined ? last : start;
  editor.selection = new Selection(end, start);
  editor.revealRange(new Range(start, end), TextEditorRevealType.InCenterIfOutsideViewport);
}

function openFolders(): readonly WorkspaceFolder[] {
  return workspace.workspaceFolders ?? [];
}

function uriOf({ folder, inner }: InnerPath): Uri | undefined {
  const root = openFolders()[folder]?.uri;
  return root && Uri.joinPath(root, ...inner.split('/'));
}

async function typeOf(uri: Uri): Promise<FileType | undefined> {
  return workspace.fs.stat(uri).then(
    ({ type }) => type,
    () => undefined,
  );
}

/** Whether a path stays in its folder when all links on the way are followed. */
async function isReallyInside(root: Uri, inner: string): Promise<boolean> {
  if (root.scheme === 'file')
    return isInside(Uri.joinPath(root, ...inner.split('/')).fsPath, [root.fsPath], realpath);
  // Elsewhere it cannot be found out where a link leads to.
  const segments = inner.split('/');
  for (let count = 1; count <= segments.length; count++) {
    const type = await typeOf(Uri.joinPath(root, ...segments.slice(0, count)));
    if (type === undefined || type & FileType.SymbolicLink) return false;
  }
  return true;
}
