// Which items of a suggestion list match what was typed, best first. Pure.
import fuzzysort from 'fuzzysort';

/** What a suggestion list offers. */
export interface SuggestItem {
  /** Unique in its list. */
  id: string;
  label: string;
  /** What follows the label: the arguments of a command, the folder of a file. */
  hint?: string;
  /** A second line; searched as well. */
  detail?: string;
}
/** An item with its label cut into pieces that match and pieces that do not. */
export interface SuggestMatch<Item extends SuggestItem = SuggestItem> {
  item: Item;
  pieces: { text: string; matched: boolean }[];
}

/** A match in the second line counts this much of one in the label. */
const detailWeight = 0.5;

/** All items in their own order when nothing is typed, else those that match, best first. */
export function matchItems<Item extends SuggestItem>(
  items: readonly Item[],
  query: string,
): SuggestMatch<Item>[] {
  const wanted = query.trim();
  if (wanted === '') return items.map(item => ({ item, pieces: [{ text: item.label, matched: false }] }));
  const results = fuzzysort.go<Item>(wanted, items, {
    keys: ['label', 'detail'],
    limit: 0,
    threshold: 0.2,
    scoreFn: ([label, detail]) => Math.max(label?.score ?? 0, (detail?.score ?? 0) * detailWeight),
  });
  return results.map(result => ({
    item: result.obj,
    pieces: piecesOf(result.obj.label, result[0]?.indexes),
  }));
}

function piecesOf(label: string, indexes: readonly number[] = []): SuggestMatch['pieces'] {
  const matched = new Set(indexes);
  const pieces: SuggestMatch['pieces'] = [];
  for (let at = 0; at < label.length; at++) {
    const last = pieces.at(-1);
    const character = label.charAt(at);
    if (last?.matched === matched.has(at)) last.text += character;
    else pieces.push({ text: character, matched: matched.has(at) });
  }
  return pieces;
}
