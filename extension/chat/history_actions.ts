// The list of conversations and what can be done with one: the editor's own pickers and dialogs.
import { commands, ThemeIcon, Uri, window, workspace, type QuickPick, type QuickPickItem } from 'vscode';
import { notifyError } from '../notify.ts';
import type { Log } from '../log.ts';
import { branchTo, newestEnd } from './branches.ts';
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

const buttons = {
  pin: { iconPath: new ThemeIcon('pin'), tooltip: 'Pin' },
  unpin: { iconPath: new ThemeIcon('pinned'), tooltip: 'Unpin' },
  rename: { iconPath: new ThemeIcon('edit'), tooltip: 'Rename' },
  export: { iconPath: new ThemeIcon('export'), tooltip: 'Export' },
  remove: { iconPath: new ThemeIcon('trash'), tooltip: 'Delete' },
};
const importButton = { iconPath: new ThemeIcon('cloud-download'), tooltip: 'Import a Conversation' };

interface Item extends QuickPickItem {
  found: Found;
}

/** Lists the conversations, to open, search, pin, rename, export or delete one. */
export async function showHistory(deps: HistoryActionsDeps): Promise<void> {
  const { conversations, history, log } = deps;
  const picker = window.createQuickPick<Item>();
  picker.title = 'Hearth: Conversations';
  picker.placeholder = 'Search in all conversations';
  picker.buttons = [importButton];
  const guarded = (run: () => Promise<unknown>): void =>
    void run().catch((error: unknown) => notifyError(error, log));
  /** Of several searches that overlap only the last one counts. */
  let search = 0;
  const refresh = async (): Promise<void> => {
    const own = ++search;
    picker.busy = true;
    const found = await history.search(picker.value);
    if (own !== search) return;
    picker.items = found.map(one => itemOf(one, one.id === conversations.current.conversation.id));
    picker.busy = false;
  };
  picker.onDidChangeValue(() => guarded(refresh));
  picker.onDidTriggerButton(() => guarded(() => importConversation(deps)));
  picker.onDidTriggerItemButton(({ item, button }) =>
    guarded(() => actOn(deps, picker, item.found, button.tooltip).then(refresh)),
  );
  picker.onDidAccept(() => {
    const [item] = picker.selectedItems;
    picker.hide();
    if (item) guarded(() => openConversation(deps, item.found.id));
  });
  picker.onDidHide(() => picker.dispose());
  picker.show();
  await refresh();
}

/** Exports the shown conversation, or another one, as a file that the user names. */
export async function exportConversation(
  { history }: Pick<HistoryActionsDeps, 'history'>,
  id: string,
): Promise<void> {
  const conversation = await history.load(id);
  if (!conversation) throw chatErrors.noConversation();
  const target = await window.showSaveDialog({
    title: 'Export the Conversation',
    defaultUri: Uri.joinPath(
      workspace.workspaceFolders?.[0]?.uri ?? Uri.file('/'),
      `${fileName(conversation)}.md`,
    ),
    filters: { Markdown: ['md'], 'JSON, with all branches, to import again': ['json'] },
  });
  if (!target) return;
  const text = target.path.endsWith('.json') ? asJson(conversation) : asMarkdown(conversation);
  await workspace.fs.writeFile(target, new TextEncoder().encode(text));
}

/** Imports a conversation from a JSON file and shows it. */
export async function importConversation(deps: HistoryActionsDeps): Promise<void> {
  const [source] = (await window.showOpenDialog({
    title: 'Import a Conversation',
    filters: { JSON: ['json'] },
  })) ?? [undefined];
  if (!source) return;
  const read = fromJson(new TextDecoder().decode(await workspace.fs.readFile(source)));
  if ('fault' in read) throw chatErrors.badImport(source.fsPath, read.fault);
  await deps.history.add(read.conversation);
  await openConversation(deps, read.conversation.id);
}

/** Asks for a name of the branch that begins with this message. */
export async function nameBranch(session: ChatSession, messageId: string): Promise<void> {
  const value = session.conversation.branchNames[messageId] ?? '';
  const name = await window.showInputBox({ title: 'Name This Branch', value });
  if (name !== undefined) session.nameBranch(messageId, name.trim());
}

/** Shows how the branch through a message differs from the one that is shown. */
export async function compareBranches(session: ChatSession, messageId: string): Promise<void> {
  const { conversation } = session;
  const other = newestEnd(conversation, messageId);
  const texts = [other, conversation.head].map(head =>
    asMarkdown({ ...conversation, head, messages: branchTo(conversation, head) }),
  );
  const [left, right] = await Promise.all(
    texts.map(content => workspace.openTextDocument({ language: 'markdown', content })),
  );
  if (left && right)
    await commands.executeCommand('vscode.diff', left.uri, right.uri, 'Other branch ↔ Shown branch');
}

async function openConversation({ conversations }: HistoryActionsDeps, id: string): Promise<void> {
  if (!(await conversations.open(id))) throw chatErrors.noConversation();
  await commands.executeCommand('hearth.openChat');
}

async function actOn(
  deps: HistoryActionsDeps,
  picker: QuickPick<Item>,
  found: Found,
  button: string | undefined,
): Promise<void> {
  const { conversations } = deps;
  const { id, title, pinned } = found;
  if (button === buttons.pin.tooltip || button === buttons.unpin.tooltip) {
    await conversations.change(id, session => session.pin(!pinned));
  } else if (button === buttons.rename.tooltip) {
    const name = await window.showInputBox({ title: 'Rename the Conversation', value: title });
    if (name !== undefined)
      await conversations.change(id, session => session.rename(name.trim() || undefined));
    picker.show();
  } else if (button === buttons.export.tooltip) {
    await exportConversation(deps, id);
  } else {
    await conversations.remove(id);
    void offerUndo(deps, found);
  }
}

async function offerUndo({ history, log }: HistoryActionsDeps, { id, title }: Found): Promise<void> {
  try {
    if ((await window.showInformationMessage(`"${title}" was deleted.`, 'Undo')) === 'Undo')
      await history.restore(id);
  } catch (error) {
    notifyError(error, log);
  }
}

function itemOf(found: Found, isShown: boolean): Item {
  const { title, pinned, updatedAt, questions, excerpt } = found;
  const count = questions === 1 ? '1 question' : `${questions} questions`;
  return {
    found,
    label: `${pinned ? '$(pinned) ' : ''}${title}`,
    description: isShown ? `${count}, shown now` : `${count}, ${new Date(updatedAt).toLocaleString()}`,
    detail: excerpt || undefined,
    // The search has looked into all of the text, the picker would only look at the title.
    alwaysShow: true,
    buttons: [pinned ? buttons.unpin : buttons.pin, buttons.rename, buttons.export, buttons.remove],
  };
}
