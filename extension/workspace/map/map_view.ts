// The view of the context: a tree of what the model sees of each file, with what can be decided about it.
import { isDeepStrictEqual } from 'node:util';
import {
  commands,
  EventEmitter,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type TreeDataProvider,
} from 'vscode';
import type { WorkspaceView } from '../../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../../dispose.ts';
import { formatNumber, t } from '../../l10n.ts';
import { pathOf, uriOf } from '../crawler.ts';
import type { Choice, FileChoices } from '../file_choices.ts';
import type { WorkspaceIngest } from '../ingest.ts';
import { contextMap, totalsText, type FileState, type MapGroup, type MapRow } from './context_map.ts';

export const mapViewId = 'hearth.files';
/** What has become of the workspace, for the welcome of the view. */
const stateKey = 'hearth.filesState';

/** What the last answer of the shown conversation was made from. */
export interface LastAnswer {
  excerpts: ReadonlySet<string>;
  stats: { promptTokens: number; reusedTokens: number } | undefined;
}

export interface MapViewDeps {
  workspace: Pick<WorkspaceIngest, 'status' | 'view' | 'onDidChangeView' | 'choose'>;
  choices: FileChoices;
  ignored(): Iterable<string>;
  lastAnswer(): LastAnswer;
  /** Bytes that are kept on the disk, of all workspaces. */
  diskBytes(): Promise<number>;
  /** There is another last answer. */
  onDidChangeAnswer(listener: () => void): Disposable;
  showError(error: unknown): void;
}

/** What is said above the files: how far their reading is, or that it failed. */
function messageOf({ state, fileCount }: WorkspaceView): string {
  if (state === 'reading') return t('Reading the files: {0} so far…', formatNumber(fileCount));
  return state === 'failed' ? t('The files could not be read; the log says why.') : '';
}

type Node = { group: MapGroup } | { row: MapRow } | { more: number };

/** Rows of a group that are made at a time: a tree of thousands is read by nobody, and its search finds what it has. */
const rowsMax = 2_000;

const icons: Record<FileState, string> = {
  whole: 'eye',
  appended: 'edit',
  excerpt: 'list-selection',
  mapped: 'list-tree',
  out: 'circle-slash',
  secrets: 'shield',
  leftOut: 'eye-closed',
  ignored: 'exclude',
};

export function showContextMap(deps: MapViewDeps): Disposable {
  const store = new DisposableStore();
  const changed = store.add(new EventEmitter<undefined>());
  const provider: TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getChildren: node => (node ? childrenOf(node) : groups.map(group => ({ group }))),
    getTreeItem: itemOf,
  };
  let groups: MapGroup[] = [];
  const view = store.add(
    window.createTreeView(mapViewId, { treeDataProvider: provider, showCollapseAll: true }),
  );
  let diskBytes = 0;
  const describe = (): void => {
    const { status, view: now } = deps.workspace;
    view.description =
      status && now.state === 'ready' ? totalsText(status, deps.lastAnswer().stats, diskBytes) : '';
  };
  const update = (): void => {
    const { view: now } = deps.workspace;
    describe();
    void deps.diskBytes().then(bytes => {
      diskBytes = bytes;
      describe();
    });
    view.message = messageOf(now);
    void commands.executeCommand('setContext', stateKey, now.state);
    const next = groupsOf(deps);
    // A tree that is drawn again loses the click that is being made on it.
    if (isDeepStrictEqual(groups, next)) return;
    groups = next;
    changed.fire(undefined);
  };
  store.add(deps.workspace.onDidChangeView(update));
  store.add(deps.onDidChangeAnswer(update));
  store.add(deps.choices.onDidChange(path => deps.workspace.choose(path)));
  for (const command of choiceCommands(deps)) store.add(command);
  update();
  return store;
}

function childrenOf(node: Node): Node[] {
  if (!('group' in node)) return [];
  const { rows, more } = node.group;
  return [
    ...rows.slice(0, rowsMax).map(row => ({ row })),
    ...moreOf(more + Math.max(0, rows.length - rowsMax)),
  ];
}

/** While the files are read again, those of before are shown. */
function groupsOf({ workspace, choices, ignored, lastAnswer }: MapViewDeps): MapGroup[] {
  const { status, view } = workspace;
  if (!status || !['ready', 'reading'].includes(view.state)) return [];
  return contextMap({
    status,
    ignored: ignored(),
    choiceOf: path => choices.of(path),
    excerpts: lastAnswer().excerpts,
  });
}

function moreOf(more: number): Node[] {
  return more > 0 ? [{ more }] : [];
}

function itemOf(node: Node): TreeItem {
  if ('more' in node) return new TreeItem(t('{0} more', formatNumber(node.more)));
  if ('group' in node) {
    const { label, rows, detail, more, state } = node.group;
    const item = new TreeItem(
      label,
      state === 'whole' ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
    );
    item.id = state;
    item.description = [formatNumber(rows.length + more), detail].filter(Boolean).join(' · ');
    item.iconPath = new ThemeIcon(icons[state]);
    return item;
  }
  return rowItem(node.row);
}

function rowItem({ path, state, detail, choice }: MapRow): TreeItem {
  const isFolder = path.endsWith('/');
  const uri = uriOf(isFolder ? path.slice(0, -1) : path);
  const item = uri ? new TreeItem(uri) : new TreeItem(path);
  item.id = `${state}:${path}`;
  const folder = path.replace(/[^/]+\/?$/, '').replace(/\/$/, '');
  const notes = { pinned: t('pinned'), allowed: t('allowed by you'), leftOut: '' };
  item.description = [detail, choice && notes[choice], folder].filter(Boolean).join(' · ');
  item.tooltip = [path, detail].filter(Boolean).join('\n');
  item.contextValue = choice ? `${state} ${choice}` : state;
  if (uri && !isFolder) item.command = { command: 'vscode.open', title: t('Open'), arguments: [uri] };
  return item;
}

function choiceCommands({ choices, showError }: MapViewDeps): Disposable[] {
  const table: Record<string, Choice | undefined> = {
    'hearth.pinFile': 'pinned',
    'hearth.leaveFileOut': 'leftOut',
    'hearth.allowFile': 'allowed',
    'hearth.undoFileChoice': undefined,
  };
  return Object.entries(table).map(([id, choice]) =>
    commands.registerCommand(id, async (target: unknown) => {
      try {
        const path = pathOfTarget(target);
        if (path === undefined || (choice === 'allowed' && !(await mayBeShown(path)))) return;
        await choices.choose(path, choice);
      } catch (error) {
        showError(error);
      }
    }),
  );
}

/** A row of the view, or the file in the editor; undefined outside the open folders. */
function pathOfTarget(target: unknown): string | undefined {
  if (typeof target === 'object' && target !== null && 'row' in target)
    return (target as { row: MapRow }).row.path;
  const uri = window.activeTextEditor?.document.uri;
  return uri && pathOf(uri);
}

async function mayBeShown(path: string): Promise<boolean> {
  const yes = t('Let the Model Read It');
  const picked = await window.showWarningMessage(
    t('Let the model read {0}?', path),
    {
      modal: true,
      detail: t(
        'It may hold secrets. The model runs on this machine and sends nothing anywhere, but what it reads can stand in its answers, which are kept with the conversation.',
      ),
    },
    yes,
  );
  return picked === yes;
}
