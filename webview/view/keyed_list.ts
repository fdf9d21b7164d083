// A list whose rows stay the same elements while what they show changes, so that focus and opened details are kept. When the row with
// the focus goes, the one that takes its place has it.

export interface Row<View> {
  element: HTMLElement;
  update: (view: View) => void;
}

/** Fills `list` with one row per view, in order; rows are told only of views that differ. */
export function keyedList<View>(
  list: HTMLElement,
  keyOf: (view: View) => string,
  make: () => Row<View>,
): (views: readonly View[]) => void {
  const rows = new Map<string, { row: Row<View>; shown: string }>();
  return views => {
    const keys = new Set(views.map(keyOf));
    let lost: Focus | undefined;
    for (const [key, { row }] of rows) {
      if (keys.has(key)) continue;
      lost ??= focusIn(list, row.element);
      row.element.remove();
      rows.delete(key);
    }
    views.forEach((view, index) => {
      const key = keyOf(view);
      const known = rows.get(key);
      const row = known?.row ?? make();
      const wanted = JSON.stringify(view);
      if (known?.shown !== wanted) keepFocus(row.element, () => row.update(view));
      rows.set(key, { row, shown: wanted });
      if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
    });
    if (lost) giveFocus(list, lost);
  };
}

/** Which button of which row has the focus. */
interface Focus {
  row: number;
  button: number;
}

function focusIn(list: HTMLElement, row: HTMLElement): Focus | undefined {
  const { activeElement } = document;
  if (!activeElement || !row.contains(activeElement) || !document.hasFocus()) return undefined;
  return {
    row: [...list.children].indexOf(row),
    button: Math.max(
      0,
      buttonsIn(row).findIndex(one => one === activeElement),
    ),
  };
}

function giveFocus(list: HTMLElement, { row, button }: Focus): void {
  const next = list.children[Math.min(row, list.children.length - 1)];
  if (!next) return;
  const buttons = buttonsIn(next);
  (buttons[button] ?? buttons[0])?.focus();
}

function buttonsIn(row: Element): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>('vscode-button, summary')].filter(isShown);
}

/** Runs a change after which the focused button may be gone; the focus then goes to what is left beside it. */
function keepFocus(row: HTMLElement, change: () => void): void {
  const had = row.contains(document.activeElement);
  change();
  if (!had) return;
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && row.contains(focused) && isShown(focused)) return;
  const [next] = buttonsIn(row);
  if (next) next.focus();
  else {
    row.tabIndex = -1;
    row.focus();
  }
}

function isShown(target: HTMLElement): boolean {
  return target.closest('[hidden]') === null;
}
