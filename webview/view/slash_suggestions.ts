// Offers the commands that begin with a slash, while the first word of the box is one that is being written.
import type { TextArea } from '@vscode/webview-ui-toolkit';
import { t } from '../l10n.ts';
import type { CommandsView, CommandView } from '../protocol.ts';
import { renderOnDifference } from './element.ts';
import { suggestList, type ShownItem } from './suggest_list.ts';

interface CommandItem extends ShownItem {
  command: CommandView;
}
export interface SlashSuggestions {
  /** To be placed right before the box. */
  element: HTMLElement;
  update: (commands: CommandsView) => void;
  /** Looks at what the box says now; to be called when that has changed. */
  offer: () => void;
  /** True when the key was for the list. */
  handleKey: (event: KeyboardEvent) => boolean;
}

/** Makes the list for the box; `setText` puts a picked command into it. */
export function slashSuggestions(box: TextArea, setText: (text: string) => void): SlashSuggestions {
  const control = (): HTMLTextAreaElement | undefined => box.control;
  let items: CommandItem[] = [];
  let note: string | undefined;
  const list = suggestList<CommandItem>({ control, onPick: ({ command }) => insert(command) });

  function offer(): void {
    const query = writtenCommand(box.value, control()?.selectionStart ?? box.value.length);
    if (query === undefined) list.close();
    else list.open({ label: t('Commands'), items, query, note: query === '' ? note : undefined });
  }
  function insert({ name }: CommandView): void {
    const rest = box.value.replace(/^\/\S*\s?/, '');
    const head = `/${name} `;
    setText(head + rest);
    control()?.setSelectionRange(head.length, head.length);
  }
  const fill = renderOnDifference((view: CommandsView) => {
    items = view.commands.map(command => ({
      id: command.name,
      label: `/${command.name}`,
      hint: command.hint,
      detail: command.description,
      icon: command.source === 'promptFile' ? 'document' : 'command',
      command,
    }));
    note = view.note;
    if (list.isOpen) offer();
  });
  return { element: list.element, update: fill, offer, handleKey: list.handleKey };
}

/** What follows the slash, when the cursor is in a first word that begins with one. */
function writtenCommand(text: string, cursor: number): string | undefined {
  return /^\/([^\s/]*)$/.exec(text.slice(0, cursor))?.[1];
}
