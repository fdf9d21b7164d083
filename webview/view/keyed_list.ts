// A list whose rows stay the same elements while what they show changes, so that focus and opened details are kept.

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
    for (const [key, { row }] of rows) {
      if (keys.has(key)) continue;
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
  };
}

/** Runs a change after which the focused button may be gone; the focus then goes to what is left beside it. */
function keepFocus(row: HTMLElement, change: () => void): void {
  const had = row.contains(document.activeElement);
  change();
  if (!had) return;
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && row.contains(focused) && isShown(focused)) return;
  const next = [...row.querySelectorAll<HTMLElement>('vscode-button, summary')].find(isShown);
  if (next) next.focus();
  else {
    row.tabIndex = -1;
    row.focus();
  }
}

function isShown(target: HTMLElement): boolean {
  return target.closest('[hidden]') === null;
}
