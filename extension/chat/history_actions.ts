// The list of conversations and what can be done with one: the editor's own pickers and dialogs.
import { homedir } from 'node:os';
import {
  commands,
  ThemeIcon,
  Uri,
  window,
  workspace,
  type Disposable,
  type QuickInputButton,
  type QuickPickItem,
} from 'vscode';
import { formatNumber, plural, t, texts } from '../l10n.ts';
import { notifyError } from '../notify.ts';
import type { Log } from '../log.ts';
import { branchScheme } from '../text_schemes.ts';
import { newestEnd } from './branches.ts';
import type { Conversation } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { chatErrors } from './errors.ts';
import { asJson, asMarkdown, fileName, fromJson } from './history/export.ts';
import type { Found, History } from './history/history.ts';
import type { ChatSession } from './session.ts';

export interface HistoryActionsDeps {
  conversations: Conversations;
  history: History;
  log: Log;
}

/** The search waits until the user has stopped typing for so long. */
const typingMs = 150;

type Action = 'pin' | 'rename' | 'export' | 'remove';
/** The editor hands back the button that it was given. */
interface ActionButton extends QuickInputButton {
  action: Action;
}
interface Item extends QuickPickItem {
  found: Found;
  /** It was deleted just now, and a pick brings it back. */
  deleted?: boolean;
}

/**
 * Lists the conversations, to open, search, pin, rename, export or delete one. `leave` puts the focus back where the list was opened
 * from; unset: wherever the editor puts it.
 */
export async function showHistory(deps: HistoryActionsDeps, leave?: () => Promise<void>): Promise<void> {
  const { conversations, history, log } = deps;
  const picker = window.createQuickPick<Item>();
  picker.title = t('Hearth: Conversations');
  picker.placeholder = t('Search in all conversations. Tab: pin, rename, export, delete');
  picker.buttons = [{ iconPath: new ThemeIcon('cloud-download'), tooltip: t('Import a Conversation') }];
  const guarded = (run: () => Promise<unknown>): void =>
    void run().catch((error: unknown) => notifyError(error, log));
  const deleted = new Map<string, Found>();
  /** The user goes on elsewhere, and no focus has to be put back. */
  let goesOn = false;
  let search = new AbortController();
  const refresh = async (): Promise<void> => {
    search.abort();
    const { signal } = (search = new AbortController());
    picker.busy = true;
    const found = await history.search(picker.value, signal);
    if (signal.aborted) return;
    picker.items = [
      ...(picker.value === '' ? [...deleted.values()].reverse().map(deletedItem) : []),
      ...found.map(one => itemOf(one, one.id === conversations.current.conversation.id)),
    ];
    picker.busy = false;
  };
  let typing: NodeJS.Timeout | undefined;
  picker.onDidChangeValue(() => {
    clearTimeout(typing);
    typing = setTimeout(() => guarded(refresh), typingMs);
  });
  picker.onDidTriggerButton(() => {
    goesOn = true;
    guarded(async () => (await importConversation(deps)) || leave?.());
  });
  picker.onDidTriggerItemButton(({ item: { found }, button }) => {
    const { action } = button as ActionButton;
    goesOn = action === 'rename' || action === 'export';
    const removed = (): void => void deleted.set(found.id, found);
    guarded(() => actOn(deps, { found, action, removed, refresh, leave }));
  });
  picker.onDidAccept(() => {
    const [item] = picker.selectedItems;
    if (item?.deleted)
      return guarded(async () => {
        deleted.delete(item.found.id);
        await history.restore(item.found.id);
        await refresh();
      });
    goesOn = item !== undefined;
    picker.hide();
    if (item) guarded(() => openConversation(deps, item.found.id));
  });
  picker.onDidHide(() => {
    clearTimeout(typing);
    search.abort();
    picker.dispose();
    if (!goesOn && leave) guarded(leave);
  });
  picker.show();
  await refresh();
}

/** Exports a conversation as a file that the user names; the shown one, when none is named. */
export async function exportConversation(
  { conversations, history }: Pick<HistoryActionsDeps, 'conversations' | 'history'>,
  id = conversations.current.conversation.id,
): Promise<void> {
  const { current } = conversations;
  if (current.conversation.id === id && current.branch.length === 0) throw chatErrors.nothingToExport();
  const conversation = await history.load(id);
  if (!conversation) throw chatErrors.noConversation();
  const target = await window.showSaveDialog({
    title: t('Export the Conversation'),
    defaultUri: Uri.joinPath(
      workspace.workspaceFolders?.[0]?.uri ?? Uri.file(homedir()),
      `${fileName(conversation)}.md`,
    ),
    filters: { Markdown: ['md'], [t('JSON, with all branches, to import again')]: ['json'] },
  });
  if (!target) return;
  const text = target.path.endsWith('.json') ? asJson(conversation) : asMarkdown(conversation);
  await workspace.fs.writeFile(target, new TextEncoder().encode(text));
}

