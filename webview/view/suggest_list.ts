// A list of suggestions that opens above a box of text while the user writes in it. The focus stays in the box, which is told the
// active item for screen readers; arrows move, Enter and Tab pick, Escape closes, and so does whatever leaves the box for something else
// of the page. What it offers and what a pick does is its user's.
import { element } from './element.ts';
import { icon, type IconName } from './icons.ts';
import { matchItems, type SuggestItem, type SuggestMatch } from './suggest_match.ts';

/** An item with the picture before it. */
export interface ShownItem extends SuggestItem {
  icon?: IconName;
}
export interface SuggestOptions<Item extends ShownItem> {
  /** The control that has the focus while the user writes; undefined before it is in the document. */
  control: () => HTMLElement | undefined;
  onPick: (item: Item) => void;
}
export interface OpenSuggestions<Item extends ShownItem> {
  /** What the list is called. */
  label: string;
  items: readonly Item[];
  /** What was typed so far; nothing offers every item. */
  query: string;
  /** A remark below the items. */
  note?: string;
}
export interface SuggestList<Item extends ShownItem> {
  /** To be placed right before the box: the list lies over what is above it. */
  element: HTMLElement;
  readonly isOpen: boolean;
  /** Shows the items that match, or closes when there are neither items nor a remark. Again at each change of the text. */
  open: (suggestions: OpenSuggestions<Item>) => void;
  close: () => void;
  /** True when the key was for the list. To be asked before anything else is done with a key. */
  handleKey: (event: KeyboardEvent) => boolean;
}

/** Rows that are made; whoever wants others types more. */
const rowsMax = 100;
/** Rows that Page Up and Page Down go. */
const pageRows = 8;

let lists = 0;

/** Makes a list that is closed. */
export function suggestList<Item extends ShownItem>(options: SuggestOptions<Item>): SuggestList<Item> {
  const id = `suggestions-${++lists}`;
  // No key leads into the rows, which scroll with the choice; that they can have the focus is for those who come by another way.
  const rows = element('div', { class: 'suggest-rows', attributes: { id, role: 'listbox', tabindex: '0' } });
  const note = element('div', { class: 'suggest-note note' });
  const popup = element('div', { class: 'suggest-list' }, rows, note);
  popup.hidden = true;
  // A press of the mouse leaves the focus in the box.
  popup.addEventListener('mousedown', event => event.preventDefault());
  let matches: SuggestMatch<Item>[] = [];
  let active = 0;
  let shownQuery: string | undefined;
  let followed: HTMLElement | undefined;

  function open({ label, items, query, note: remark = '' }: OpenSuggestions<Item>): void {
    const activeId = matches[active]?.item.id;
    matches = matchItems(items, query).slice(0, rowsMax);
    if (matches.length === 0 && remark === '') return close();
    rows.replaceChildren(...matches.map((match, index) => row(match, `${id}-${index}`, pick)));
    rows.hidden = matches.length === 0;
    rows.setAttribute('aria-label', label);
    note.textContent = remark;
    note.hidden = remark === '';
    popup.hidden = false;
    // Items that come later leave the choice where it is; another query has another best match.
    const kept = query === shownQuery ? matches.findIndex(({ item }) => item.id === activeId) : 0;
    shownQuery = query;
    follow();
    activate(Math.max(0, kept));
  }
  function close(): void {
    if (popup.hidden) return;
    popup.hidden = true;
    shownQuery = undefined;
    matches = [];
    rows.replaceChildren();
    unfollow();
  }
  function pick(item: Item): void {
    close();
    options.onPick(item);
  }
  function activate(index: number): void {
    active = index;
    for (const [at, child] of [...rows.children].entries())
      child.setAttribute('aria-selected', String(at === index));
    const chosen = rows.children[index];
    chosen?.scrollIntoView({ block: 'nearest' });
    // The box lies in a shadow tree, where an id of the page means nothing.
    if (followed) followed.ariaActiveDescendantElement = chosen ?? null;
  }
  function follow(): void {
    const control = options.control();
    if (control === followed) return;
    unfollow();
    followed = control;
    if (!control) return;
    control.setAttribute('aria-autocomplete', 'list');
    control.ariaControlsElements = [rows];
    control.addEventListener('blur', leave);
  }
  function unfollow(): void {
    if (!followed) return;
    followed.removeEventListener('blur', leave);
    followed.removeAttribute('aria-autocomplete');
    followed.ariaControlsElements = null;
    followed.ariaActiveDescendantElement = null;
    followed = undefined;
  }
  /** The editor takes the focus from the whole page and gives it back whenever it pleases: that is not the user, who writes on. */
  function leave(): void {
    const within = followed?.getRootNode() as Document | ShadowRoot | undefined;
    if (within?.activeElement !== followed) close();
  }
  /** The index that a key goes to; undefined for other keys. The ends meet for single steps. */
  function target(key: string): number | undefined {
    const last = matches.length - 1;
    switch (key) {
      case 'ArrowDown':
        return active >= last ? 0 : active + 1;
      case 'ArrowUp':
        return active <= 0 ? last : active - 1;
      case 'PageDown':
        return Math.min(last, active + pageRows);
      case 'PageUp':
        return Math.max(0, active - pageRows);
      default:
        return undefined;
    }
  }
  function handleKey(event: KeyboardEvent): boolean {
    // The rows stand before the box: they would have the focus, and lose it as they close.
    if (event.key === 'Tab' && event.shiftKey) close();
    if (popup.hidden || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const match = matches[active];
    if (event.key === 'Escape') close();
    else if (!match) return false;
    else if (event.key === 'Enter' || event.key === 'Tab') pick(match.item);
    else {
      const index = target(event.key);
      if (index === undefined) return false;
      activate(index);
    }
    event.preventDefault();
    return true;
  }
  return {
    element: element('div', { class: 'suggest' }, popup),
    get isOpen() {
      return !popup.hidden;
    },
    open,
    close,
    handleKey,
  };
}

function row<Item extends ShownItem>(
  { item, pieces }: SuggestMatch<Item>,
  id: string,
  pick: (item: Item) => void,
): HTMLElement {
  const label = element('span', { class: 'suggest-label' });
  label.append(
    ...pieces.map(({ text, matched }) => (matched ? element('b', { text }) : document.createTextNode(text))),
  );
  const head = element('div', { class: 'suggest-head' }, label);
  if (item.hint) head.append(element('span', { class: 'suggest-hint', text: item.hint }));
  const text = element('div', { class: 'suggest-text' }, head);
  if (item.detail) text.append(element('div', { class: 'suggest-detail', text: item.detail }));
  const made = element('div', { class: 'suggest-row', attributes: { id, role: 'option' } });
  if (item.icon) made.append(icon(item.icon));
  made.append(text);
  made.title = [item.label, item.hint, item.detail].filter(Boolean).join('\n');
  made.addEventListener('click', () => pick(item));
  return made;
}
