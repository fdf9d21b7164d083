// Brings nodes of the page up to date with new ones while keeping all that are the same, so that a selection in text that grows stays,
// and the browser lays out only what has changed.

export interface Growth {
  /** Takes over a fresh node by an old one that was made from such a node; true when it did. */
  adopt: (old: Node, fresh: Node) => boolean;
  /** Completes a fresh node that goes into the page. */
  complete: (fresh: Element) => void;
}

/** Gives `target` the children of `fresh`, which loses those that are new. */
export function growNodes(target: Node, fresh: Node, growth: Growth): void {
  let old = target.firstChild;
  let next = fresh.firstChild;
  for (; old && next; old = old.nextSibling, next = next.nextSibling) {
    if (growth.adopt(old, next) || growOne(old, next, growth)) continue;
    break;
  }
  while (old) {
    const gone = old;
    old = old.nextSibling;
    gone.parentNode?.removeChild(gone);
  }
  while (next) {
    const added = next;
    next = next.nextSibling;
    target.appendChild(added);
    if (added instanceof Element) growth.complete(added);
  }
}

/** True when the old node now says what the fresh one does. */
function growOne(old: Node, fresh: Node, growth: Growth): boolean {
  if (old instanceof Text && fresh instanceof Text) {
    if (fresh.data === old.data) return true;
    if (fresh.data.startsWith(old.data)) old.appendData(fresh.data.slice(old.length));
    else old.data = fresh.data;
    return true;
  }
  if (!(old instanceof Element && fresh instanceof Element) || !isSameElement(old, fresh)) return false;
  growNodes(old, fresh, growth);
  return true;
}

/** Whether two elements are alike but for their children. */
export function isSameElement(one: Element, other: Element): boolean {
  return (
    one.tagName === other.tagName &&
    one.attributes.length === other.attributes.length &&
    [...one.attributes].every(({ name, value }) => other.getAttribute(name) === value)
  );
}