/** Imports a conversation from a JSON file and shows it; false when the user gives up. */
export async function importConversation(deps: HistoryActionsDeps): Promise<boolean> {
  const [source] = (await window.showOpenDialog({
    title: t('Import a Conversation'),
    filters: { JSON: ['json'] },
  })) ?? [undefined];
  if (!source) return false;
  const read = fromJson(new TextDecoder().decode(await workspace.fs.readFile(source)));
  if ('fault' in read) throw chatErrors.badImport(source.fsPath, read.fault);
  await deps.history.add(read.conversation);
  await openConversation(deps, read.conversation.id);
  return true;
}

/** Asks for a name of the branch that begins with this message. */
export async function nameBranch(session: ChatSession, messageId: string): Promise<void> {
  const value = session.conversation.branchNames[messageId] ?? '';
  const name = await window.showInputBox({ title: t('Name This Branch'), value });
  if (name !== undefined) session.nameBranch(messageId, name.trim());
}

/** Shows how the branch through a message differs from the one that is shown. */
export async function compareBranches(conversation: Conversation, messageId: string): Promise<void> {
  const uriOf = (head: string | null): Uri =>
    Uri.from({
      scheme: branchScheme,
      path: `/${fileName(conversation)}.md`,
      query: `${conversation.id}/${head}`,
    });
  const other = newestEnd(conversation, messageId);
  await commands.executeCommand(
    'vscode.diff',
    uriOf(other),
    uriOf(conversation.head),
    t('Other branch ↔ Shown branch'),
  );
}

/** Branches as documents that can be compared, and need not be saved. */
export function registerBranchDocuments({ history }: Pick<HistoryActionsDeps, 'history'>): Disposable {
  return workspace.registerTextDocumentContentProvider(branchScheme, {
    provideTextDocumentContent: async ({ query }) => {
      const [id = '', head = ''] = query.split('/');
      const conversation = await history.load(id);
      if (!conversation) throw chatErrors.noConversation();
      return asMarkdown({ ...conversation, head });
    },
  });
}

async function openConversation({ conversations }: HistoryActionsDeps, id: string): Promise<void> {
  if (!(await conversations.open(id))) throw chatErrors.noConversation();
  await commands.executeCommand('hearth.openChat');
}

interface ActionOnConversation {
  found: Found;
  action: Action;
  removed: () => void;
  refresh: () => Promise<void>;
  leave: (() => Promise<void>) | undefined;
}

/** A dialog closes the list, which then opens anew; what needs none is shown in the list by `refresh`. */
async function actOn(
  deps: HistoryActionsDeps,
  { found, action, removed, refresh, leave }: ActionOnConversation,
): Promise<void> {
  const { conversations } = deps;
  const { id, title, pinned } = found;
  switch (action) {
    case 'rename': {
      const name = await window.showInputBox({ title: t('Rename the Conversation'), value: title });
      if (name !== undefined)
        await conversations.change(id, session => session.rename(name.trim() || undefined));
      return showHistory(deps, leave);
    }
    case 'export':
      await exportConversation(deps, id);
      return leave?.();
    case 'remove':
      await conversations.remove(id);
      removed();
      void offerUndo(deps, found);
      return refresh();
    case 'pin':
      await conversations.change(id, session => session.pin(!pinned));
      return refresh();
    default:
      return action satisfies never;
  }
}

async function offerUndo({ history, log }: HistoryActionsDeps, { id, title }: Found): Promise<void> {
  try {
    const undo = t('Undo');
    if ((await window.showInformationMessage(t('"{0}" was deleted.', title), undo)) === undo)
      await history.restore(id);
  } catch (error) {
    notifyError(error, log);
  }
}

function deletedItem(found: Found): Item {
  return {
    found,
    deleted: true,
    label: `$(discard) ${t('Undo')}`,
    description: t('"{0}" was deleted.', found.title),
    alwaysShow: true,
  };
}

function itemOf(found: Found, isShown: boolean): Item {
  const { title, pinned, updatedAt, questions, excerpt } = found;
  const count = plural(questions, t('1 question'), t('{0} questions', formatNumber(questions)));
  return {
    found,
    label: `${pinned ? '$(pinned) ' : ''}${title}`,
    description: isShown
      ? t('{0}, shown now', count)
      : `${count}, ${new Date(updatedAt).toLocaleString(texts().language)}`,
    detail: excerpt || undefined,
    // The search has looked into all of the text, the picker would only look at the title.
    alwaysShow: true,
    buttons: [
      pinned ? button('pin', 'pinned', t('Unpin')) : button('pin', 'pin', t('Pin')),
      button('rename', 'edit', t('Rename')),
      button('export', 'export', t('Export')),
      button('remove', 'trash', t('Delete')),
    ],
  };
}

function button(action: Action, icon: string, tooltip: string): ActionButton {
  return { action, iconPath: new ThemeIcon(icon), tooltip };
}
