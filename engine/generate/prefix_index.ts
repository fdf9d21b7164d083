// Which ids are held where: one tree of all texts of which there is a state, keyed by their ids, and the policy of what goes first.
// Texts that begin alike share its branches, whoever read them. Pure: it knows ids, positions and when a state was used, but no model,
// and frees nothing.

/** A state of a text: after its first `position` ids. */
export interface Mark<S> {
  readonly position: number;
  readonly state: S;
  /** The end of what other texts begin with too: it is dropped last. */
  pinned: boolean;
  /** Nobody has gone on from it yet: it was read ahead. */
  ahead: boolean;
  /** Greater than that of every mark on which nothing was done since; the same along the text of one request. */
  lastUsed: number;
}

/** A run of ids that no other text leaves, except at its end. */
interface Node<S> {
  /** Position of its first id. */
  start: number;
  ids: number[];
  parent: Node<S> | undefined;
  /** By their first id. */
  readonly children: Map<number, Node<S>>;
  /** In ascending order of positions, all of them within the run or at its end. */
  marks: Mark<S>[];
}

/** What a text has in common with those of the tree. */
export interface Match<S> {
  /** So many ids. */
  common: number;
  /** The states along them, in ascending order of positions. */
  marks: Mark<S>[];
}

export class PrefixIndex<S> {
  readonly #root: Node<S> = { start: 0, ids: [], parent: undefined, children: new Map(), marks: [] };
  readonly #nodes = new Map<Mark<S>, Node<S>>();

  /** All states that are held. */
  get marks(): IterableIterator<Mark<S>> {
    return this.#nodes.keys();
  }

  match(ids: readonly number[]): Match<S> {
    const marks: Mark<S>[] = [];
    const { common } = this.#walk(ids, ids.length, node => marks.push(...node.marks));
    return { common, marks: marks.filter(({ position }) => position <= common) };
  }

  /** Holds a state after the first `position` ids, at least one. */
  add(ids: readonly number[], state: S, mark: Pick<Mark<S>, 'position' | 'ahead' | 'lastUsed'>): Mark<S> {
    const added: Mark<S> = { pinned: false, ...mark, state };
    const { position } = mark;
    const { node: last, common } = this.#walk(ids, position);
    let node = last;
    if (common < position) {
      if (common < node.start + node.ids.length) split(node, common, this.#nodes);
      const next: Node<S> = {
        start: common,
        ids: ids.slice(common, position),
        parent: node,
        children: new Map(),
        marks: [],
      };
      node.children.set(ids[common] as number, next);
      node = next;
    }
    node.marks = [...node.marks, added].sort((a, b) => a.position - b.position);
    this.#nodes.set(added, node);
    return added;
  }

  /** A state is no longer held, and what was known only for it is forgotten. */
  remove(mark: Mark<S>): void {
    let node = this.#nodes.get(mark);
    if (!node) return;
    this.#nodes.delete(mark);
    node.marks = node.marks.filter(other => other !== mark);
    while (node.parent && node.children.size === 0) {
      node.ids.length = (node.marks.at(-1)?.position ?? node.start) - node.start;
      if (node.ids.length > 0) return;
      const { parent } = node as { parent: Node<S> };
      for (const [id, child] of parent.children) if (child === node) parent.children.delete(id);
      node = parent;
    }
    if (node.parent && node.children.size === 1) join(node, this.#nodes);
  }

  /** The node in which the first `length` ids end, or leave the tree, and how many are in it. `pass` is called for every node on the way. */
  #walk(
    ids: readonly number[],
    length: number,
    pass: (node: Node<S>) => void = () => undefined,
  ): { node: Node<S>; common: number } {
    let node = this.#root;
    for (let common = 0; ;) {
      pass(node);
      const end = Math.min(length, node.start + node.ids.length);
      while (common < end && node.ids[common - node.start] === ids[common]) common++;
      const isThrough = common === node.start + node.ids.length && common < length;
      const child = isThrough ? node.children.get(ids[common] as number) : undefined;
      if (!child) return { node, common };
      node = child;
    }
  }
}

/** A node ends at a position from now on, and one after it has the rest. */
function split<S>(node: Node<S>, at: number, nodes: Map<Mark<S>, Node<S>>): void {
  const rest: Node<S> = {
    start: at,
    ids: node.ids.splice(at - node.start),
    parent: node,
    children: new Map(node.children),
    marks: node.marks.filter(({ position }) => position > at),
  };
  for (const child of rest.children.values()) child.parent = rest;
  for (const mark of rest.marks) nodes.set(mark, rest);
  node.marks = node.marks.filter(({ position }) => position <= at);
  node.children.clear();
  node.children.set(rest.ids[0] as number, rest);
}

/** A node has what its only child had. */
function join<S>(node: Node<S>, nodes: Map<Mark<S>, Node<S>>): void {
  const [child] = node.children.values() as IterableIterator<Node<S>>;
  if (!child) return;
  node.ids.push(...child.ids);
  node.marks.push(...child.marks);
  for (const mark of child.marks) nodes.set(mark, node);
  node.children.clear();
  for (const [id, grandchild] of child.children) {
    grandchild.parent = node;
    node.children.set(id, grandchild);
  }
}

/**
 * Of states along one text, in ascending order of positions, the one that is missed least: its neighbours are closest together for its
 * distance from the last one. The last one goes before those that are pinned, and after all others.
 */
export function leastMissed<M extends Pick<Mark<unknown>, 'position' | 'pinned'>>(
  marks: readonly M[],
): M | undefined {
  const tip = marks.at(-1)?.position ?? 0;
  let victim: M | undefined;
  let least = Infinity;
  for (const [i, mark] of marks.slice(0, -1).entries()) {
    if (mark.pinned) continue;
    const before = marks[i - 1]?.position ?? 0;
    const after = marks[i + 1]?.position ?? tip;
    const gap = (after - before) / (tip - mark.position + 1);
    if (gap < least) {
      least = gap;
      victim = mark;
    }
  }
  return victim ?? (marks.at(-1)?.pinned ? marks[0] : marks.at(-1));
}

/** What goes when all states take too much: of what was read ahead, down to one; then of the text that was used longest ago. */
export function firstToGo<M extends Mark<unknown>>(marks: Iterable<M>): M | undefined {
  const texts = new Map<number, M[]>();
  for (const mark of marks) texts.set(mark.lastUsed, [...(texts.get(mark.lastUsed) ?? []), mark]);
  const byUse = [...texts].sort(([a], [b]) => a - b).map(([, ofText]) => ofText);
  const giver = byUse.find(of => of.length > 1 && of.every(({ ahead }) => ahead)) ?? byUse[0];
  return giver && leastMissed(giver.toSorted((a, b) => a.position - b.position));
}
