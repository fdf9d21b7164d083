// Offers what can be attached, while the user writes a word that begins with @ at the cursor: first what kinds of things there are, and
// files that match; after "@file:" and the like, the names of that kind. What is picked becomes an attachment, and its word goes away.
// The input has such a list, and so has each form in which a question is changed.
import type { TextArea } from '@vscode/webview-ui-toolkit';
import { t } from '../l10n.ts';
import type { Attach, PlaceKind, PlaceView } from '../protocol.ts';
import type { IconName } from './icons.ts';
import { suggestList, type ShownItem } from './suggest_list.ts';

/** Places that were found for a query. */
export interface FoundPlaces {
  kind: PlaceKind;
  query: string;
  places: PlaceView[];
}
export interface MentionOptions {
  box: TextArea;
  setText: (text: string) => void;
  /** `label` is what the list calls it. */
  attach: (what: Attach, label: string) => void;
  /** Asks the host; its answer comes by `showPlaces`. */
  find: (kind: PlaceKind, query: string) => void;
  /** The question is about the whole workspace. */
  askWorkspace: () => void;
}
export interface MentionSuggestions {
  /** To be placed right before the box, or right behind it. */
  element: HTMLElement;
  /** Looks at what the box says now; to be called when that has changed. */
  offer: () => void;
  /** True when the key was for the list. */
  handleKey: (event: KeyboardEvent) => boolean;
}

interface MentionItem extends ShownItem {
  /** What a pick does: it attaches this, goes on with names of a kind, or asks about the workspace. */
  pick: { attach: Attach } | { names: PlaceKind } | 'workspace';
}
/** A word with @ that is being written. */
interface Mention {
  /** Where it begins in the text. */
  start: number;
  /** Names of this kind are wanted; undefined: anything. */
  kind?: PlaceKind;
  query: string;
}

const placesEvent = 'hearth-places';

/** Tells the box that the user writes in of places that were found. */
export function showPlaces(found: FoundPlaces): void {
  document.activeElement?.dispatchEvent(new CustomEvent(placesEvent, { detail: found }));
}

/** Makes the list for the box. */
export function mentionSuggestions(options: MentionOptions): MentionSuggestions {
  const { box, setText, attach, find, askWorkspace } = options;
  const control = (): HTMLTextAreaElement | undefined => box.control;
  const list = suggestList<MentionItem>({ control, onPick: pick });
  const found = new Map<PlaceKind, FoundPlaces>();
  /** The last question to the host. */
  let asked = '';
  /** False once the user has closed the list, until the text changes. */
  let offering = false;

  function current(): Mention | undefined {
    return writtenMention(box.value, control()?.selectionStart ?? box.value.length);
  }
  function offer(): void {
    const mention = current();
    if (!mention) {
      asked = '';
      return list.close();
    }
    offering = true;
    const kind = mention.kind ?? 'file';
    const question = `${kind} ${mention.query}`;
    if (question !== asked) {
      asked = question;
      find(kind, mention.query);
    }
    open(mention);
  }
  function open({ kind, query }: Mention): void {
    const names = (found.get(kind ?? 'file')?.places ?? []).map(place => placeItem(kind ?? 'file', place));
    const isAnswered = found.get(kind ?? 'file')?.query === query;
    list.open({
      label: t('Attach'),
      items: kind ? names : [...kindItems(), ...names],
      query,
      note: kind && isAnswered && names.length === 0 ? t('Nothing of this name was found.') : undefined,
    });
  }
  function pick({ pick: picked, label }: MentionItem): void {
    const mention = current();
    if (!mention) return;
    if (picked !== 'workspace' && 'names' in picked) {
      replace(mention, `@${picked.names}:`);
      return offer();
    }
    replace(mention, '');
    if (picked === 'workspace') askWorkspace();
    else attach(picked.attach, label);
  }
  /** Puts something else in place of the word that is being written, and the cursor behind it. */
  function replace({ start }: Mention, text: string): void {
    const end = control()?.selectionStart ?? box.value.length;
    const rest = box.value.slice(end);
    setText(box.value.slice(0, start) + text + (text === '' ? rest.replace(/^ /, '') : rest));
    control()?.setSelectionRange(start + text.length, start + text.length);
  }
  box.addEventListener(placesEvent, event => {
    const { detail: places } = event as CustomEvent<FoundPlaces>;
    found.set(places.kind, places);
    const mention = current();
    // By now the user may write something else.
    if (mention && offering && (mention.kind ?? 'file') === places.kind) open(mention);
  });
  return {
    element: list.element,
    offer,
    handleKey: event => {
      const taken = list.handleKey(event);
      if (taken && event.key === 'Escape') offering = false;
      return taken;
    },
  };
}

/** The word with @ that ends at the cursor; an address such as a@b is none. */
function writtenMention(text: string, cursor: number): Mention | undefined {
  const match = /(?:^|[\s([{,;])@(?:(file|folder|symbol):)?([^\s@]*)$/.exec(text.slice(0, cursor));
  if (!match) return undefined;
  const [whole, kind, query = ''] = match;
  const start = cursor - whole.length + whole.indexOf('@');
  return { start, query, ...(kind && { kind: kind as PlaceKind }) };
}

function kindItems(): MentionItem[] {
  const item = (id: string, detail: string, icon: IconName, pick: MentionItem['pick']): MentionItem => ({
    id,
    label: `@${id}`,
    detail,
    icon,
    pick,
  });
  return [
    item('file', t('A file of the workspace'), 'document', { names: 'file' }),
    item('folder', t('All text files of a folder'), 'folder', { names: 'folder' }),
    item('symbol', t('A function, class or other symbol'), 'symbol', { names: 'symbol' }),
    item('selection', t('What is selected in the editor'), 'selection', { attach: { kind: 'selection' } }),
    item('problems', t('Errors and warnings that the editor reports'), 'problem', {
      attach: { kind: 'problems' },
    }),
    item('terminal', t('The last command in the terminal, and what it said'), 'terminal', {
      attach: { kind: 'terminal' },
    }),
    item('git-diff', t('Changes that are not committed yet'), 'changes', { attach: { kind: 'changes' } }),
    item('workspace', t('Ask about all files of the workspace'), 'workspace', 'workspace'),
  ];
}

function placeItem(kind: PlaceKind, { uri, label, hint, range }: PlaceView): MentionItem {
  const icons = { file: 'document', folder: 'folder', symbol: 'symbol' } as const;
  const what: Attach =
    kind === 'symbol'
      ? { kind, uri, name: label, startLine: range?.startLine ?? 1, endLine: range?.endLine ?? 1 }
      : { kind, uri };
  return {
    id: `${uri} ${label} ${range?.startLine ?? ''}`,
    label,
    hint,
    icon: icons[kind],
    pick: { attach: what },
  };
}
