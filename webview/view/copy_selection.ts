// Copies a selection that reaches over turns which are not drawn: what is not in the page would be missing. Such turns are copied as
// they were written; all others as the browser does it.
import type { Turn } from '../protocol.ts';

/** A place of a turn: its element, and whether the turn is drawn in it. */
export interface CopiedPlace {
  element: HTMLElement;
  turn: Turn;
  isBuilt: boolean;
}

/** Completes what is copied from `list`. */
export function completeCopies(list: HTMLElement, places: () => readonly CopiedPlace[]): void {
  list.ownerDocument.addEventListener('copy', event => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !event.clipboardData) return;
    const selected = places().filter(({ element }) => selection.containsNode(element, true));
    if (selected.every(({ isBuilt }) => isBuilt)) return;
    const range = selection.getRangeAt(0);
    const texts = selected.map(place => (place.isBuilt ? textWithin(place.element, range) : place.turn.text));
    event.clipboardData.setData('text/plain', texts.join('\n\n'));
    event.preventDefault();
  });
}

/** The text of an element as far as it lies in a range. */
function textWithin(target: HTMLElement, range: Range): string {
  const part = document.createRange();
  part.selectNodeContents(target);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0)
    part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0)
    part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}
