// Changes to a JSON document by its structure: values replaced, removed, moved, wrapped, written twice under one key.
import fc, { type Arbitrary } from 'fast-check';
import { mutatedBytes } from './byte_mutations.ts';
import { hostileJson, hostileString } from './hostile.ts';

/** `node` picks a value of the document; `other` a second one. */
type Change =
  | { change: 'replace'; node: number; text: string }
  | { change: 'remove'; node: number }
  | { change: 'twice'; node: number; text: string }
  | { change: 'rename'; node: number; key: string }
  | { change: 'copy'; node: number; other: number }
  | { change: 'wrap'; node: number; before: string; after: string };

/** Text that is put into the document as it is. */
class Raw {
  constructor(readonly text: string) {}
}
class Members {
  constructor(readonly list: { key: string; value: Node }[]) {}
}
type Node = Raw | Members | Node[] | string | number | boolean | null;

/** Where a value stands: in what, and at which index of it. */
interface Place {
  parent: Members | Node[];
  index: number;
}

/** The text of a document after one to three changes, at times with bytes changed after that. */
export function mutatedJson(document: unknown): Arbitrary<Uint8Array> {
  const node = fc.nat(1 << 20);
  const oneChange: Arbitrary<Change> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ change: fc.constant('replace' as const), node, text: hostileJson }) },
    { weight: 2, arbitrary: fc.record({ change: fc.constant('remove' as const), node }) },
    { weight: 1, arbitrary: fc.record({ change: fc.constant('twice' as const), node, text: hostileJson }) },
    { weight: 1, arbitrary: fc.record({ change: fc.constant('rename' as const), node, key: hostileString }) },
    { weight: 2, arbitrary: fc.record({ change: fc.constant('copy' as const), node, other: node }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(node, fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[[', ',0]]']))
        .map(([at, [before, after]]) => ({
          change: 'wrap' as const,
          node: at,
          before: before,
          after: after,
        })),
    },
  );
  const structural = fc
    .array(oneChange, { minLength: 1, maxLength: 3 })
    .map(list => new TextEncoder().encode(changed(document, list)));
  return fc.oneof(
    { weight: 9, arbitrary: structural },
    {
      weight: 1,
      arbitrary: structural.chain(bytes => mutatedBytes({ bytes, places: [], headBytes: bytes.byteLength })),
    },
  );
}

function changed(document: unknown, list: readonly Change[]): string {
  // The document is the only item of a list, so that it too has a place.
  const root = [toNode(document)];
  for (const one of list) {
    const all = places(root);
    if (all.length === 0) break;
    // What is deep inside large lists is the most: half of the picks are among the first places.
    const pick = (n: number) =>
      all[n % 2 === 0 ? (n >> 1) % all.length : (n >> 1) % Math.min(all.length, 40)] as Place;
    change(pick(one.node), one, () => read(pick((one as { other?: number }).other ?? 0)));
  }
  return root.map(write).join();
}

function change(place: Place, one: Change, other: () => Node): void {
  const { parent, index } = place;
  const members = parent instanceof Members ? parent.list : undefined;
  switch (one.change) {
    case 'replace':
      return put(place, new Raw(one.text));
    case 'remove':
      (members ?? (parent as Node[])).splice(index, 1);
      return;
    case 'twice':
      members?.push({ key: (members[index] as { key: string }).key, value: new Raw(one.text) });
      return;
    case 'rename':
      if (members) members[index] = { key: one.key, value: read(place) };
      return;
    case 'copy':
      return put(place, new Raw(write(other())));
    case 'wrap':
      return put(place, new Raw(one.before + write(read(place)) + one.after));
  }
}

function read({ parent, index }: Place): Node {
  return parent instanceof Members ? (parent.list[index] as { value: Node }).value : (parent[index] as Node);
}

function put({ parent, index }: Place, value: Node): void {
  if (parent instanceof Members) (parent.list[index] as { value: Node }).value = value;
  else parent[index] = value;
}

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return value.map(toNode);
  if (typeof value !== 'object' || value === null) return value as Node;
  return new Members(Object.entries(value).map(([key, inner]) => ({ key, value: toNode(inner) })));
}

/** Breadth first, so that what is near the root comes first. */
function places(root: Node[]): Place[] {
  const found: Place[] = [];
  const addAll = (node: Node) => {
    if (!(node instanceof Members) && !Array.isArray(node)) return;
    const count = node instanceof Members ? node.list.length : node.length;
    for (let index = 0; index < count; index++) found.push({ parent: node, index });
  };
  addAll(root);
  for (let i = 0; i < found.length; i++) addAll(read(found[i] as Place));
  return found;
}

function write(node: Node): string {
  if (node instanceof Raw) return node.text;
  if (node instanceof Members)
    return `{${node.list.map(({ key, value }) => `${JSON.stringify(key)}:${write(value)}`).join()}}`;
  return Array.isArray(node) ? `[${node.map(write).join()}]` : JSON.stringify(node);
}
